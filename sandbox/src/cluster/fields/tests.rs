use serde_json::{Value, json};

use super::managers::Manager;
use super::set::Set;
use super::{Applied, apply, update};
use crate::cluster::kinds::{self, Resource};
use crate::cluster::refusal::Refusal;

fn manager(name: &str, applies: bool) -> Manager {
    Manager { name: name.into(), applies, api_version: "apps/v1".into(), subresource: String::new() }
}

fn deployment() -> Resource {
    kinds::known("apps", "Deployment")
}

fn applied(live: Option<&Value>, body: &Value, who: &str, force: bool) -> Result<Value, Refusal> {
    let manager = manager(who, true);
    apply(&deployment(), live, Applied { body, manager: &manager, force, now: "now" }, |_| Ok(()))
}

fn body(replicas: u32, image: &str) -> Value {
    json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "labels": { "a": "1" } },
        "spec": { "replicas": replicas, "template": { "spec": { "containers": [
            { "name": "web", "image": image, "ports": [{ "containerPort": 80 }], "env": [{ "name": "A", "value": "1" }] }] } } } })
}

fn owned(object: &Value, who: &str) -> String {
    let entries = object["metadata"]["managedFields"].as_array().unwrap();
    entries
        .iter()
        .filter(|entry| entry["manager"] == who)
        .map(|entry| entry["fieldsV1"].to_string())
        .collect()
}

#[test]
fn fields_are_written_as_kubernetes_writes_them() {
    let object = applied(None, &body(1, "a"), "us", false).unwrap();
    let expected = json!({
        "f:metadata": { "f:labels": { "f:a": {} } },
        "f:spec": { "f:replicas": {}, "f:template": { "f:spec": { "f:containers": {
            "k:{\"name\":\"web\"}": { ".": {}, "f:name": {}, "f:image": {},
                "f:env": { "k:{\"name\":\"A\"}": { ".": {}, "f:name": {}, "f:value": {} } },
                "f:ports": { "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": { ".": {}, "f:containerPort": {} } } } } } } },
    });
    let entry = &object["metadata"]["managedFields"][0];
    assert_eq!(entry["fieldsV1"], expected);
    assert_eq!((&entry["operation"], &entry["apiVersion"]), (&json!("Apply"), &json!("apps/v1")));
    assert_eq!(Set::read(&expected).write(), expected);
}

#[test]
fn what_is_no_longer_applied_goes_and_what_others_own_stays() {
    let object = applied(None, &body(1, "a"), "us", false).unwrap();
    let mut theirs = json!({ "spec": { "template": { "spec": { "containers": [
        { "name": "side", "image": "s" }, { "name": "web", "env": [{ "name": "B", "value": "2" }] }] } } } });
    let object = applied(Some(&object), &theirs, "them", false).unwrap();
    let names = |object: &Value| -> Vec<String> {
        let containers = object.pointer("/spec/template/spec/containers").and_then(Value::as_array).unwrap();
        containers.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&object), ["side", "web"]);
    let mut less = body(1, "a");
    less["spec"]["template"]["spec"]["containers"][0].as_object_mut().unwrap().remove("env");
    less["spec"]["template"]["spec"]["containers"][0].as_object_mut().unwrap().remove("ports");
    let object = applied(Some(&object), &less, "us", false).unwrap();
    let web = &object["spec"]["template"]["spec"]["containers"][1];
    assert_eq!(web["env"], json!([{ "name": "B", "value": "2" }]));
    assert!(web.get("ports").is_none(), "{web}");
    theirs["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap().remove(0);
    let object = applied(Some(&object), &theirs, "them", false).unwrap();
    assert_eq!(names(&object), ["web"]);
}

#[test]
fn what_others_own_is_refused_with_every_field_and_taken_by_force() {
    let object = applied(None, &body(1, "a"), "us", false).unwrap();
    let mut changed = object.clone();
    changed["spec"]["replicas"] = json!(5);
    changed["spec"]["template"]["spec"]["containers"][0]["image"] = json!("b");
    update(
        &deployment(),
        Some(&object),
        &mut changed,
        (&manager("kubectl-edit", false), "2026-01-01T00:00:00Z"),
    );
    assert!(!owned(&changed, "us").contains("f:replicas"));
    let refusal = applied(Some(&changed), &body(1, "a"), "us", false).unwrap_err();
    assert_eq!((refusal.code, refusal.reason), (409, "Conflict"));
    let causes = refusal.details["causes"].as_array().unwrap();
    let fields: Vec<&str> = causes.iter().filter_map(|cause| cause["field"].as_str()).collect();
    assert_eq!(fields, [".spec.replicas", ".spec.template.spec.containers[name=\"web\"].image"]);
    assert_eq!(causes[0]["message"], "conflict with \"kubectl-edit\" using apps/v1 at 2026-01-01T00:00:00Z");
    let forced = applied(Some(&changed), &body(1, "a"), "us", true).unwrap();
    assert_eq!(forced["spec"]["replicas"], 1);
    assert_eq!(owned(&forced, "kubectl-edit"), "");
    // The same value is shared, not contested.
    let same = applied(Some(&forced), &body(1, "a"), "them", false).unwrap();
    assert!(owned(&same, "us").contains("f:replicas") && owned(&same, "them").contains("f:replicas"));
}

#[test]
fn the_same_again_changes_nothing_also_beside_defaults() {
    let mut object = applied(None, &body(1, "a"), "us", false).unwrap();
    object["spec"]["template"]["spec"]["containers"][0]["ports"][0]["protocol"] = json!("TCP");
    object["spec"]["strategy"] = json!({ "type": "RollingUpdate" });
    assert_eq!(applied(Some(&object), &body(1, "a"), "us", false).unwrap(), object);
}

#[test]
fn an_update_owns_what_it_changed_and_given_entries_count() {
    let object = applied(None, &body(1, "a"), "us", false).unwrap();
    let mut given = object.clone();
    given["metadata"]["managedFields"][0]["manager"] = json!("other");
    update(&deployment(), Some(&object), &mut given, (&manager("us", false), "now"));
    assert!(owned(&given, "other").contains("f:replicas"));
    assert_eq!(owned(&given, "us"), "");
    let mut gone = object.clone();
    gone["metadata"]["labels"] = json!({ "b": "2" });
    update(&deployment(), Some(&object), &mut gone, (&manager("edit", false), "now"));
    assert!(!owned(&gone, "us").contains("f:labels") && owned(&gone, "edit").contains("f:b"));
}
