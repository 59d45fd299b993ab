//! Objects: made, read, changed, watched, deleted.

use serde_json::{Value, json};

use super::ground::Ground;

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

fn map(name: &str, data: Value) -> Value {
    json!({ "metadata": { "name": name, "labels": { "app": name } }, "data": data })
}

#[test]
fn what_is_served_is_told() {
    let ground = Ground::new();
    assert_eq!(ground.get("/version")["gitVersion"], "v1.33.1-eks-sandbox");
    assert_eq!(ground.get("/api")["versions"], json!(["v1"]));
    let groups = ground.get("/apis");
    assert!(groups["groups"].as_array().unwrap().iter().any(|group| group["name"] == "apps"));
    assert_eq!(ground.get("/apis/apps")["preferredVersion"]["version"], "v1");
    let apps = ground.get("/apis/apps/v1");
    let names: Vec<&str> =
        apps["resources"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert!(
        names.contains(&"deployments")
            && names.contains(&"deployments/status")
            && names.contains(&"deployments/scale")
    );
    for path in
        ["/apis/none.example.com", "/apis/none.example.com/v1", "/api/v2", "/api/v1/nothing", "/elsewhere"]
    {
        assert_eq!(ground.ask("GET", path, &Value::Null).code, 404, "{path}");
    }
    assert_eq!(ground.ask("GET", "/readyz", &Value::Null).text, "ok");
}

#[test]
fn an_object_lives_from_its_making_to_its_end() {
    let ground = Ground::new();
    let made = ground.ask("POST", MAPS, &map("a", json!({ "x": "1" })));
    assert_eq!(made.code, 201, "{}", made.text);
    assert_eq!(made.body["metadata"]["namespace"], "default");
    assert_eq!(made.body["metadata"]["managedFields"][0]["manager"], "test");
    let twice = ground.ask("POST", MAPS, &map("a", json!({})));
    assert_eq!((twice.code, &twice.body["reason"]), (409, &json!("AlreadyExists")));
    assert_eq!(twice.body["message"], "configmaps \"a\" already exists");
    let path = format!("{MAPS}/a");
    let seen = ground.get(&path);
    let mut changed = seen.clone();
    changed["data"]["x"] = json!("2");
    let written = ground.ok("PUT", &path, &changed);
    assert_ne!(written["metadata"]["resourceVersion"], seen["metadata"]["resourceVersion"]);
    let stale = ground.ask("PUT", &path, &changed);
    assert_eq!((stale.code, &stale.body["reason"]), (409, &json!("Conflict")));
    assert!(
        stale.body["message"].as_str().unwrap().contains("please apply your changes to the latest version")
    );
    let same = ground.ok("PUT", &path, &written);
    assert_eq!(
        same["metadata"]["resourceVersion"], written["metadata"]["resourceVersion"],
        "nothing was written"
    );
    let wrong = ground.ask("DELETE", &path, &json!({ "preconditions": { "uid": "another" } }));
    assert_eq!(wrong.code, 409);
    assert_eq!(ground.ok("DELETE", &path, &Value::Null)["status"], "Success");
    let gone = ground.ask("GET", &path, &Value::Null);
    assert_eq!((gone.code, &gone.body["details"]["kind"]), (404, &json!("configmaps")));
    let nowhere = ground.ask("POST", "/api/v1/namespaces/none/configmaps", &map("a", json!({})));
    assert_eq!(nowhere.body["message"], "namespaces \"none\" not found");
}

#[test]
fn lists_are_selected_and_come_in_pages() {
    let ground = Ground::new();
    for name in ["a", "b", "c"] {
        ground.ok("POST", MAPS, &map(name, json!({})));
    }
    let names = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap();
        items.iter().map(|one| one["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    };
    let mine = "labelSelector=app%20in%20(a%2Cb%2Cc)";
    let first = ground.get(&format!("{MAPS}?{mine}&limit=2"));
    assert_eq!(
        (names(&first), &first["kind"]),
        (vec!["a".to_owned(), "b".to_owned()], &json!("ConfigMapList"))
    );
    let token = first["metadata"]["continue"].as_str().unwrap();
    let second = ground.get(&format!("{MAPS}?{mine}&limit=2&continue={token}"));
    assert_eq!((names(&second), second["metadata"].get("continue")), (vec!["c".to_owned()], None));
    assert_eq!(names(&ground.get("/api/v1/configmaps?fieldSelector=metadata.name%3Db")), ["b"]);
}

#[test]
fn a_watch_tells_what_changes_for_those_who_select_it() {
    let mut ground = Ground::new();
    let version = ground.get(MAPS)["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
    let mut labelled = map("a", json!({}));
    ground.ok("POST", MAPS, &labelled);
    labelled["metadata"]["labels"]["app"] = json!("other");
    ground.ok("PUT", &format!("{MAPS}/a"), &labelled);
    ground.ok("DELETE", &format!("{MAPS}/a"), &Value::Null);
    let events = |ground: &Ground, query: &str| -> Vec<String> {
        let answer = ground.ask("GET", &format!("{MAPS}?watch=true&timeoutSeconds=1&{query}"), &Value::Null);
        let lines = answer.text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    };
    let since = format!("resourceVersion={version}");
    assert_eq!(events(&ground, &since), ["ADDED", "MODIFIED", "DELETED"]);
    assert_eq!(events(&ground, &format!("{since}&labelSelector=app%3Da")), ["ADDED", "DELETED"]);
    assert_eq!(events(&ground, &format!("{since}&fieldSelector=metadata.name%3Db")), [""; 0]);
    ground.ok("POST", MAPS, &map("b", json!({})));
    let initial = "labelSelector=app%3Db&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    assert_eq!(events(&ground, initial), ["ADDED", "BOOKMARK"]);
    ground.restart();
    assert_eq!(events(&ground, &since), ["ERROR"], "what happened before is not kept");
}

#[test]
fn applied_fields_have_owners_and_dry_runs_write_nothing() {
    let ground = Ground::new();
    let path = format!("{MAPS}/a");
    let body = |colour: &str| json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" }, "data": { "colour": colour } });
    let tried = ground.apply("us", &format!("{path}?dryRun=All"), &body("red"));
    assert_eq!((tried.code, &tried.body["data"]["colour"]), (201, &json!("red")));
    assert_eq!(ground.ask("GET", &path, &Value::Null).code, 404);
    let made = ground.apply("us", &path, &body("red"));
    assert_eq!(made.code, 201, "{}", made.text);
    let again = ground.apply("us", &path, &body("red"));
    assert_eq!(again.body, made.body, "the same again is no change");
    let refused = ground.apply("them", &path, &body("blue"));
    assert_eq!(refused.code, 409);
    assert_eq!(refused.body["message"], "Apply failed with 1 conflict: conflict with \"us\": .data.colour");
    assert_eq!(refused.body["details"]["causes"][0]["reason"], "FieldManagerConflict");
    let forced = ground.apply("them", &format!("{path}?force=true"), &body("blue"));
    assert_eq!(forced.body["data"]["colour"], "blue");
    let mut less = body("x");
    less.as_object_mut().unwrap().remove("data");
    let kept = ground.apply("us", &path, &less);
    assert_eq!(kept.body["data"]["colour"], "blue", "it is theirs now");
    let gone = ground.apply("them", &path, &less);
    assert_eq!(gone.body.get("data").and_then(|data| data.get("colour")), None);
    let unnamed = ground.patch("merge", &path, &json!({ "data": { "y": "1" } }));
    assert_eq!(unnamed.body["data"], json!({ "y": "1" }));
    let edited = ground.patch("json", &path, &json!([{ "op": "replace", "path": "/data/y", "value": "2" }]));
    assert_eq!(edited.body["data"]["y"], "2");
}

#[test]
fn what_cannot_be_is_refused_with_every_cause() {
    let ground = Ground::new();
    let path = "/apis/apps/v1/namespaces/default/deployments";
    let body = json!({ "metadata": { "name": "web" }, "spec": { "selector": { "matchLabels": { "a": "1" } },
        "template": { "metadata": { "labels": { "a": "2" } }, "spec": { "containers": [{ "name": "web" }] } } } });
    let refused = ground.ask("POST", path, &body);
    assert_eq!((refused.code, &refused.body["reason"]), (422, &json!("Invalid")));
    let fields: Vec<&str> = refused.body["details"]["causes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["field"].as_str())
        .collect();
    assert_eq!(fields, ["spec.template.metadata.labels", "spec.template.spec.containers[0].image"]);
    let named = ground.ask("POST", MAPS, &map("Not_A_Name", json!({})));
    assert_eq!(named.code, 422);
    let large = ground.ask("POST", MAPS, &map("large", json!({ "x": "y".repeat(1_100_000) })));
    assert_eq!(large.code, 422, "{}", large.text.get(..200).unwrap_or_default());
    let other = ground.ask("POST", MAPS, &json!({ "kind": "Secret", "metadata": { "name": "a" } }));
    assert_eq!(other.code, 400);
}

#[test]
fn services_get_addresses_and_keep_them() {
    let ground = Ground::new();
    let path = "/api/v1/namespaces/default/services";
    let body = json!({ "metadata": { "name": "web" }, "spec": { "selector": { "app": "web" }, "ports": [{ "port": 80 }] } });
    let made = ground.ok("POST", path, &body);
    let address = made["spec"]["clusterIP"].as_str().unwrap().to_owned();
    assert!(address.starts_with("10.100.") || address.starts_with("172.20."), "{address}");
    assert_eq!(made["spec"]["ports"], json!([{ "port": 80, "protocol": "TCP", "targetPort": 80 }]));
    let replaced = ground.ok("PUT", &format!("{path}/web"), &body);
    assert_eq!(replaced["spec"]["clusterIP"], address);
    let moved =
        ground.patch("merge", &format!("{path}/web"), &json!({ "spec": { "clusterIP": "10.100.200.200" } }));
    assert_eq!(moved.code, 422);
}

#[test]
fn definitions_add_kinds_and_take_their_objects_with_them() {
    let ground = Ground::new();
    let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let things = "/apis/example.com/v1/namespaces/default/things";
    assert_eq!(ground.ask("GET", things, &Value::Null).code, 404);
    let definition = json!({ "metadata": { "name": "things.example.com" }, "spec": { "group": "example.com",
        "scope": "Namespaced", "names": { "kind": "Thing", "plural": "things" },
        "versions": [{ "name": "v1", "served": true, "storage": true, "subresources": { "status": {} },
            "schema": { "openAPIV3Schema": { "type": "object", "properties": {
                "spec": { "type": "object", "required": ["size"], "properties": { "size": { "type": "integer" }, "colour": { "type": "string", "default": "red" } } },
                "status": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } } } } }] } });
    ground.ok("POST", path, &definition);
    let established = ground.until(&format!("{path}/things.example.com"), |answer| {
        answer.body["status"]["conditions"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one["type"] == "Established"))
    });
    assert_eq!(established.body["status"]["storedVersions"], json!(["v1"]));
    let made = ground.ok(
        "POST",
        things,
        &json!({ "metadata": { "name": "a" }, "spec": { "size": 1, "unknown": 2 } }),
    );
    assert_eq!(made["spec"], json!({ "size": 1, "colour": "red" }));
    let wrong = ground.ask("POST", things, &json!({ "metadata": { "name": "b" }, "spec": { "size": "x" } }));
    assert_eq!(wrong.code, 422, "{}", wrong.text);
    let status = ground.patch(
        "merge",
        &format!("{things}/a/status"),
        &json!({ "spec": { "size": 9 }, "status": { "ok": true } }),
    );
    assert_eq!((&status.body["spec"]["size"], &status.body["status"]["ok"]), (&json!(1), &json!(true)));
    assert_eq!(status.body["metadata"]["generation"], 1);
    ground.ok("DELETE", &format!("{path}/things.example.com"), &Value::Null);
    ground.until(things, |answer| answer.code == 404);
}

#[test]
fn a_namespace_goes_with_all_that_is_in_it_and_owned_objects_with_their_owners() {
    let ground = Ground::new();
    ground.ok("POST", "/api/v1/namespaces", &json!({ "metadata": { "name": "n" } }));
    let maps = "/api/v1/namespaces/n/configmaps";
    let owner = ground.ok("POST", maps, &map("owner", json!({})));
    let mut owned = map("owned", json!({}));
    owned["metadata"]["ownerReferences"] = json!([{ "apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"] }]);
    ground.ok("POST", maps, &owned);
    ground.ok("DELETE", &format!("{maps}/owner"), &Value::Null);
    ground.until(&format!("{maps}/owned"), |answer| answer.code == 404);
    let mut held = map("held", json!({}));
    held["metadata"]["finalizers"] = json!(["example.com/wait"]);
    ground.ok("POST", maps, &held);
    let leaving = ground.ok("DELETE", "/api/v1/namespaces/n", &Value::Null);
    assert_eq!(leaving["status"]["phase"], "Terminating");
    ground.until(&format!("{maps}/held"), |answer| answer.body["metadata"]["deletionTimestamp"].is_string());
    let late = ground.ask("POST", maps, &map("late", json!({})));
    assert_eq!(
        (late.code, &late.body["details"]["causes"][0]["reason"]),
        (403, &json!("NamespaceTerminating"))
    );
    ground.patch("merge", &format!("{maps}/held"), &json!({ "metadata": { "finalizers": null } }));
    ground.until("/api/v1/namespaces/n", |answer| answer.code == 404);
}

#[test]
fn everything_is_there_again_after_a_stop() {
    let mut ground = Ground::new();
    let made = ground.ok("POST", MAPS, &map("a", json!({ "x": "1" })));
    let before = ground.endpoint.clone();
    ground.restart();
    assert_eq!(ground.endpoint, before);
    let after = ground.get(&format!("{MAPS}/a"));
    assert_eq!(after, made);
    let written = ground.patch("merge", &format!("{MAPS}/a"), &json!({ "data": { "x": "2" } }));
    let number =
        |object: &Value| object["metadata"]["resourceVersion"].as_str().unwrap().parse::<u64>().unwrap();
    assert!(number(&written.body) > number(&made));
}
