//! What a person reads when a template fails: where, by which calls, what was nil, and what may help.

#[path = "chart/support.rs"]
mod support;

use platctl::chart::template::{Bounds, Error, ErrorKind, Options};
use support::{Files, render, render_with};

fn values() -> serde_json::Value {
    serde_json::from_str(include_str!("chart/values.json")).expect("JSON")
}

fn files(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(name, text)| (format!("templates/{name}"), (*text).to_owned())).collect()
}

fn fail(templates: &[(&str, &str)]) -> Box<Error> {
    render_with(&files(templates), &values(), Options::default()).expect_err("it fails")
}

#[test]
fn a_nil_on_the_way_is_named_with_its_place() {
    let error = fail(&[("a.yaml", "kind: X\nname: {{ .Values.mapp.c.d }}\n")]);
    assert_eq!(error.kind, ErrorKind::Execution);
    assert_eq!(error.nil.as_deref(), Some(".Values.mapp"));
    assert_eq!(error.hint.as_deref(), Some("did you mean \"map\"?"));
    let frame = &error.frames[0];
    assert_eq!((frame.file.as_str(), frame.line, frame.column), ("c/templates/a.yaml", 2, 10));
    assert_eq!(frame.expression, ".Values.mapp.c.d");
    assert_eq!(
        error.to_string(),
        "c/templates/a.yaml:2:10 at <.Values.mapp.c.d>: nil pointer evaluating interface {}.c \
         (.Values.mapp is nil)\n  hint: did you mean \"map\"?"
    );
}

#[test]
fn a_file_that_is_no_template_is_told_before_what_others_do() {
    // The files are taken from the last to the first; of two that are none the first is told.
    let failing = ("c.yaml", "{{ fail \"no luck\" }}");
    let error = fail(&[failing, ("b.yaml", "{{ if }}"), ("a.yaml", "{{ nope }}")]);
    assert_eq!((error.kind, error.frames[0].file.as_str()), (ErrorKind::Parse, "c/templates/b.yaml"));
    let error = fail(&[failing, ("b.yaml", "{{ if }}"), ("_h.tpl", "{{ define \"h\" }}{{ nope }}{{ end }}")]);
    assert_eq!((error.kind, error.frames[0].file.as_str()), (ErrorKind::Parse, "c/templates/b.yaml"));
}

#[test]
fn the_calls_through_includes_are_told() {
    let error = fail(&[
        (
            "_h.tpl",
            "{{ define \"inner\" }}\n{{ fail \"no luck\" }}{{ end }}{{ define \"outer\" }}{{ include \"inner\" . }}{{ end }}",
        ),
        ("a.yaml", "x\n{{ template \"outer\" . }}"),
    ]);
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Refused, "no luck"));
    let chain: Vec<_> = error
        .frames
        .iter()
        .map(|frame| (frame.file.as_str(), frame.template.as_deref(), frame.line))
        .collect();
    assert_eq!(
        chain,
        [
            ("c/templates/_h.tpl", Some("inner"), 2),
            ("c/templates/_h.tpl", Some("outer"), 2),
            ("c/templates/a.yaml", None, 2),
        ]
    );
}

#[test]
fn a_required_value_is_named() {
    let error = fail(&[("a.yaml", "{{ required \"set the host\" .Values.host }}")]);
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Refused, "set the host"));
    assert_eq!(error.nil.as_deref(), Some(".Values.host"));
}

#[test]
fn a_misspelt_function_or_template_is_guessed() {
    let error = fail(&[("a.yaml", "a\n b {{ toYml .Values }}")]);
    assert_eq!((error.kind, error.frames[0].line, error.frames[0].column), (ErrorKind::Parse, 2, 7));
    assert_eq!(error.hint.as_deref(), Some("did you mean \"toYaml\"?"));
    let error = fail(&[("a.yaml", "{{ define \"app.name\" }}x{{ end }}{{ include \"app.nmae\" . }}")]);
    assert_eq!(error.hint.as_deref(), Some("did you mean \"app.name\"?"));
}

#[test]
fn a_strict_engine_refuses_missing_keys() {
    let options = Options { strict: true, ..Options::default() };
    let templates = files(&[("a.yaml", "{{ .Values.nope }}")]);
    assert!(render(&templates, &values()).is_ok());
    let error = render_with(&templates, &values(), options).expect_err("it fails");
    assert_eq!(error.message, "map has no entry for key \"nope\"");
}

#[test]
fn lint_lets_required_and_fail_pass() {
    let options = Options { lint: true, ..Options::default() };
    let templates = files(&[("a.yaml", "{{ required \"x\" .Values.nope }}{{ fail \"y\" }}ok")]);
    let rendered = render_with(&templates, &values(), options).expect("it renders");
    assert_eq!(rendered["c/templates/a.yaml"], "ok");
}

#[test]
fn bounds_are_told_as_such() {
    let bounds = Bounds { steps: 1_000, ..Bounds::default() };
    let options = Options { bounds, ..Options::default() };
    let templates = files(&[("a.yaml", "{{ range until 2000 }}{{ . }}{{ end }}")]);
    let error = render_with(&templates, &values(), options).expect_err("it fails");
    assert_eq!(error.kind, ErrorKind::Bound);
    let error = fail(&[("a.yaml", "{{ define \"r\" }}{{ include \"r\" . }}{{ end }}{{ include \"r\" . }}")]);
    assert_eq!(error.kind, ErrorKind::Bound);
    assert!(error.frames.len() <= 41, "the chain is cut in the middle");
}
