//! Faults strike calls to a cluster as they strike those to AWS.

use serde_json::{Value, json};

use super::ground::{Answer, Ground};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

fn make(ground: &Ground, name: &str) -> Answer {
    ground.ask("POST", MAPS, &json!({ "metadata": { "name": name } }))
}

fn is_there(ground: &Ground, name: &str) -> bool {
    ground.ask("GET", &format!("{MAPS}/{name}"), &Value::Null).code == 200
}

#[test]
fn a_call_is_refused_cut_or_late_as_the_fault_says_and_counted_in_the_log() {
    let mut ground = Ground::new();
    let arm = |ground: &Ground, fault: Value| {
        let all = json!({ "kind": fault, "service": "kubernetes", "operation": "POST *", "mutating": true, "nth": 2 });
        ground.aws("POST", "/_sandbox/faults", "sandbox", &all.to_string());
    };
    for (at, (kind, code, takes_effect)) in [
        (json!("throttle"), 429, false),
        (json!("unavailable"), 503, false),
        (json!("server-error"), 500, false),
        (json!("cut-before"), 0, false),
        (json!("cut-after"), 0, true),
        (json!({ "delay": 20 }), 201, true),
    ]
    .into_iter()
    .enumerate()
    {
        arm(&ground, kind.clone());
        assert_eq!(make(&ground, &format!("first-{at}")).code, 201, "{kind}: only the second one");
        if at == 0 {
            // What it counted outlives a restart.
            ground.restart();
        }
        let name = format!("second-{at}");
        let answer = make(&ground, &name);
        assert_eq!((answer.code, is_there(&ground, &name)), (code, takes_effect), "{kind}: {}", answer.text);
        if answer.code >= 400 {
            assert_eq!((&answer.body["kind"], &answer.body["code"]), (&json!("Status"), &json!(code)));
        }
        assert_eq!(make(&ground, &format!("third-{at}")).code, 201, "{kind}: once");
    }
    arm(&ground, json!("half-reply"));
    make(&ground, "before-half");
    let answer = make(&ground, "half");
    assert!(answer.code == 201 && answer.body.is_null() && !answer.text.is_empty(), "{}", answer.text);
    assert!(is_there(&ground, "half"));
}
