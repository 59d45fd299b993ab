//! What clients of releases ask for: records in Secrets, and what Helm owns.

use serde_json::json;

use super::ground::Ground;

#[test]
fn records_of_releases_are_found_by_their_labels() {
    let ground = Ground::new();
    let path = "/api/v1/namespaces/default/secrets";
    let record = json!({ "metadata": { "name": "sh.helm.release.v1.web.v1", "labels": { "owner": "helm", "name": "web" } },
        "type": "helm.sh/release.v1", "stringData": { "release": "x" } });
    let made = ground.ok("POST", &format!("{path}?fieldManager=platctl"), &record);
    assert_eq!((&made["data"]["release"], made.get("stringData")), (&json!("eA=="), None));
    assert_eq!(made["metadata"]["managedFields"][0]["manager"], "platctl");
    let found = ground.get("/api/v1/secrets?labelSelector=owner%3Dhelm%2Cname%3Dweb&limit=100");
    assert_eq!(found["items"][0]["type"], "helm.sh/release.v1");
}

/// Entries that a client writes itself count: so one program takes over what another owned.
#[test]
fn what_one_program_owned_is_taken_over_by_entries() {
    let ground = Ground::new();
    let path = "/api/v1/namespaces/default/configmaps/a";
    let body = json!({ "metadata": { "name": "a" }, "data": { "x": "1", "y": "2" } });
    let live = ground.ok("POST", "/api/v1/namespaces/default/configmaps?fieldManager=helm", &body);
    let mut entry = live["metadata"]["managedFields"][0].clone();
    entry["manager"] = json!("platctl");
    entry["operation"] = json!("Apply");
    let patch = json!({ "metadata": { "managedFields": [entry], "resourceVersion": live["metadata"]["resourceVersion"] } });
    let taken = ground.patch("merge", &format!("{path}?fieldManager=platctl"), &patch);
    assert_eq!(taken.body["metadata"]["managedFields"].as_array().unwrap().len(), 1, "{}", taken.text);
    let less =
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" }, "data": { "x": "1" } });
    let applied = ground.apply("platctl", path, &less);
    assert_eq!(applied.body["data"], json!({ "x": "1" }));
}
