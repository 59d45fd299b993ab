//! The objects of a manifest.

use std::fmt;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::scope::is_outside_namespaces;
use crate::chart;
use crate::chart::manifest::split;
use crate::chart::yaml::{self, YamlError};
use crate::model::Text;

/// Which object: the same one whatever version of its group it is written in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The API group; empty for the core one.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// The namespace: its own, or the release's; empty for Kubernetes' own kinds that stand outside namespaces. For others
    /// that do, it means nothing.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl Key {
    /// The name by which plans know it: `Deployment default/web`, `ClusterRole web`; with the group where that is not
    /// Kubernetes' own.
    pub fn label(&self) -> String {
        let Self { group, kind, namespace, name } = self;
        let own = !group.contains('.') || group.ends_with(".k8s.io");
        let group = if own { String::new() } else { format!(".{group}") };
        let namespace = if namespace.is_empty() { String::new() } else { format!("{namespace}/") };
        format!("{kind}{group} {namespace}{name}")
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// One object that a release consists of.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Which one.
    pub key: Key,
    /// The version of its group that it is written in (`v1`).
    pub version: String,
    /// The template that it came from, where that is known.
    pub template: String,
    /// All of it.
    pub body: Value,
}

/// A manifest that is none.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// A document in it is not YAML.
    #[error("the manifest's document from {template} (line {line}) is not YAML")]
    Yaml {
        /// The template it came from.
        template: String,
        /// The manifest's line it starts on.
        line: usize,
        /// What is wrong with it.
        source: YamlError,
    },
    /// A document in it is no object.
    #[error("the manifest's document from {template} (line {line}) has no {missing}")]
    Incomplete {
        /// The template it came from.
        template: String,
        /// The manifest's line it starts on.
        line: usize,
        /// What an object must have, and this one has not.
        missing: &'static str,
    },
}

/// The objects of a manifest, in its order; lists are taken apart.
///
/// # Errors
/// The first document that is no object.
pub fn objects(manifest: &str, namespace: &str) -> Result<Vec<Object>, ManifestError> {
    let mut found = Vec::new();
    for document in split(manifest) {
        let source = document.text.lines().find_map(|line| line.strip_prefix("# Source: "));
        let (template, line) = (source.unwrap_or("an unknown template").trim().to_owned(), document.line);
        let value = yaml::read_typed(document.text.as_bytes()).map_err(|source| ManifestError::Yaml {
            template: template.clone(),
            line,
            source,
        })?;
        if value.is_null() {
            continue;
        }
        let mut bodies = vec![to_json(&value)];
        if let Some(items) = items(&mut bodies[0]) {
            bodies = items;
        }
        for body in bodies {
            let object = object(body, namespace, &template);
            found.push(object.map_err(|missing| {
                let template = template.clone();
                ManifestError::Incomplete { template, line, missing }
            })?);
        }
    }
    Ok(found)
}

/// The items of a list (`kind: List`, `ConfigMapList`, ...), which is no object itself.
fn items(body: &mut Value) -> Option<Vec<Value>> {
    let is_list = body["kind"].as_str().is_some_and(|kind| kind.ends_with("List"));
    let items = body.get_mut("items").filter(|_| is_list)?;
    items.as_array_mut().map(std::mem::take)
}

fn text<'a>(value: &'a Value, what: &'static str) -> Result<&'a str, &'static str> {
    value.as_str().filter(|text| !text.is_empty()).ok_or(what)
}

fn object(body: Value, namespace: &str, template: &str) -> Result<Object, &'static str> {
    let api_version = text(&body["apiVersion"], "apiVersion")?;
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    let kind = text(&body["kind"], "kind")?;
    let namespace = match is_outside_namespaces(group, kind) {
        true => "",
        false => body["metadata"]["namespace"].as_str().unwrap_or(namespace),
    };
    let key = Key {
        group: group.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
        name: text(&body["metadata"]["name"], "metadata.name")?.to_owned(),
    };
    Ok(Object { key, version: version.to_owned(), template: template.to_owned(), body })
}

impl Object {
    /// An object, from all of it.
    ///
    /// # Errors
    /// When it has no kind or no name.
    pub fn of(body: Value, namespace: &str) -> Result<Self, ManifestError> {
        let template = "a plan".to_owned();
        object(body, namespace, &template).map_err(|missing| ManifestError::Incomplete {
            template,
            line: 0,
            missing,
        })
    }

    /// Whether what it holds is secret.
    pub fn is_secret(&self) -> bool {
        self.key.kind == "Secret" && self.key.group.is_empty()
    }

    /// Whether it is a Service of Kubernetes' own.
    pub fn is_service(&self) -> bool {
        self.key.kind == "Service" && self.key.group.is_empty()
    }

    /// The object as plans and states may hold it: what a Secret holds is digests, except for what is not known yet.
    pub fn masked(&self) -> Value {
        let mut body = self.body.clone();
        if self.is_secret() {
            mask(&mut body);
        }
        body
    }

    /// Whether its annotation asks that it outlives its release.
    pub fn is_kept(&self) -> bool {
        self.body["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    }

    /// The object with the marks by which Helm knows whose it is; without them, Helm refuses to touch it.
    /// Helm: `pkg/action/validate.go`.
    #[must_use]
    pub fn owned_by(mut self, release: &str, namespace: &str) -> Self {
        let metadata = map(map_of(&mut self.body), "metadata");
        map(metadata, "labels").insert("app.kubernetes.io/managed-by".to_owned(), json!("Helm"));
        let annotations = map(metadata, "annotations");
        annotations.insert("meta.helm.sh/release-name".to_owned(), json!(release));
        annotations.insert("meta.helm.sh/release-namespace".to_owned(), json!(namespace));
        self
    }
}

/// Puts digests in place of what a Secret holds.
pub(super) fn mask(secret: &mut Value) {
    for key in ["data", "stringData"] {
        let values = secret.get_mut(key).and_then(Value::as_object_mut);
        for value in values.into_iter().flat_map(Map::values_mut) {
            let Some(text) = value.as_str().filter(|text| !text.is_empty()) else { continue };
            if Text::new(text).placeholders().is_empty() {
                let digest = Sha256::digest(text);
                let digits: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
                *value = json!(format!("sha256:{digits}"));
            }
        }
    }
}

fn map_of(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut().expect("it is a map now")
}

fn map<'a>(parent: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    map_of(parent.entry(key.to_owned()).or_insert_with(|| json!({})))
}

/// As JSON. A whole number is written without a point, which Kubernetes' integers do not take.
pub(super) fn to_json(value: &chart::Value) -> Value {
    use chart::Value as From;
    match value {
        From::Null => Value::Null,
        From::Bool(truth) => json!(truth),
        From::Int(number) => json!(number),
        From::Uint(number) => json!(number),
        From::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => json!(*number as i64),
        From::Float(number) => json!(number),
        From::String(text) => json!(text),
        From::Odd(odd) => to_json(&odd.plain()),
        From::List(items) => items.iter().map(to_json).collect(),
        From::Map(members) => {
            Value::Object(members.iter().map(|(key, value)| (key.clone(), to_json(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "\
---
# Source: web/templates/a.yaml
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80}], ratio: 0.5, big: 3000000000}
---
# Source: web/templates/b.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: other, annotations: {helm.sh/resource-policy: keep}}
---
# Source: web/templates/empty.yaml
# nothing here
---
# Source: web/templates/list.yaml
apiVersion: v1
kind: ConfigMapList
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: one}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: two}}
";

    #[test]
    fn a_manifest_gives_its_objects() {
        let found = objects(MANIFEST, "frontend").unwrap();
        let keys: Vec<String> =
            found.iter().map(|object| format!("{}/{}", object.key.namespace, object.key)).collect();
        assert_eq!(
            keys,
            [
                "frontend/Service web",
                "other/Deployment web",
                "frontend/ConfigMap one",
                "frontend/ConfigMap two"
            ]
        );
        assert_eq!((found[1].key.group.as_str(), found[1].version.as_str()), ("apps", "v1"));
        assert_eq!(
            found[0].body["spec"].to_string(),
            r#"{"big":3000000000,"ports":[{"port":80}],"ratio":0.5}"#
        );
        assert!(found[1].is_kept() && !found[0].is_kept());
        assert_eq!(found[3].template, "web/templates/list.yaml");
    }

    #[test]
    fn what_a_secret_holds_is_a_digest_in_plans() {
        let manifest = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n\
            data: {a: c2VjcmV0, b: ''}\nstringData: {c: hidden, d: 'x@{secret.db#arn}'}\n";
        let masked = objects(manifest, "x").unwrap().remove(0).masked();
        assert!(
            !masked.to_string().contains("c2VjcmV0") && !masked.to_string().contains("hidden"),
            "{masked}"
        );
        assert!(masked["data"]["a"].as_str().unwrap().starts_with("sha256:"));
        assert_eq!(
            (&masked["data"]["b"], &masked["stringData"]["d"]),
            (&json!(""), &json!("x@{secret.db#arn}"))
        );
        let plain = objects(MANIFEST, "x").unwrap().remove(0);
        assert_eq!(plain.masked(), plain.body);
    }

    #[test]
    fn labels_tell_kinds_of_others_apart() {
        let label = |group: &str| {
            let [kind, namespace, name] = ["Role", "n", "a"].map(str::to_owned);
            Key { group: group.to_owned(), kind, namespace, name }.label()
        };
        assert_eq!(label("rbac.authorization.k8s.io"), "Role n/a");
        assert_eq!(label("apps"), "Role n/a");
        assert_eq!(label("iam.example.com"), "Role.iam.example.com n/a");
    }

    #[test]
    fn what_stands_outside_namespaces_has_none_in_its_label() {
        let label = |manifest: &str| objects(manifest, "shop").unwrap().remove(0).key.label();
        let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: ";
        assert_eq!(label(&format!("{role}{{name: a}}")), "ClusterRole a");
        assert_eq!(label(&format!("{role}{{name: a, namespace: other}}")), "ClusterRole a");
        assert_eq!(label("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}"), "Namespace shop");
        assert_eq!(label("apiVersion: v1\nkind: Service\nmetadata: {name: a}"), "Service shop/a");
    }

    #[test]
    fn an_object_is_marked_as_helm_marks_it() {
        let object = objects(MANIFEST, "frontend").unwrap().remove(0).owned_by("web", "frontend");
        assert_eq!(
            object.body["metadata"],
            json!({"name": "web", "labels": {"app.kubernetes.io/managed-by": "Helm"}, "annotations":
                {"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "frontend"}})
        );
    }

    #[test]
    fn what_is_no_object_is_named_with_its_template() {
        for (text, told) in [
            ("# Source: t.yaml\na: [", "t.yaml (line 1) is not YAML"),
            ("# Source: t.yaml\nkind: A", "has no apiVersion"),
            ("apiVersion: v1\nkind: A\nmetadata: {}", "an unknown template (line 1) has no metadata.name"),
        ] {
            let error = objects(text, "x").unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
