//! Each object knows the template and the line it came from: objects planted at known lines, through every
//! way a template can write.

#[path = "chart/support.rs"]
mod support;

#[path = "chart_support/mod.rs"]
mod helm;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use platctl::chart::render::{RenderError, RenderOptions, Rendered, render};
use platctl::chart::{Content, File, load, value};
use support::FixedHost;

fn try_rendered(files: &[(&str, &str)]) -> Result<Rendered, RenderError> {
    let mut all = vec![File::new("Chart.yaml", b"apiVersion: v2\nname: app\nversion: 1.0.0\n")];
    all.extend(files.iter().map(|(name, text)| File::new(*name, text.as_bytes())));
    let chart = load::from_files(all).expect("a chart");
    render(chart, &value::Object::new(), &RenderOptions::install("release", "space"), &FixedHost::new())
}

/// The place of each object and hook, by its name.
fn places(files: &[(&str, &str)]) -> BTreeMap<String, (String, usize)> {
    let sorted = try_rendered(files).expect("it renders").manifest;
    let hooks = sorted.hooks.into_iter().map(|hook| hook.object);
    let objects = sorted.objects.into_iter().chain(hooks);
    objects.map(|object| (object.name, (object.template, object.line))).collect()
}

/// Lines on which `@name@` stands, which is where the object of that name is planted.
fn planted(text: &str) -> BTreeMap<String, usize> {
    let marked = text.lines().enumerate().filter_map(|(at, line)| {
        let name = line.split('@').nth(1)?;
        Some((name.to_owned(), at + 1))
    });
    marked.collect()
}

const ALL_WAYS: &str = r#"{{- /* a comment
over two lines */ -}}

# what stands before an object belongs to it @first@
kind: ConfigMap
metadata: {name: first}
---
{{- if true }}

kind: ConfigMap  # @branch@
metadata: {name: branch}
{{- end }}
---
{{- with dict "a" .Values.missing }}
# {{ .a }}{{ .b }} what is taken out of the output moves what follows @missing@
kind: Secret
metadata: {name: missing}
---
kind: Secret  # @after-missing@
metadata: {name: after-missing}
{{- end }}
{{- range $at, $name := list "one" "two" }}
---
# @loop@
kind: Service
metadata: {name: loop-{{ $name }}}
{{- end }}
---
{{ include "object" "included" }}{{/* @included@ */}}
---
{{- template "object" "called" }}{{/* @called@ */}}
{{ define "inner" }}

---
{{ template "object" . }}
{{ end }}
{{ template "inner" "through-two" }}{{/* @through-two@ */}}
---
{{ tpl "\n\n\nkind: Pod\nmetadata: {name: text}" . }}{{/* @text@ */}}
---
{{ printf "%s" "kind: Pod" }}{{/* @printed@ */}}
metadata: {name: printed}
---
   {{ "" }}
kind: Job  # @hook@
metadata:
  name: hook
  annotations: {helm.sh/hook: pre-install}
---
{{ b64dec "I/8=" }} a byte that is no text @broken@
kind: Job
metadata: {name: broken}
---

kind: Job  # @last@
metadata: {name: last}
"#;

#[test]
fn every_object_knows_its_template_and_line() {
    let helper = "{{ define \"object\" }}\n\n\nkind: Service\nmetadata: {name: {{ . }}}\n{{ end }}\n";
    let found = places(&[("templates/all.yaml", ALL_WAYS), ("templates/_helpers.tpl", helper)]);
    let planted = planted(ALL_WAYS);
    assert_eq!(planted.len(), 13, "{planted:?}");
    for (name, line) in &planted {
        let names = if name == "loop" { vec!["loop-one", "loop-two"] } else { vec![name.as_str()] };
        for name in names {
            assert_eq!(found.get(name), Some(&("app/templates/all.yaml".to_owned(), *line)), "{name}");
        }
    }
    assert_eq!(found.len(), planted.len() + 1);
}

#[test]
fn objects_of_charts_inside_a_chart_name_their_own_template() {
    let found = places(&[
        ("charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.0.0\n"),
        ("charts/db/templates/a/b.yaml", "\n\nkind: Pod\nmetadata: {name: inner}\n"),
        ("templates/b.yaml", "kind: Pod\nmetadata: {name: outer}\n"),
    ]);
    assert_eq!(found["inner"], ("app/charts/db/templates/a/b.yaml".to_owned(), 3));
    assert_eq!(found["outer"], ("app/templates/b.yaml".to_owned(), 1));
}

#[test]
fn what_is_no_object_is_told_with_its_line_in_the_template() {
    let template = "{{- range until 3 }}\n---\nkind: Pod\n{{- end }}\n---\n{{ \"a: [\" }}\n";
    let error = try_rendered(&[("templates/a.yaml", template)]).expect_err("it is no YAML");
    assert!(
        error.to_string().contains("app/templates/a.yaml, in the document that line 6 begins"),
        "{error}"
    );
}

/// A chart with what its printing depends on: several kinds, comments, blank lines, charts inside it, no newline at
/// the end.
const PRINTED: &[(&str, &str)] = &[
    ("charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.0.0\n"),
    ("charts/db/templates/a/b.yaml", "\n\napiVersion: v1\nkind: Pod\nmetadata: {name: inner}\n\n\n"),
    ("templates/b.yaml", "# first\napiVersion: v1\nkind: Service\nmetadata: {name: outer}"),
    (
        "templates/a.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n\n  \n---\n# c\n\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\n   \n---   \napiVersion: a/v1\nkind: Zebra\nmetadata: {name: z}\n# Source: not/really\n",
    ),
    (
        "templates/hook.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: h, annotations: {helm.sh/hook: test}}\n",
    ),
    ("templates/NOTES.txt", "notes\n"),
    ("crds/c.yaml", "kind: CustomResourceDefinition\n"),
];

#[test]
fn objects_are_printed_with_their_sources_as_helm_prints_them() {
    if !helm::peers() {
        return;
    }
    let mut files: BTreeMap<&str, &str> = PRINTED.iter().copied().collect();
    files.insert("Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n");
    let theirs = helm::Oracle::start()
        .ask(&serde_json::json!({
            "op": "manifest", "files": files, "values": {}, "name": "release", "namespace": "space"
        }))
        .expect("Helm renders it");
    let ours = try_rendered(PRINTED).expect("it renders").manifest_text(false);
    assert_eq!(ours, theirs.as_str().expect("a manifest"));
    assert_eq!(ours.matches("---\n# Source: app/").count(), 5);
}

/// A chart whose files below `crds/` are read later; how often they are read is counted, and `broken` cannot be.
fn read_later(template: &str, broken: bool, crds: bool) -> (Result<Rendered, RenderError>, usize) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let data = Content::later(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        if broken { Err(io::Error::other("the disk is gone")) } else { Ok(b"kind: Later\n".to_vec()) }
    });
    let mut files = vec![File { name: "crds/a.yaml".to_owned(), data }];
    files.push(File::new("Chart.yaml", b"apiVersion: v2\nname: app\nversion: 1.0.0\n"));
    files.push(File::new("templates/a.yaml", template.as_bytes()));
    let chart = load::from_files(files).expect("a chart");
    let options = RenderOptions { crds, ..RenderOptions::install("release", "space") };
    let rendered = render(chart, &value::Object::new(), &options, &FixedHost::new());
    (rendered, count.load(Ordering::Relaxed))
}

#[test]
fn a_file_is_read_when_somebody_looks_at_it_and_once() {
    const LOOKS: &str =
        r#"kind: {{ (.Files.Get "crds/a.yaml" | fromYaml).kind }}{{ .Files.Get "crds/a.yaml" | len }}"#;
    let (rendered, count) = read_later("kind: Plain", false, false);
    assert_eq!((rendered.expect("it renders").crds.len(), count), (0, 0));
    let (rendered, count) = read_later(LOOKS, false, false);
    assert_eq!((rendered.expect("it renders").manifest.objects[0].kind.as_str(), count), ("Later12", 1));
    let (rendered, count) = read_later("kind: Plain", false, true);
    assert!(rendered.expect("it renders").manifest_text(true).contains("kind: Later"));
    assert_eq!(count, 1);
    for (template, crds) in [(LOOKS, false), ("{{ toYaml .Files | fail }}", false), ("kind: Plain", true)] {
        let error = read_later(template, true, crds).0.expect_err("it cannot be read").to_string();
        assert_eq!(error, "cannot read the chart's file crds/a.yaml: the disk is gone", "{template}");
    }
    assert!(read_later("kind: Plain", true, false).0.is_ok());
}

#[test]
fn what_loading_reads_is_not_read_later() {
    for (name, later) in [
        ("Chart.yaml", false),
        ("values.schema.json", false),
        ("templates/a.yaml", false),
        ("charts/sub.tgz", false),
        ("charts/sub/values.yaml", false),
        ("charts/sub/charts/x/templates/a.yaml", false),
        ("README.md", true),
        ("crds/a.yaml", true),
        ("charts/sub/charts/x/crds/a.yaml", true),
        ("Chart.yaml/x", true),
    ] {
        assert_eq!(load::is_only_shown(name), later, "{name}");
    }
}
