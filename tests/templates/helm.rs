//! The same charts rendered by Helm's own library.

use std::collections::BTreeMap;

use platctl::chart::manifest::{self, Object};
use serde_json::json;

use crate::chart_support::{Oracle, peers};
use crate::charts::{NAMESPACE, SETS, chart, folder, set};

#[test]
fn helm_renders_the_same() {
    if !peers() {
        return;
    }
    let mut oracle = Oracle::start();
    let mut cases: Vec<(&str, &str, String)> = SETS.map(|name| ("service", name, set(name))).to_vec();
    cases.push(("namespace", "namespace", String::new()));
    cases.push(("namespace", "namespace", "{readinessGates: false, labels: {team: web}}".to_owned()));
    for (name, release, values) in cases {
        let parsed = oracle.ask(&json!({"op": "values", "text": values})).unwrap();
        let request = json!({
            "op": "render_path", "path": folder(name), "values": parsed, "name": release, "namespace": NAMESPACE
        });
        let mut theirs: BTreeMap<String, String> =
            serde_json::from_value(oracle.ask(&request).unwrap()).unwrap();
        let ours = chart(name, release, &values);
        let notes = theirs.remove(&format!("{name}/templates/NOTES.txt")).unwrap_or_default();
        assert_eq!(ours.notes, notes, "{name} {release}");
        let theirs = manifest::sort(&theirs).unwrap();
        // Helm's library tells no lines.
        let without_lines = |objects: Vec<Object>| -> Vec<Object> {
            objects.into_iter().map(|object| Object { line: 0, ..object }).collect()
        };
        assert_eq!(without_lines(ours.texts.clone()), without_lines(theirs.objects), "{name} {release}");
        assert!(!ours.texts.is_empty());
    }
}
