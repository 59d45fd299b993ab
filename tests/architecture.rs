//! Which room may use which: the `crate::` paths of every source file, held against the table.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, and what each may use besides itself.
const TABLE: &[(&str, &[&str])] = &[
    ("main.rs", &["cli"]),
    ("lib.rs", &[]),
    (
        "cli",
        &[
            "apply",
            "blueprint",
            "chart",
            "config",
            "graph",
            "image",
            "inspect",
            "model",
            "plan",
            "provider",
            "release",
            "state",
            "ui",
        ],
    ),
    ("ui", &["model", "plan", "apply"]),
    ("config", &["model", "chart"]),
    ("blueprint", &["model", "config"]),
    ("model", &[]),
    ("graph", &["model"]),
    ("plan", &["model", "graph", "state"]),
    ("state", &["model", "graph"]),
    ("inspect", &["model", "config", "state", "provider"]),
    ("provider", &["model", "chart", "release"]),
    ("apply", &["model", "graph", "plan", "state", "provider"]),
    ("image", &["model"]),
    ("chart", &[]),
    ("release", &["model", "chart", "config"]),
];

/// Crates that only some rooms may use: the cloud's and the cluster's clients.
const CLIENTS: &[(&str, &[&str])] = &[
    ("aws_", &["provider", "cli"]),
    ("kube", &["provider", "inspect", "cli"]),
    ("reqwest", &["provider"]),
    ("oci_client", &["provider"]),
    ("platctl_sandbox", &["cli"]),
    ("clap", &["cli"]),
];

/// Paths that stay inside one part of a room.
const PARTS: &[(&str, &str)] = &[("apply", "crate::provider::aws"), ("apply", "crate::state::store::Local")];

/// What is wrong with a file of a room.
fn faults(room: &str, text: &str) -> Vec<String> {
    let allowed: BTreeMap<&str, &[&str]> = TABLE.iter().copied().collect();
    let Some(may) = allowed.get(room) else { return vec![format!("`{room}` is not in the table")] };
    let mut faults = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for used in names_after(line, "crate::").chain(names_after(line, "platctl::")) {
            let is_room = TABLE.iter().any(|(name, _)| *name == used);
            if is_room && used != room && !may.contains(&used) {
                faults.push(format!("{room} uses {used}: {}", line.trim()));
            }
        }
        for (client, rooms) in CLIENTS {
            let uses = line.trim_start().strip_prefix("use ").is_some_and(|path| path.starts_with(client))
                || line.contains(&format!(" {client}::"));
            if uses && !rooms.contains(&room) {
                faults.push(format!("{room} uses the crate {client}: {}", line.trim()));
            }
        }
        for (inside, path) in PARTS {
            if room == *inside && line.contains(path) {
                faults.push(format!("{room} uses {path}: {}", line.trim()));
            }
        }
    }
    faults
}

/// The names that follow a prefix, also in a group (`use crate::{a, b::c}`).
fn names_after<'a>(line: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(prefix).flat_map(move |(at, _)| {
        let rest = &line[at + prefix.len()..];
        let group = rest.strip_prefix('{').map(|group| group.split([',', '}', '{']).collect());
        let parts: Vec<&str> = group.unwrap_or_else(|| vec![rest]);
        parts.into_iter().map(|part| {
            let part = part.trim_start();
            part.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or(part)
        })
    })
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_room_uses_only_what_the_table_allows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = sources(&root);
    assert!(files.len() > 100, "only {} files were found", files.len());
    let mut wrong = Vec::new();
    for path in files {
        let inside = path.strip_prefix(&root).unwrap();
        let room = inside.components().next().unwrap().as_os_str().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        wrong.extend(faults(&room, &text).into_iter().map(|fault| format!("{}: {fault}", inside.display())));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_planted_violation_is_found() {
    for (room, line) in [
        ("model", "use crate::provider::Error;"),
        ("plan", "    let x = crate::provider::aws::Aws::new();"),
        ("plan", "use crate::{model::Address, apply::Run};"),
        ("apply", "use crate::provider::aws::Aws;"),
        ("apply", "use aws_sdk_ec2::Client;"),
        ("chart", "use crate::model::Address;"),
        ("ui", "use crate::state::State;"),
        ("provider", "use crate::plan::Plan;"),
        ("nowhere", ""),
    ] {
        assert_eq!(faults(room, line).len(), 1, "{room}: {line}");
    }
    for (room, line) in [
        ("plan", "use crate::model::Address;"),
        ("plan", "// crate::provider is not for us"),
        ("cli", "use crate::ui;"),
    ] {
        assert_eq!(faults(room, line), Vec::<String>::new());
    }
}

/// `scripts/bench/chart-engine` compiles the room of charts by itself: it must have whatever crates the room uses.
#[test]
fn the_benchmark_of_charts_has_the_crates_that_charts_use() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = |file: &Path| -> Vec<String> {
        let manifest: toml::Table = fs::read_to_string(file).unwrap().parse().unwrap();
        manifest["dependencies"].as_table().unwrap().keys().cloned().collect()
    };
    let has = names(&root.join("scripts/bench/chart-engine/Cargo.toml"));
    let texts: Vec<String> =
        sources(&root.join("src/chart")).iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let uses = |name: &String| {
        let path = format!("{}::", name.replace('-', "_"));
        texts.iter().flat_map(|text| text.lines()).any(|line| {
            let starts =
                |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            !line.trim_start().starts_with("//") && line.match_indices(&path).any(|(at, _)| starts(at))
        })
    };
    let used: Vec<String> = names(&root.join("Cargo.toml")).into_iter().filter(uses).collect();
    assert!(used.len() > 15, "{used:?}");
    let lacks: Vec<&String> = used.iter().filter(|name| !has.contains(name)).collect();
    assert!(lacks.is_empty(), "{lacks:?}");
}
