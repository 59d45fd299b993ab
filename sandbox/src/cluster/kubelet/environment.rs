//! The variables of a container: the image's, the manifest's, and the few that are otherwise on loopback.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::cluster::instance::Cluster;
use crate::cluster::json::{list, namespace, text};
use crate::cluster::network;
use crate::cluster::store::{Key, Store};

/// Addresses of other services, which are reached on loopback here.
const URLS: [&str; 2] = ["BACKEND_URL", "BACKEND_SERVICE_URL"];

/// Where a process is to listen.
const LISTEN: &str = "LISTEN_ADDR";

/// The variables of a container.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) variables: Vec<(String, String)>,
    /// Those that are not as the manifest has them.
    pub(super) rewrites: BTreeMap<String, String>,
    /// The port of the manifest.
    pub(super) listens: Option<u16>,
}

/// Builds the variables of a container; `port` is where its process is to listen on loopback.
///
/// # Errors
/// What is missing, in the words of the kubelet.
pub(super) fn build(
    cluster: &std::rc::Rc<Cluster>,
    (pod, container): (&Value, &Value),
    image: &[(String, String)],
    port: u16,
) -> Result<Environment, String> {
    let mut variables: Vec<(String, String)> = image.to_vec();
    let given = given(&cluster.store.borrow(), pod, container)?;
    for (name, value) in given {
        variables.retain(|(known, _)| *known != name);
        variables.push((name, value));
    }
    let mut environment = Environment::default();
    for (name, value) in &mut variables {
        if name == LISTEN {
            environment.listens = value.rsplit(':').next().and_then(|port| port.parse().ok());
            *value = format!("127.0.0.1:{port}");
        } else if URLS.contains(&name.as_str()) {
            match network::on_loopback(cluster, namespace(pod), value) {
                Some(url) => *value = url,
                None => continue,
            }
        } else {
            continue;
        }
        environment.rewrites.insert(name.clone(), value.clone());
    }
    environment.variables = variables;
    Ok(environment)
}

/// The manifest's own variables, in its order; later ones may name earlier ones.
fn given(store: &Store, pod: &Value, container: &Value) -> Result<Vec<(String, String)>, String> {
    let mut found: Vec<(String, String)> = Vec::new();
    for source in list(container, "/envFrom") {
        let prefix = text(source, "/prefix");
        for (reference, resource) in [("configMapRef", "configmaps"), ("secretRef", "secrets")] {
            let Some(reference) = source.get(reference) else { continue };
            for (key, value) in all_of(store, namespace(pod), (resource, reference))? {
                found.push((format!("{prefix}{key}"), value));
            }
        }
    }
    for variable in list(container, "/env") {
        let name = text(variable, "/name").to_owned();
        let value = match variable.get("valueFrom") {
            None => expand(text(variable, "/value"), &found),
            Some(source) => match from(store, (pod, container), source)? {
                Some(value) => value,
                None => continue,
            },
        };
        found.retain(|(known, _)| *known != name);
        found.push((name, value));
    }
    Ok(found)
}

/// `$(NAME)` stands for a variable that was given before; `$$(` for itself.
fn expand(text: &str, known: &[(String, String)]) -> String {
    let mut whole = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        whole.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(behind) = rest.strip_prefix("$$") {
            whole.push('$');
            rest = behind;
            continue;
        }
        let named = rest.strip_prefix("$(").and_then(|inside| inside.split_once(')'));
        match named.and_then(|(name, behind)| Some((known.iter().find(|(one, _)| one == name)?, behind))) {
            Some(((_, value), behind)) => {
                whole.push_str(value);
                rest = behind;
            }
            None => {
                whole.push('$');
                rest = &rest[1..];
            }
        }
    }
    whole + rest
}

fn from(store: &Store, (pod, container): (&Value, &Value), source: &Value) -> Result<Option<String>, String> {
    if let Some(field) = source.get("fieldRef") {
        return Ok(Some(field_of(pod, text(field, "/fieldPath"))));
    }
    if let Some(field) = source.get("resourceFieldRef") {
        let path = format!("/resources/{}", text(field, "/resource").replace('.', "/"));
        return Ok(Some(text(container, &path).to_owned()));
    }
    for (key, resource) in [("configMapKeyRef", "configmaps"), ("secretKeyRef", "secrets")] {
        let Some(reference) = source.get(key) else { continue };
        let optional = reference["optional"] == true;
        let wanted = text(reference, "/key");
        let all = all_of(store, namespace(pod), (resource, reference))?;
        return match all.into_iter().find(|(key, _)| key == wanted) {
            Some((_, value)) => Ok(Some(value)),
            None if optional => Ok(None),
            None => Err(format!(
                "couldn't find key {wanted} in {} {}/{}",
                &resource[..resource.len() - 1],
                namespace(pod),
                text(reference, "/name")
            )),
        };
    }
    Ok(None)
}

/// A field of a pod: `metadata.name`, `metadata.labels['app']`, `spec.nodeName`.
fn field_of(pod: &Value, path: &str) -> String {
    let found = match path.split_once("['") {
        Some((map, key)) => pod
            .pointer(&format!("/{}", map.replace('.', "/")))
            .and_then(|map| map.get(key.trim_end_matches("']"))),
        None => pod.pointer(&format!("/{}", path.replace('.', "/"))),
    };
    found.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Everything that a ConfigMap or a Secret holds, as text.
fn all_of(
    store: &Store,
    namespace: &str,
    (resource, reference): (&str, &Value),
) -> Result<Vec<(String, String)>, String> {
    let name = text(reference, "/name");
    let Some(object) = store.get(&Key::new(resource, namespace, name)) else {
        let missing = format!("{} {name:?} not found", &resource[..resource.len() - 1]);
        return if reference["optional"] == true { Ok(Vec::new()) } else { Err(missing) };
    };
    let data = object["data"].as_object().into_iter().flatten();
    let plain = |value: &str| match resource {
        "secrets" => String::from_utf8_lossy(&STANDARD.decode(value).unwrap_or_default()).into_owned(),
        _ => value.to_owned(),
    };
    Ok(data.map(|(key, value)| (key.clone(), plain(value.as_str().unwrap_or_default()))).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_name_earlier_ones_and_fields() {
        let known = [("A".to_owned(), "1".to_owned())];
        assert_eq!(expand("x$(A)-$(B)-$$(A)-$", &known), "x1-$(B)-$(A)-$");
        let pod =
            json!({ "metadata": { "name": "p", "labels": { "a/b": "c" } }, "spec": { "nodeName": "n" } });
        assert_eq!(field_of(&pod, "metadata.name"), "p");
        assert_eq!(field_of(&pod, "metadata.labels['a/b']"), "c");
        assert_eq!(field_of(&pod, "spec.nodeName"), "n");
    }

    #[test]
    fn keys_of_secrets_and_maps_are_read_or_missed() {
        let mut store = Store::open(None, 1).unwrap();
        let secret = json!({ "metadata": { "name": "s" }, "data": { "k": "eA==" } });
        store.put(&Key::new("secrets", "n", "s"), secret).unwrap();
        let pod = json!({ "metadata": { "namespace": "n" } });
        let of = |reference: Value| {
            let container = json!({ "env": [{ "name": "V", "valueFrom": { "secretKeyRef": reference } }] });
            given(&store, &pod, &container)
        };
        assert_eq!(of(json!({ "name": "s", "key": "k" })).unwrap(), [("V".to_owned(), "x".to_owned())]);
        assert_eq!(
            of(json!({ "name": "s", "key": "no" })).unwrap_err(),
            "couldn't find key no in secret n/s"
        );
        assert_eq!(of(json!({ "name": "t", "key": "k" })).unwrap_err(), "secret \"t\" not found");
        assert_eq!(of(json!({ "name": "t", "key": "k", "optional": true })).unwrap(), []);
    }
}
