//! Which lists and maps are merged, and by what: for built-in kinds a table of what differs from the usual (objects
//! field by field, lists as a whole), for others their definition's schema.
//!
//! The table is of the `x-kubernetes-list-type`, `-list-map-keys` and `-map-type` of Kubernetes' published schemas:
//! <https://github.com/kubernetes/kubernetes/blob/master/api/openapi-spec/swagger.json>

use serde_json::{Map, Value, json};

use crate::cluster::kinds::Resource;

/// How a place of an object is merged.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cluster) enum Shape {
    /// An object field by field; a list or a scalar as a whole.
    Usual,
    /// As a whole.
    Atomic,
    /// A list of distinct scalars.
    Set,
    /// A list of objects that are known by these members.
    Map(Vec<String>),
}

/// The parts of a pod's specification that differ, with `C` for its three lists of containers.
const POD: &[(&str, &str)] = &[
    ("containers", "name"),
    ("initContainers", "name"),
    ("ephemeralContainers", "name"),
    ("C.*.ports", "containerPort,protocol"),
    ("C.*.env", "name"),
    ("C.*.volumeMounts", "mountPath"),
    ("C.*.volumeDevices", "devicePath"),
    ("C.*.resources.claims", "name"),
    ("hostAliases", "ip"),
    ("imagePullSecrets", "name"),
    ("resourceClaims", "name"),
    ("schedulingGates", "name"),
    ("topologySpreadConstraints", "topologyKey,whenUnsatisfiable"),
    ("volumes", "name"),
];

/// Places of other kinds: kind, path, and the keys (`=` for a set).
const OTHERS: &[(&str, &str, &str)] = &[
    ("Service", "spec.ports", "port,protocol"),
    ("ServiceAccount", "secrets", "name"),
    ("MutatingWebhookConfiguration", "webhooks", "name"),
    ("ValidatingWebhookConfiguration", "webhooks", "name"),
    ("Node", "status.addresses", "type"),
    ("Node", "spec.podCIDRs", "="),
    ("Pod", "status.podIPs", "ip"),
    ("EndpointSlice", "endpoints.*.addresses", "="),
    ("CSINode", "spec.drivers", "name"),
    ("CustomResourceDefinition", "status.storedVersions", "="),
    ("ValidatingAdmissionPolicy", "spec.matchConditions", "name"),
    ("ValidatingAdmissionPolicy", "spec.variables", "name"),
];

/// Kinds with templates of pods, and where the specification is.
const TEMPLATES: &[(&str, &str)] = &[
    ("Pod", "spec"),
    ("Deployment", "spec.template.spec"),
    ("ReplicaSet", "spec.template.spec"),
    ("StatefulSet", "spec.template.spec"),
    ("DaemonSet", "spec.template.spec"),
    ("Job", "spec.template.spec"),
    ("ReplicationController", "spec.template.spec"),
    ("CronJob", "spec.jobTemplate.spec.template.spec"),
];

/// Objects that are taken as a whole wherever a built-in kind has them.
const WHOLE: &[&str] = &[
    "claimRef",
    "configMapKeyRef",
    "fieldRef",
    "involvedObject",
    "labelSelector",
    "namespaceSelector",
    "nodeSelector",
    "nodeSelectorTerms",
    "objectSelector",
    "podSelector",
    "resourceFieldRef",
    "roleRef",
    "scaleTargetRef",
    "secretKeyRef",
    "secretRef",
    "selector",
    "targetRef",
    "configMapRef",
];

/// A place in an object of a kind.
#[derive(Clone, Debug)]
pub(in crate::cluster) struct Cursor<'s> {
    kind: &'s str,
    path: String,
    /// The schema of the place, for kinds that a definition added.
    schema: Option<&'s Value>,
    custom: bool,
}

impl<'s> Cursor<'s> {
    /// The object itself.
    pub(in crate::cluster) fn root(resource: &'s Resource) -> Self {
        Self {
            kind: &resource.kind,
            path: String::new(),
            schema: resource.schema.as_deref(),
            custom: resource.custom,
        }
    }

    /// A member.
    pub(in crate::cluster) fn field(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        let schema = self.schema.and_then(|schema| {
            let property = schema.get("properties").and_then(|all| all.get(name));
            property.or_else(|| schema.get("additionalProperties").filter(|more| more.is_object()))
        });
        Self { path, schema, ..self.clone() }
    }

    /// The items of a list.
    pub(in crate::cluster) fn item(&self) -> Self {
        let schema = self.schema.and_then(|schema| schema.get("items"));
        Self { path: format!("{}.*", self.path), schema, ..self.clone() }
    }

    /// How the place is merged.
    pub(in crate::cluster) fn shape(&self) -> Shape {
        if let Some(rest) = self.path.strip_prefix("metadata.") {
            return match rest {
                "finalizers" => Shape::Set,
                "ownerReferences" => Shape::Map(vec!["uid".to_owned()]),
                "ownerReferences.*" => Shape::Atomic,
                _ => Shape::Usual,
            };
        }
        if self.custom { self.defined() } else { self.built_in() }
    }

    fn defined(&self) -> Shape {
        let Some(schema) = self.schema else { return Shape::Usual };
        let word = |key: &str| schema.get(key).and_then(Value::as_str);
        match (word("x-kubernetes-list-type"), word("x-kubernetes-map-type")) {
            (Some("set"), _) => Shape::Set,
            (Some("map"), _) => {
                let keys = schema["x-kubernetes-list-map-keys"].as_array().into_iter().flatten();
                Shape::Map(keys.filter_map(|key| key.as_str().map(str::to_owned)).collect())
            }
            (Some("atomic"), _) | (_, Some("atomic")) => Shape::Atomic,
            _ => Shape::Usual,
        }
    }

    fn built_in(&self) -> Shape {
        let last = self.path.rsplit('.').next().unwrap_or_default();
        if self.path == "status.conditions" {
            return Shape::Map(vec!["type".to_owned()]);
        }
        let other = OTHERS.iter().find(|(kind, path, _)| *kind == self.kind && *path == self.path);
        if let Some((.., keys)) = other {
            return keyed(keys);
        }
        let template = TEMPLATES.iter().find(|(kind, _)| *kind == self.kind);
        if let Some(rest) = template.and_then(|(_, at)| self.path.strip_prefix(*at)?.strip_prefix('.')) {
            let rest = ["containers", "initContainers", "ephemeralContainers"]
                .iter()
                .find_map(|list| Some(format!("C.*{}", rest.strip_prefix(list)?.strip_prefix(".*")?)))
                .unwrap_or_else(|| rest.to_owned());
            if let Some((_, keys)) = POD.iter().find(|(path, _)| *path == rest) {
                return keyed(keys);
            }
        }
        if WHOLE.contains(&last) { Shape::Atomic } else { Shape::Usual }
    }

    /// The path element of an item of a list of this place.
    pub(super) fn element(shape: &Shape, index: usize, item: &Value) -> String {
        match shape {
            Shape::Set => format!("v:{item}"),
            Shape::Map(keys) => format!("k:{}", key_of(keys, item)),
            _ => format!("i:{index}"),
        }
    }

    /// The member by which a strategic merge knows the items of a list.
    pub(in crate::cluster) fn merge_key(&self) -> Option<String> {
        match self.shape() {
            Shape::Map(keys) => keys.into_iter().next(),
            _ => None,
        }
    }
}

fn keyed(keys: &str) -> Shape {
    match keys {
        "=" => Shape::Set,
        keys => Shape::Map(keys.split(',').map(str::to_owned).collect()),
    }
}

/// What an item of a list is known by. The protocol of a port has a default in the schema.
fn key_of(keys: &[String], item: &Value) -> Value {
    let mut sorted: Vec<&String> = keys.iter().collect();
    sorted.sort();
    let mut found = Map::new();
    for key in sorted {
        match item.get(key) {
            Some(value) => drop(found.insert(key.clone(), value.clone())),
            None if key == "protocol" => drop(found.insert(key.clone(), json!("TCP"))),
            None => {}
        }
    }
    Value::Object(found)
}

/// The place in a list of an item that an element names.
pub(super) fn position(items: &[Value], element: &str) -> Option<usize> {
    let (kind, rest) = element.split_once(':')?;
    match kind {
        "k" => {
            let wanted: Map<String, Value> = serde_json::from_str(rest).ok()?;
            let keys: Vec<String> = wanted.keys().cloned().collect();
            let wanted = Value::Object(wanted);
            items.iter().position(|item| key_of(&keys, item) == wanted)
        }
        "v" => {
            let wanted: Value = serde_json::from_str(rest).ok()?;
            items.iter().position(|item| *item == wanted)
        }
        _ => rest.parse().ok().filter(|index| *index < items.len()),
    }
}
