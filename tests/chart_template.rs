//! The corpus: small templates, each with what Helm's own library makes of it.
//!
//! The templates are under `tests/chart/cases`, one file a topic; Helm's answers are checked in beside
//! them. With `PLATCTL_PEERS=1` Helm is asked again, so that the answers cannot grow stale; with
//! `PLATCTL_BLESS=1` as well they are written anew.

#[path = "chart/support.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use support::{Files, Oracle, Rendered, render};

/// A case with Helm's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Golden {
    template: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

fn folder() -> PathBuf {
    Path::new(file!()).canonicalize().map_or_else(
        |_| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chart"),
        |file| file.with_file_name("chart"),
    )
}

/// The topics with their cases: blocks of text between lines of `%%`.
fn topics() -> Vec<(String, Vec<String>)> {
    let mut topics = Vec::new();
    for entry in std::fs::read_dir(folder().join("cases")).expect("the cases are there") {
        let path = entry.expect("readable").path();
        let text = std::fs::read_to_string(&path).expect("readable");
        let cases = text.split("\n%%\n").map(|case| case.trim_end_matches('\n').to_owned());
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        topics.push((name, cases.filter(|case| !case.is_empty()).collect()));
    }
    topics.sort();
    topics
}

/// One file, or several if lines of `## path` begin them.
fn files(case: &str) -> Files {
    let mut files = Files::new();
    let mut name = "templates/a.yaml".to_owned();
    let mut text = String::new();
    for line in case.split_inclusive('\n') {
        if let Some(next) = line.strip_prefix("## ") {
            if !text.is_empty() {
                files.insert(name, std::mem::take(&mut text));
            }
            name = next.trim().to_owned();
        } else {
            text.push_str(line);
        }
    }
    files.insert(name, text);
    files
}

fn values() -> serde_json::Value {
    serde_json::from_str(include_str!("chart/values.json")).expect("JSON")
}

fn golden_path(topic: &str) -> PathBuf {
    folder().join("golden").join(format!("{topic}.json"))
}

fn golden(template: &str, answer: Rendered) -> Golden {
    let template = template.to_owned();
    match answer {
        Ok(output) => Golden { template, output: Some(output), error: None },
        // What Helm says of a recursion is very long.
        Err(error) => Golden { template, output: None, error: Some(error.chars().take(200).collect()) },
    }
}

fn differences(topic: &str, known: &[Golden]) -> Vec<String> {
    let values = values();
    let mut found = Vec::new();
    for case in known {
        let ours = render(&files(&case.template), &values);
        let same = match (&ours, &case.output) {
            (Ok(ours), Some(theirs)) => ours == theirs,
            (Err(_), None) => true,
            _ => false,
        };
        if !same {
            let theirs = case.output.as_ref().map(|text| format!("{text:?}")).or(case.error.clone());
            found.push(format!(
                "{topic}: {}\n  helm: {}\n  ours: {ours:?}",
                case.template,
                theirs.unwrap_or_default()
            ));
        }
    }
    found
}

#[test]
fn the_corpus_renders_as_in_helm() {
    let mut found = Vec::new();
    let mut count = 0;
    for (topic, cases) in topics() {
        if std::env::var_os("PLATCTL_BLESS").is_some() {
            continue;
        }
        let text = std::fs::read_to_string(golden_path(&topic)).expect("Helm's answers are there");
        let known: Vec<Golden> = serde_json::from_str(&text).expect("JSON");
        let templates: Vec<&String> = known.iter().map(|case| &case.template).collect();
        assert_eq!(templates, cases.iter().collect::<Vec<_>>(), "{topic}: bless the answers anew");
        count += cases.len();
        found.extend(differences(&topic, &known));
    }
    println!("{count} cases, {} differ", found.len());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn helm_still_answers_the_same() {
    if !support::peers() {
        println!("skipped: PLATCTL_PEERS is not 1");
        return;
    }
    let mut oracle = Oracle::start();
    let values = values();
    for (topic, cases) in topics() {
        let answers: Vec<Golden> =
            cases.iter().map(|case| golden(case, oracle.render(&files(case), &values))).collect();
        if std::env::var_os("PLATCTL_BLESS").is_some() {
            let text = serde_json::to_string_pretty(&answers).expect("JSON");
            std::fs::write(golden_path(&topic), text + "\n").expect("writable");
            continue;
        }
        let text = std::fs::read_to_string(golden_path(&topic)).expect("Helm's answers are there");
        let known: Vec<Golden> = serde_json::from_str(&text).expect("JSON");
        for (answer, known) in answers.iter().zip(&known) {
            assert_eq!(answer.output, known.output, "{topic}: {}", known.template);
        }
    }
}
