//! The configuration from outside: the environments of this repository, those that `init` writes, a report for
//! every kind of bad input, and files broken by chance.

#![allow(clippy::unwrap_used, reason = "what is not as expected fails the test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use platctl::config::{self, Findings, Folder, Loaded, Memory, Origins, Style};
use proptest::prelude::*;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn repository() -> Folder {
    Folder::new(root().join("environments"))
}

fn load(files: &dyn config::Files, environment: &str) -> Loaded {
    config::load(files, environment).unwrap_or_else(|findings| panic!("{}", findings.render(Style::Plain)))
}

#[test]
fn the_environments_of_this_repository_are_right() {
    let names = config::environments(&repository()).unwrap();
    assert_eq!(names, ["dev", "prod", "staging"]);
    let all = config::load_all(&repository(), &names).unwrap();
    for loaded in all {
        assert!(loaded.warnings.is_empty(), "{}", loaded.warnings.render(Style::Plain));
    }
    assert!(load(&repository(), "prod").platform.settings.protect);
}

fn templates() -> Memory {
    config::templates()
        .iter()
        .filter_map(|template| Some((template.path.strip_prefix("environments/")?, template.text)))
        .filter_map(|(name, text)| Some((name.strip_suffix(".toml")?, text)))
        .collect()
}

#[test]
fn what_init_writes_is_right() {
    let names = config::environments(&templates()).unwrap();
    assert_eq!(names, ["dev", "prod", "staging"]);
    for loaded in config::load_all(&templates(), &names).unwrap() {
        assert!(loaded.warnings.is_empty(), "{}", loaded.warnings.render(Style::Plain));
    }
}

/// The files of a scenario: each starts with a line `=== NAME.toml`, or `=== NAME.yaml` for a file of values.
fn scenario(text: &str) -> Memory {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut name = String::new();
    for line in text.lines() {
        match line.strip_prefix("=== ").map(|rest| rest.strip_suffix(".toml").unwrap_or(rest)) {
            Some(next) => next.clone_into(&mut name),
            None => {
                let file = files.entry(name.clone()).or_default();
                file.push_str(line);
                file.push('\n');
            }
        }
    }
    files.into_iter().collect()
}

fn scenarios() -> Vec<(String, Memory)> {
    let folder = root().join("tests/config/scenarios");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), scenario(&std::fs::read_to_string(path).unwrap()))).collect()
}

#[test]
fn every_kind_of_bad_input_is_reported_as_checked_in() {
    for (name, files) in scenarios() {
        let findings = match config::load(&files, "dev") {
            Ok(loaded) => loaded.warnings,
            Err(findings) => findings,
        };
        assert!(!findings.is_empty(), "{name} is not bad");
        assert_located(&findings);
        insta::assert_snapshot!(format!("report-{name}"), findings.render(Style::Plain));
    }
}

#[test]
fn a_report_for_programs_and_one_in_colours() {
    let (_, files) = scenarios().into_iter().find(|(name, _)| name == "across-files").unwrap();
    let findings = config::load(&files, "dev").unwrap_err();
    insta::assert_snapshot!("report-as-json", format!("{:#}", findings.to_json()));
    let colours = findings.render(Style::Colour);
    assert!(colours.contains("\u{1b}["));
}

#[test]
fn names_of_environments_are_checked() {
    let text = "[aws]\nregion = \"eu-central-1\"\n[network]\ncidr = \"10.0.0.0/16\"\n";
    for bad in ["sandbox", "Dev", "1st", "dev_1", "dev-eks", "a--b", "a-name-that-is-much-too-long"] {
        let files: Memory = [(bad, text)].into_iter().collect();
        let findings = config::load(&files, bad).unwrap_err();
        assert_eq!(findings.list[0].code, "environment-name", "{bad}");
    }
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let files: Memory = [("dev", "")].into_iter().collect();
    let findings = config::load(&files, "dve").unwrap_err();
    insta::assert_snapshot!("no-such-environment", findings.render(Style::Plain));
    let folder = Folder::new("no/such/folder");
    assert!(config::environments(&folder).is_err());
    assert!(config::load(&folder, "dev").is_err());
}

#[test]
fn bytes_that_are_no_text_are_found_where_they_stand() {
    let files: Memory = [("dev", b"[aws]\nregion = \"\xff\"\n".to_vec())].into_iter().collect();
    let findings = config::load(&files, "dev").unwrap_err();
    assert_eq!(findings.position(&findings.list[0]).to_string(), "environments/dev.toml:2:11");
    assert!(findings.render(Style::Plain).contains("not UTF-8"));
}

#[test]
fn networks_that_overlap_are_told_when_environments_are_side_by_side() {
    let text = "[aws]\nregion = \"eu-central-1\"\n[network]\ncidr = \"10.0.0.0/16\"\n";
    let files: Memory = [("dev", text), ("prod", text)].into_iter().collect();
    let all = config::load_all(&files, &["dev".to_owned(), "prod".to_owned()]).unwrap();
    let codes: Vec<&str> = all[1].warnings.list.iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&"overlapping-environments"), "{codes:?}");
}

#[test]
fn the_repository_of_a_service_that_is_switched_off_is_kept_by_its_name() {
    let text = |enabled: bool| {
        format!(
            "[aws]\nregion = \"eu-central-1\"\n[network]\ncidr = \"10.0.0.0/16\"\n[registry]\n\
             repositories = [\"web\"]\n[services.web]\nenabled = {enabled}\npath = \"web\"\nport = 80\n"
        )
    };
    let files = |enabled| -> Memory { [("dev", text(enabled))].into_iter().collect() };
    load(&files(false), "dev");
    let findings = config::load(&files(true), "dev").unwrap_err();
    assert_eq!(findings.list.iter().filter(|finding| finding.code == "duplicate-name").count(), 1);
}

#[test]
fn effective_settings_tell_where_each_value_comes_from() {
    let files: Memory = [
        (
            "dev",
            "extends = \"common\"\n[network]\ncidr = \"10.1.0.0/16\"\n[[cluster.node_groups]]\nname = \"general\"\nmax = 9\n",
        ),
        (
            "common",
            "base = true\n[aws]\nregion = \"eu-central-1\"\n[network]\ncidr = \"10.0.0.0/16\"\nzones = [\"a\", \"b\"]\n\
             [[cluster.node_groups]]\nname = \"general\"\ninstance_types = [\"m6i.large\"]\nmax = 5\n",
        ),
    ]
    .into_iter()
    .collect();
    let effective = config::effective(&load(&files, "dev"));
    insta::assert_snapshot!("effective", effective.to_toml(Origins::Shown));
    let origin = |path: &str| {
        let line = effective.lines.iter().find(|line| line.path.to_string() == path).unwrap();
        line.origin.as_ref().map(ToString::to_string)
    };
    assert_eq!(origin("network.cidr").as_deref(), Some("environments/dev.toml:3:8"));
    assert_eq!(origin("network.zones").as_deref(), Some("environments/common.toml:6:9"));
    assert_eq!(origin("cluster.node_groups[0].max").as_deref(), Some("environments/dev.toml:6:7"));
    assert_eq!(
        origin("cluster.node_groups[0].instance_types").as_deref(),
        Some("environments/common.toml:9:18")
    );
    assert_eq!(origin("cluster.addons[0].name").as_deref(), Some("built-in defaults:7:8"));
    assert_eq!(origin("cluster.node_groups[0].disk_gib"), None);
}

#[test]
fn files_of_values_stand_below_the_values() {
    let environment = "[aws]\nregion = \"eu-central-1\"\n[network]\ncidr = \"10.0.0.0/16\"\n\
        [components.logging]\nvalues_files = [\"values/a.yaml\", \"values/b.yaml\"]\n\
        [components.logging.values]\ndeep.own = 1\ntext = \"toml\"\n";
    let files: Memory = [
        ("dev", environment),
        ("values/a.yaml", "deep: {a: 1, b: 1.5, own: 0}\ntext: a\nonly: [yes]\nnothing: 1\n"),
        ("values/b.yaml", "deep: {b: null}\ntext: b\n---\nnothing: ~\n"),
    ]
    .into_iter()
    .collect();
    assert_eq!(config::environments(&files).unwrap(), ["dev"]);
    let loaded = load(&files, "dev");
    let values = &loaded.platform.settings.components.logging.values;
    let expected = serde_json::json!({
        "deep": {"a": 1.0, "b": null, "own": 1}, "text": "toml", "only": [true], "nothing": null
    });
    assert_eq!(serde_json::json!(values), expected);
    // What is shown is what was written.
    let shown = config::effective(&loaded).to_toml(Origins::Shown);
    assert!(shown.contains("values/a.yaml") && !shown.contains("only"), "{shown}");
}

#[test]
fn effective_settings_mean_the_same_when_they_are_read_again() {
    for name in ["dev", "staging", "prod"] {
        let loaded = load(&repository(), name);
        let text = config::effective(&loaded).to_toml(Origins::Hidden);
        let files: Memory = [(name, text)].into_iter().collect();
        assert_eq!(load(&files, name).platform.settings, loaded.platform.settings);
    }
}

/// Every finding names a place that exists.
fn assert_located(findings: &Findings) {
    for finding in &findings.list {
        let position = findings.position(finding);
        assert!(!position.file.is_empty(), "{finding:?}");
        let lines = findings.sources.text(finding.place.file).split('\n').count();
        assert!((1..=lines).contains(&position.line), "{position} of {lines} lines: {finding:?}");
        assert!(finding.place.end <= findings.sources.text(finding.place.file).len(), "{finding:?}");
    }
}

/// One change to a text: something cut out, doubled, replaced or put in.
#[derive(Clone, Debug)]
enum Mutation {
    Cut(prop::sample::Index, usize),
    Double(prop::sample::Index, usize),
    Insert(prop::sample::Index, String),
    SwapLines(prop::sample::Index, prop::sample::Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let piece = prop_oneof![
        "[a-z_.=\\[\\]{}\"', \n0-9-]{1,12}",
        "\\PC{1,3}",
        Just("extends = \"dev\"\n".to_owned()),
        Just("extends = \"common\"\n".to_owned()),
        Just("[[cluster.node_groups]]\n".to_owned()),
        Just("\"\"\"".to_owned()),
        Just("99999999999999999999".to_owned()),
        Just("1979-05-27".to_owned()),
        Just("-1".to_owned()),
        Just("nan".to_owned()),
        Just("[]".to_owned()),
    ];
    prop_oneof![
        (any::<prop::sample::Index>(), 1..40usize).prop_map(|(at, length)| Mutation::Cut(at, length)),
        (any::<prop::sample::Index>(), 1..80usize).prop_map(|(at, length)| Mutation::Double(at, length)),
        (any::<prop::sample::Index>(), piece).prop_map(|(at, text)| Mutation::Insert(at, text)),
        (any::<prop::sample::Index>(), any::<prop::sample::Index>())
            .prop_map(|(a, b)| Mutation::SwapLines(a, b)),
    ]
}

fn apply(text: &mut Vec<u8>, mutation: &Mutation) {
    let at = |index: &prop::sample::Index, text: &[u8]| index.index(text.len() + 1);
    match mutation {
        Mutation::Cut(index, length) => {
            let from = at(index, text);
            text.drain(from..(from + length).min(text.len()));
        }
        Mutation::Double(index, length) => {
            let from = at(index, text);
            let piece = text[from..(from + length).min(text.len())].to_vec();
            text.splice(from..from, piece);
        }
        Mutation::Insert(index, piece) => {
            let from = at(index, text);
            text.splice(from..from, piece.bytes());
        }
        Mutation::SwapLines(a, b) => {
            let mut lines: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.swap(a, b);
            *text = lines.join(&b'\n');
        }
    }
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(root().join("environments").join(format!("{name}.toml"))).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// However files are broken: a platform or findings, every finding in its place, and a report of it all.
    #[test]
    fn broken_files_end_in_findings_that_name_a_place(
        of_dev in proptest::collection::vec(mutation(), 0..4),
        of_common in proptest::collection::vec(mutation(), 0..4),
        scenario in any::<prop::sample::Index>(),
        of_scenario in proptest::collection::vec(mutation(), 1..4),
    ) {
        let (mut dev, mut common) = (file("dev"), file("common"));
        of_dev.iter().for_each(|mutation| apply(&mut dev, mutation));
        of_common.iter().for_each(|mutation| apply(&mut common, mutation));
        try_to_load(&[("dev", dev), ("common", common)].into_iter().collect());
        let texts = scenario_texts();
        let mut text = texts[scenario.index(texts.len())].clone().into_bytes();
        of_scenario.iter().for_each(|mutation| apply(&mut text, mutation));
        try_to_load(&[("dev", text)].into_iter().collect());
    }
}

fn scenario_texts() -> Vec<String> {
    let folder = std::fs::read_dir(root().join("tests/config/scenarios")).unwrap();
    let text = |path: PathBuf| std::fs::read_to_string(path).unwrap().replace("=== dev.toml\n", "");
    folder.map(|entry| text(entry.unwrap().path())).filter(|text| !text.contains("===")).collect()
}

fn try_to_load(files: &Memory) {
    match config::load(files, "dev") {
        Ok(loaded) => {
            assert_located(&loaded.warnings);
            let _expanded = platctl::blueprint::expand(&loaded.platform);
        }
        Err(findings) => {
            assert!(findings.has_errors());
            assert_located(&findings);
            for style in [Style::Plain, Style::Colour] {
                assert!(!findings.render(style).is_empty());
            }
        }
    }
}

#[test]
fn the_reference_in_docs_is_up_to_date() {
    let checked_in = std::fs::read_to_string(root().join("docs/environment-file.md")).unwrap();
    let how = "cargo run -- schema --markdown > docs/environment-file.md";
    assert_eq!(checked_in.trim_end(), config::reference().trim_end(), "make it again: {how}");
}
