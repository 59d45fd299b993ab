//! What is in the cluster, counted by another client than platctl's.

use std::collections::{BTreeMap, BTreeSet};

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::Value;

/// What controllers make of what others declare: theirs to keep right, and never at rest.
const MADE: [&str; 8] = [
    "controllerrevisions",
    "endpoints",
    "endpointslices",
    "events",
    "leases",
    "nodes",
    "pods",
    "replicasets",
];

/// Of a Service, what the cluster fills in.
const FILLED_IN: [&str; 3] = ["clusterIP", "clusterIPs", "healthCheckNodePort"];

/// One line an object, with what it asks for; and one line a release, with what its revisions are.
pub(crate) fn objects(kubeconfig: &str) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let kubeconfig = Kubeconfig::from_yaml(kubeconfig).unwrap();
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
        let client = Client::try_from(config.unwrap()).unwrap();
        let mut lines = Vec::new();
        let mut revisions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (kind, path) in kinds(&client).await {
            for object in items(&get(&client, &path).await, "items") {
                if object["type"] == "helm.sh/release.v1" {
                    let labels = &object["metadata"]["labels"];
                    let revision = format!("{} {}", word(&labels["version"]), word(&labels["status"]));
                    revisions.entry(word(&labels["name"]).to_owned()).or_default().insert(revision);
                } else {
                    lines.push(line(&kind, object));
                }
            }
        }
        lines.extend(revisions.iter().map(|(release, revisions)| told(release, revisions)));
        lines
    })
}

/// The kinds that can be listed, and where.
async fn kinds(client: &Client) -> Vec<(String, String)> {
    let groups = get(client, "/apis").await;
    let groups =
        items(&groups, "groups").map(|group| word(&group["preferredVersion"]["groupVersion"]).to_owned());
    let mut found = Vec::new();
    for place in std::iter::once("/api/v1".to_owned()).chain(groups.map(|group| format!("/apis/{group}"))) {
        for resource in items(&get(client, &place).await, "resources") {
            let (name, kind) = (word(&resource["name"]), word(&resource["kind"]));
            let is_listed = items(resource, "verbs").any(|verb| verb == "list");
            if is_listed && !name.contains('/') && !MADE.contains(&name) {
                found.push((kind.to_owned(), format!("{place}/{name}")));
            }
        }
    }
    found
}

async fn get(client: &Client, path: &str) -> Value {
    let request = http::Request::get(path).body(Vec::new()).unwrap();
    client.request(request).await.unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn line(kind: &str, object: &Value) -> String {
    let mut spec = object["spec"].clone();
    if kind == "Job" {
        // It selects its pods by a label of its own, which is another one each time.
        spec.as_object_mut().unwrap().remove("selector");
        spec["template"].as_object_mut().unwrap().remove("metadata");
    }
    if kind == "Service" {
        let spec = spec.as_object_mut().unwrap();
        FILLED_IN.iter().for_each(|key| drop(spec.remove(*key)));
        for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
            port.as_object_mut().unwrap().remove("nodePort");
        }
    }
    let metadata = &object["metadata"];
    format!("{kind} {}/{} {spec}", word(&metadata["namespace"]), word(&metadata["name"]))
}

/// How many revisions a release has is a matter of how often it was tried; which of them stands or is pending is not.
fn told(release: &str, revisions: &BTreeSet<String>) -> String {
    let past = [" superseded", " failed"];
    let now = revisions.iter().filter(|revision| !past.iter().any(|word| revision.ends_with(word)));
    let words: Vec<&str> = now.filter_map(|revision| revision.split(' ').next_back()).collect();
    format!("release {release}: {}", words.join(", "))
}

fn items<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
