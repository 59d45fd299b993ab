//! The sandbox by its own verbs: what a newcomer's shell script can rely on.

use serde_json::{Value, json};

use crate::common::control_at;
use crate::place::Workplace;

/// The port of a URL that stands alone on its line, as in `URL=$(platctl sandbox start)`.
fn port(stdout: &str) -> u16 {
    let line = stdout.strip_suffix('\n').unwrap();
    assert!(!line.contains(char::is_whitespace), "{stdout:?}");
    line.strip_prefix("http://127.0.0.1:").unwrap().parse().unwrap()
}

/// What is armed in the world at a port.
fn faults(port: u16) -> Value {
    control_at(port, "GET", "/faults", &Value::Null)["faults"].clone()
}

#[test]
fn start_prints_the_url_alone_and_the_same_one_while_it_runs() {
    let place = Workplace::new();
    let (out, err) = place.run("sandbox start", 0);
    let first = port(&out);
    assert!(err.contains("sandbox"), "the label goes to stderr: {err}");
    control_at(first, "GET", "/status", &Value::Null);
    let (out, _) = place.run("sandbox start", 0);
    assert_eq!(port(&out), first);
    let (out, _) = place.run("sandbox status", 0);
    assert!(out.contains(&format!("http://127.0.0.1:{first}")), "{out}");
}

#[test]
fn a_world_outlives_its_process_and_reset_gives_a_fresh_one() {
    let place = Workplace::new();
    let (out, _) = place.run("sandbox start", 0);
    control_at(port(&out), "POST", "/faults", &json!({ "kind": "throttle", "operation": "CreateVpc" }));
    let armed = faults(port(&out));
    assert_eq!(armed.as_array().unwrap().len(), 1);
    place.run("sandbox stop", 0);
    let (out, _) = place.run("sandbox start", 0);
    assert_eq!(faults(port(&out)), armed);
    place.run("sandbox reset --yes", 0);
    let (out, _) = place.run("sandbox start", 0);
    assert_eq!(faults(port(&out)), json!([]));
}
