//! The sandbox before real clients: boto3, the AWS CLI.
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
    println!("aws_ops.py in {region}: {} of {} right", summary["ok"], summary["total"]);
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
    let lines = run(&python, "model_coverage.py", &["eu-west-1"]);
    let summary = lines.last().expect("a summary comes last");
    println!("{}", serde_json::to_string_pretty(summary).unwrap_or_default());
    assert_eq!(summary["ignored"], serde_json::json!([]));
    assert_eq!(summary["invalid_responses"], serde_json::json!([]));
    let share = summary["judged_share"].as_f64().unwrap_or_default();
    assert!(share > 0.8, "only {share} of the members were judged");
}
