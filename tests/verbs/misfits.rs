//! Objects that Kubernetes would refuse are told before anything is made, and there is no cluster yet that could be asked.

use std::fs;

use serde_json::Value;

use crate::place::{Workplace, control};

#[test]
fn what_kubernetes_would_refuse_is_told_before_anything_is_made() {
    let workplace = Workplace::new();
    let path = workplace.file("dev");
    let text = fs::read_to_string(&path).unwrap();
    let with = |values: &str| {
        let image = format!("image = \"registry.example.com/web@sha256:{}\"", "0".repeat(64));
        fs::write(
            &path,
            format!("{text}\n[services.web]\nport = 8000\n{image}\n[services.web.values]\n{values}\n"),
        )
        .unwrap();
    };
    with(
        "tolerations = [{ kye = 'spot', tolerationSeconds = '30' }]\n\
          networkPolicy = { extraEgress = [{ to = { ipBlock = { cidr = '10.0.0.0/8' } } }] }",
    );
    for verb in ["diff dev --sandbox", "diff dev --sandbox --out plan.json", "up dev --sandbox"] {
        let (out, err) = workplace.run(verb, 64);
        assert_eq!(out, "");
        for told in [
            "error: Kubernetes would refuse 3 fields of what is deployed",
            "release.web: service/templates/deployment.yaml, line 1: Deployment web: \
             spec.template.spec.tolerations[0].kye: there is no such field (did you mean `key`?)",
            "spec.template.spec.tolerations[0].tolerationSeconds is text, and must be a whole number \
             (write it without quotes)",
            "release.web: service/templates/networkpolicy.yaml, line ",
            "spec.egress[1].to is a map, and must be a list (each item begins with `- `)",
            "hint: nothing was touched",
        ] {
            assert!(err.contains(told), "{told}\nis not in\n{err}");
        }
    }
    assert!(!workplace.0.path().join("plan.json").exists());
    let log = control(workplace.0.path(), "GET", "/calls", &Value::Null);
    let calls = log["calls"].as_array().unwrap();
    let writes: Vec<&Value> = calls.iter().filter(|call| call["mutating"] == true).collect();
    assert!(!calls.is_empty() && writes.is_empty(), "{} calls, {writes:?}", calls.len());

    // What does not deploy it is not stopped, nor what only looks.
    for verb in
        ["diff dev --sandbox --exclude release.web", "diff dev --sandbox --destroy", "status dev --sandbox"]
    {
        workplace.run(verb, 0);
    }
    with("tolerations = [{ key = 'spot', tolerationSeconds = 30 }]");
    workplace.run("diff dev --sandbox --exit-code", 2);
}
