//! The sandbox before real clients (boto3, the AWS CLI) and beside other emulators (moto, ministack).
//!
//! Runs with `PLATCTL_PEERS=1` only; then a missing client is a failure, not a reason to skip.

use std::path::{Path, PathBuf};
use std::process::Command;

use platctl_sandbox::{Sandbox, Settings};
use serde_json::Value;

/// The checks of `aws_ops.py` without the two services that platctl does not use.
const CHECKS: u64 = 296;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The Python with the clients, or `None` where the peers were not asked for.
fn python() -> Option<PathBuf> {
    if std::env::var("PLATCTL_PEERS").as_deref() != Ok("1") {
        eprintln!("skipped: set PLATCTL_PEERS=1 to run against boto3 and the AWS CLI");
        return None;
    }
    let output = Command::new(root().join("scripts/sandbox-python")).output().expect("bash is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).trim().into())
}

/// Runs a script of `tests/peers` against a fresh world and gives its lines of JSON.
fn run(python: &Path, script: &str, arguments: &[&str]) -> Vec<Value> {
    let sandbox = Sandbox::start_blocking(Settings::default()).expect("the sandbox starts");
    let output = Command::new(python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(script))
        .arg(sandbox.url())
        .args(arguments)
        .env("SKIP_SERVICES", "dynamodb,organizations")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .expect("python runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    lines
}

fn all_checks_pass(region: &str) {
    let Some(python) = python() else { return };
    let lines = run(&python, "aws_ops.py", &[region]);
    let wrong: Vec<String> = lines
        .iter()
        .filter(|line| line["summary"].is_null())
        .filter(|line| {
            let checks = line["checks"].as_object().into_iter().flatten();
            line["ok"] != true || checks.clone().any(|(_, passed)| passed == false)
        })
        .map(|line| format!("{} {}: {} {}", line["service"], line["op"], line["error"], line["checks"]))
        .collect();
    let summary = &lines.last().expect("a summary comes last")["summary"];
    println!("sandbox: aws_ops.py in {region}: {} of {} right", summary["ok"], summary["total"]);
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(summary["total"], CHECKS);
}

#[test]
fn aws_ops_in_us_east_1() {
    all_checks_pass("us-east-1");
}

#[test]
fn aws_ops_in_eu_central_1() {
    all_checks_pass("eu-central-1");
}

/// Every modelled operation times every input member: read, or refused by a 501 that names it.
#[test]
fn no_member_is_ignored() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let table = folder.path().join("table");
    let lines = run(&python, "model_coverage.py", &["eu-west-1", &format!("--table={}", table.display())]);
    let summary = lines.last().expect("a summary comes last");
    println!(
        "sandbox: {} operations, {} members: {} read, {} refused by name, {} not judged; {} responses validated",
        summary["operations"],
        summary["members"],
        summary["read"],
        summary["refused"],
        summary["unjudged"],
        summary["responses_validated"],
    );
    for nothing in ["failed_scripts", "uncalled", "ignored", "invalid_responses"] {
        assert_eq!(summary[nothing], serde_json::json!([]), "{nothing}");
    }
    assert_eq!(
        summary["unjudged"], 0,
        "run model_coverage.py with --verbose to see which members were not judged"
    );
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    let table = std::fs::read_to_string(table).expect("the table was written");
    let current = readme.expect("README.md is there").ends_with(&format!("\n{table}"));
    assert!(current, "the list of operations in README.md is not current: run scripts/sandbox-readme");
}

fn path_of(script: &str) -> PathBuf {
    let output = Command::new(root().join(script)).output().expect("bash is there");
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().into()
}

/// A script for each service, by the AWS CLI.
#[test]
fn the_aws_cli_works_unchanged() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::start_blocking(Settings::default()).expect("the sandbox starts");
    let output = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/cli/run"))
        .arg(sandbox.url())
        .env("PYTHON", python)
        .output()
        .expect("bash is there");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let scripts: Vec<&str> = text.lines().filter(|line| line.ends_with(" calls")).collect();
    println!("sandbox: AWS CLI: {}", scripts.join(", "));
    assert!(scripts.len() >= 16, "only {} scripts ran: {text}", scripts.len());
}

/// The same sequences to moto and ministack: where the two agree and the sandbox differs, AWS documents it so.
#[test]
fn where_other_emulators_agree_so_does_the_sandbox() {
    let Some(python) = python() else { return };
    let (moto, ministack) = (path_of("scripts/peers/moto"), path_of("scripts/peers/ministack"));
    let paths = [moto.to_string_lossy(), ministack.to_string_lossy()];
    let lines = run(&python, "agreement.py", &[&paths[0], &paths[1]]);
    let summary = lines.last().expect("a summary comes last");
    println!(
        "sandbox: {} steps; moto and ministack agree on {}, the sandbox with them on {}; AWS documents otherwise: {}",
        summary["steps"], summary["both_others_agree"], summary["we_agree"], summary["documented"],
    );
    assert_eq!(summary["broken"], serde_json::json!([]), "a sequence broke off");
    assert_eq!(summary["wrong"], serde_json::json!([]), "{lines:#?}");
    let judged = summary["both_others_agree"].as_u64().unwrap_or_default();
    assert!(judged >= 60, "the others agree on {judged} steps only");
}
