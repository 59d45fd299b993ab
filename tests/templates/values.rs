//! What the values' schemas refuse, and that every value is described.

use serde_json::Value;

use crate::charts::{read, set, try_chart};

/// The value set of a service, with lines added or replaced.
fn with(from: &str, to: &str) -> String {
    let text = set("backend-service");
    assert!(from.is_empty() || text.contains(from), "{from} is not in\n{text}");
    if from.is_empty() { format!("{text}\n{to}\n") } else { text.replace(from, to) }
}

#[test]
fn bad_values_are_refused_with_their_place() {
    let digest = format!("digest: sha256:{}", "0".repeat(64));
    for (from, to, place) in [
        ("name: backend-service\nimage", "image", "name"),
        ("name: backend-service\nimage", "name: Backend\nimage", "name"),
        (&*digest, "digest: latest", "digest"),
        (&*digest, "tag: latest", "tag"),
        ("amazonaws.com/dev/backend-service", "amazonaws.com/dev/backend-service:1.0", "repository"),
        ("port: 3000", "port: 0", "port"),
        ("port: 3000", "port: \"3000\"", "port"),
        ("port: 3000", "port: 70000", "port"),
        ("exposure: internal", "exposure: private", "exposure"),
        (
            "loadBalancerRanges: [10.10.64.0/19, 10.10.96.0/19, 10.10.128.0/19]",
            "callers: []",
            "loadBalancerRanges",
        ),
        ("10.10.64.0/19", "10.10.64.0", "loadBalancerRanges"),
        ("networkPolicy:", "networkPolicy:\n  calls: [{port: 80}]", "calls"),
        (
            "networkPolicy:",
            "networkPolicy:\n  calls: [{service: a, ranges: [10.0.0.0/8], port: 80}]",
            "calls",
        ),
        ("", "replicas: -1", "replicas"),
        ("", "replica: 1", "replica"),
        ("", "service: {ports: []}", "ports"),
        ("", "autoscaling: {enabled: true, max: 0}", "max"),
        ("", "disruptionBudget: {maxUnavailable: half}", "maxUnavailable"),
        ("", "resources: {limits: {memory: lots}}", "memory"),
        ("", "env: {LISTEN_ADDR: \"0.0.0.0:1\"}", "env"),
        ("", "env: {9LIVES: \"1\"}", "env"),
        ("", "env: {PORT: 80}", "env"),
        ("", "secretEnv: {TOKEN: {name: a}}", "secretEnv"),
        ("", "activeColor: blue", "color"),
        ("", "podLabels: {app.kubernetes.io/name: other}", "podLabels"),
        ("", "loadBalancer: {name: a-name-that-is-longer-than-thirty-two}", "name"),
        ("", "loadBalancer: {certificateArn: none}", "certificateArn"),
        ("", "loadBalancer: {tags: {a: \"b,c\"}}", "tags"),
        ("", "spread: {whenUnsatisfiable: Never}", "whenUnsatisfiable"),
        ("", "probes: {health: health}", "health"),
        ("", "shutdown: {delaySeconds: 1.5}", "delaySeconds"),
    ] {
        match try_chart("service", "backend-service", &with(from, to)) {
            Ok(_) => panic!("{to} was accepted"),
            Err(error) => assert!(error.contains(place), "{to}: {error}"),
        }
    }
    for (values, place) in [("podSecurity: {level: strict}", "level"), ("defaultdeny: true", "defaultdeny")] {
        let error = try_chart("namespace", "namespace", values).map(|_| ()).expect_err(values);
        assert!(error.contains(place), "{values}: {error}");
    }
}

/// All places of a values file that hold no further mapping, or an empty one.
fn leaves(prefix: &str, value: &Value, found: &mut Vec<String>) {
    match value.as_object().filter(|members| !members.is_empty()) {
        // Labels are values of their own.
        Some(_) if prefix.ends_with("podLabels") => found.push(prefix.to_owned()),
        Some(members) => {
            for (key, value) in members {
                let place = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                leaves(&place, value, found);
            }
        }
        None => found.push(prefix.to_owned()),
    }
}

#[test]
fn every_value_is_described_in_the_readme() {
    for chart in ["service", "namespace"] {
        let readme = read(chart, "README.md");
        let defaults = platctl::chart::load::read_values(read(chart, "values.yaml").as_bytes()).unwrap();
        let mut places = Vec::new();
        leaves("", &serde_json::to_value(defaults).unwrap(), &mut places);
        assert!(places.len() >= 5, "{places:?}");
        for place in &places {
            assert!(readme.contains(&format!("| `{place}` |")), "{chart}: {place} is not described");
        }
        let rows = readme.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, places.len(), "{chart}: a row for a value that does not exist");
    }
}
