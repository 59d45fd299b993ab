//! What the engine promises, seen from the command line.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::place::{Workplace, control};

/// The addresses of a plan's steps.
fn steps(workplace: &Workplace, arguments: &str) -> BTreeSet<String> {
    let (out, _) = workplace.run(&format!("diff dev --sandbox --json {arguments}"), 0);
    let plan: Value = serde_json::from_str(&out).unwrap();
    let steps = plan["steps"].as_array().unwrap().iter();
    steps.map(|step| step["address"].as_str().unwrap().to_owned()).collect()
}

fn recorded(workplace: &Workplace) -> Vec<(String, String)> {
    let (out, _) = workplace.run("state list dev --sandbox --json", 0);
    let state: Value = serde_json::from_str(&out).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let resources = state["resources"].as_array().unwrap().iter();
    resources.map(|one| (text(&one["address"]), text(&one["id"]))).collect()
}

#[test]
fn a_target_takes_what_it_needs_and_an_exclusion_what_needs_it() {
    let workplace = Workplace::new();
    let all = steps(&workplace, "");
    let expected = ["subnet.public-a", "vpc.main"].map(str::to_owned);
    assert_eq!(steps(&workplace, "--target subnet.public-a"), expected.into());
    let kept = steps(&workplace, "--exclude nat_gateway.a");
    let gone: BTreeSet<&String> = all.difference(&kept).collect();
    assert!(gone.contains(&"nat_gateway.a".to_owned()) && gone.contains(&"route_table.private-a".to_owned()));
    assert!(kept.contains("elastic_ip.nat-a") && kept.contains("vpc.main"));
    workplace.run("up dev --sandbox --target vpc.main --parallelism 1", 0);
    assert_eq!(recorded(&workplace).len(), 1);
    workplace.run("up dev --sandbox --target vpc.nowhere", 64);
    workplace.run("destroy dev --sandbox --target vpc.main", 0);
    assert!(recorded(&workplace).is_empty());
}

#[test]
fn records_are_moved_dropped_and_taken_up_again() {
    let workplace = Workplace::new();
    workplace.run("up dev --sandbox --target vpc.main", 0);
    let id = recorded(&workplace)[0].1.clone();
    let (out, _) = workplace.run("state show dev vpc.main --sandbox", 0);
    assert!(out.contains(&id), "{out}");
    workplace.run("state mv dev vpc.main vpc.other --sandbox", 0);
    assert_eq!(recorded(&workplace), [("vpc.other".to_owned(), id.clone())]);
    workplace.run("state mv dev vpc.other subnet.other --sandbox", 1);
    workplace.run("state mv dev vpc.other vpc.main --sandbox", 0);
    workplace.run("state rm dev vpc.main --sandbox", 0);
    assert!(recorded(&workplace).is_empty());
    workplace.run("state show dev vpc.main --sandbox", 1);
    workplace.run("import dev vpc.main vpc-0000000000000000f --sandbox", 1);
    workplace.run(&format!("import dev vpc.main {id} --sandbox"), 0);
    workplace.run(&format!("import dev vpc.main {id} --sandbox"), 1);
    assert!(!steps(&workplace, "").contains("vpc.main"));
}

#[test]
fn a_saved_plan_is_applied_as_it_is_or_not_at_all() {
    let workplace = Workplace::new();
    workplace.run("diff dev --sandbox --out plan.json --target vpc.main", 0);
    workplace.run("up dev --sandbox --plan plan.json", 0);
    assert_eq!(recorded(&workplace).len(), 1);
    let (_, err) = workplace.run("up dev --sandbox --plan plan.json", 1);
    assert!(err.contains("stale"), "{err}");
    // The configuration is another one.
    workplace.run("diff dev --sandbox --out plan.json --target subnet.public-a", 0);
    let path = workplace.file("dev");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("10.10.0.0/16", "10.11.0.0/16")).unwrap();
    let (_, err) = workplace.run("up dev --sandbox --plan plan.json", 1);
    assert!(err.contains("stale"), "{err}");
    fs::write(&path, text).unwrap();
    let (_, err) = workplace.run("up staging --sandbox --plan plan.json", 64);
    assert!(err.contains("dev"), "{err}");
    fs::write(workplace.0.path().join("plan.json"), "{").unwrap();
    workplace.run("up dev --sandbox --plan plan.json", 64);
    let (out, _) = workplace.run("diff dev --sandbox --markdown --exit-code", 2);
    assert!(out.contains('|') || out.contains("- "), "{out}");
}

#[test]
fn a_lock_says_who_holds_it_and_a_dead_owner_s_is_freed() {
    let workplace = Workplace::new();
    workplace.run("up dev --sandbox --target vpc.main", 0);
    let path = workplace.0.path().join("state/sandbox/dev/lock");
    let own = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let held_by = |host: &str| {
        let owner = json!({"user": "ana", "host": host, "pid": 4242, "since": "2026-01-31T12:00:00Z",
            "command": "platctl up dev"});
        fs::write(&path, owner.to_string()).unwrap();
    };
    // It lives: the system knows of its lock.
    held_by(&own);
    let file = File::open(&path).unwrap();
    flock(&file, FlockOperation::LockExclusive).unwrap();
    let (_, err) = workplace.run("up dev --sandbox", 1);
    assert!(err.contains(&format!("ana@{own}, process 4242")) && err.contains("platctl unlock dev"), "{err}");
    drop(file);
    // It is gone, on this host.
    let (_, err) = workplace.run("up dev --sandbox --target vpc.main", 0);
    assert!(err.contains("freed the lock of a run that is gone"), "{err}");
    // It was on another host: nobody here can tell.
    held_by("elsewhere");
    let (_, err) = workplace.run("up dev --sandbox", 1);
    assert!(err.contains("ana@elsewhere"), "{err}");
    workplace.run("unlock dev --sandbox", 0);
    workplace.run("up dev --sandbox --target vpc.main", 0);
    let (_, err) = workplace.run("unlock dev --sandbox", 0);
    assert!(err.contains("not locked"), "{err}");
}

/// Starts an `up` that takes a while, and gives it once the VPC stands.
fn up_in_slow_time(workplace: &Workplace) -> Child {
    workplace.run("sandbox start --latency scaled=60", 0);
    let mut command = workplace.command("up dev --sandbox");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(60) {
        let log = control(workplace.0.path(), "GET", "/calls", &Value::Null);
        if log["counts"]["eks:CreateCluster"]["calls"].as_u64().is_some() {
            return child;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("no cluster was asked for");
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
fn a_signal_lets_what_runs_end_and_the_next_run_goes_on() {
    let workplace = Workplace::new();
    let child = up_in_slow_time(&workplace);
    signal(&child, Signal::INT);
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{told}");
    // The cluster was being made: that was seen to its end, and nothing behind it was begun.
    let there: Vec<String> = recorded(&workplace).into_iter().map(|(address, _)| address).collect();
    assert!(there.contains(&"cluster.main".to_owned()), "{there:?}");
    assert!(!there.contains(&"node_group.general".to_owned()), "{there:?}");
    workplace.run("sandbox start --latency instant", 0);
    workplace.run("up dev --sandbox", 0);
    workplace.run("diff dev --sandbox --exit-code", 0);
}

#[test]
fn two_signals_end_at_once_and_the_next_run_finds_out() {
    let workplace = Workplace::new();
    let child = up_in_slow_time(&workplace);
    signal(&child, Signal::TERM);
    std::thread::sleep(Duration::from_millis(200));
    signal(&child, Signal::TERM);
    let since = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(since.elapsed() < Duration::from_secs(5), "it did not end at once");
    workplace.run("sandbox start --latency instant", 0);
    workplace.run("up dev --sandbox", 0);
    workplace.run("diff dev --sandbox --exit-code", 0);
}

#[test]
fn a_world_that_hears_of_everything_late_is_waited_for() {
    let workplace = Workplace::new();
    workplace.run("sandbox start", 0);
    control(workplace.0.path(), "POST", "/settings", &json!({"consistency_delay_ms": 1500}));
    workplace.run("up dev --sandbox", 0);
    workplace.run("diff dev --sandbox --exit-code", 0);
    let (_, err) = workplace.run("destroy dev --sandbox", 0);
    assert!(err.contains("0 left"), "{err}");
}

#[test]
fn without_a_look_at_the_cloud_what_is_recorded_counts() {
    let workplace = Workplace::new();
    workplace.run("up dev --sandbox --target subnet.public-a", 0);
    let reads = || {
        let log = control(workplace.0.path(), "GET", "/calls", &Value::Null);
        log["counts"]["ec2:DescribeVpcs"]["calls"].as_u64().unwrap_or(0)
    };
    let before = reads();
    workplace.run("diff dev --sandbox --refresh=false --target subnet.public-a --exit-code", 0);
    assert_eq!(reads(), before);
    workplace.run("diff dev --sandbox --target subnet.public-a --exit-code", 0);
    assert!(reads() > before);
}

#[test]
fn verbs_that_read_write_nothing() {
    let workplace = Workplace::new();
    workplace.run("up dev --sandbox --target subnet.public-a", 0);
    control(workplace.0.path(), "DELETE", "/calls", &Value::Null);
    for verb in ["diff", "status", "graph", "output", "doctor"] {
        workplace.run(&format!("{verb} dev --sandbox"), 0);
    }
    let log = control(workplace.0.path(), "GET", "/calls", &Value::Null);
    let calls = log["calls"].as_array().unwrap();
    let writes: Vec<&Value> = calls.iter().filter(|call| call["mutating"] == true).collect();
    assert!(calls.len() > 20 && writes.is_empty(), "{} calls, {writes:?}", calls.len());
}

#[test]
fn without_credentials_it_says_where_it_looked() {
    let workplace = Workplace::new();
    let mut command = workplace.command("up dev --yes");
    command.env_clear().env("HOME", workplace.0.path()).env("AWS_EC2_METADATA_DISABLED", "true");
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("AWS_ACCESS_KEY_ID") && told.contains("--sandbox"), "{told}");
    assert!(!workplace.0.path().join("state/dev").exists());
}

#[test]
fn the_sandbox_is_started_asked_and_stopped() {
    let workplace = Workplace::new();
    workplace.run("sandbox status", 1);
    let (url, _) = workplace.run("sandbox start --latency scaled=100", 0);
    let (out, _) = workplace.run("sandbox status", 0);
    let status: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((status["url"].as_str().unwrap(), &status["clock"]), (url.trim(), &json!("scaled=100")));
    workplace.run("up dev --sandbox --latency instant --target vpc.main", 0);
    workplace.run("sandbox stop", 0);
    let (again, _) = workplace.run("sandbox start", 0);
    assert_eq!(again, url, "its address stays");
    assert!(steps(&workplace, "--target vpc.main").is_empty(), "its world stays");
    workplace.run("sandbox reset", 64);
    workplace.run("sandbox reset --yes", 0);
    assert!(!workplace.0.path().join("state/sandbox").exists());
    workplace.run("sandbox start --latency sometimes", 64);
    workplace.run("up dev --latency instant", 64);
    fs::write(workplace.file("sandbox"), "extends = \"common\"\n[network]\ncidr = \"10.0.0.0/16\"\n")
        .unwrap();
    let (_, err) = workplace.run("graph sandbox", 64);
    assert!(err.contains("sandbox"), "{err}");
}
