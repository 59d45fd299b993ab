//! The kinds that are served: a table of those that Kubernetes has itself, and those that definitions add.

use std::rc::Rc;

use serde_json::Value;

use super::json::{list, text};
use super::store::{Key, Store};

/// A kind that is served in a version.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Resource {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) plural: String,
    pub(super) singular: String,
    pub(super) short: Vec<String>,
    pub(super) namespaced: bool,
    pub(super) has_status: bool,
    pub(super) has_scale: bool,
    /// Whether changes of the specification are counted.
    pub(super) has_generation: bool,
    /// In the category `all`.
    pub(super) common: bool,
    /// The schema of a kind that a definition added.
    pub(super) schema: Option<Rc<Value>>,
    /// Whether a definition added it.
    pub(super) custom: bool,
}

impl Resource {
    /// `deployments.apps`, `pods`.
    pub(super) fn qualified(&self) -> String {
        match self.group.as_str() {
            "" => self.plural.clone(),
            group => format!("{}.{group}", self.plural),
        }
    }

    /// `apps/v1`, `v1`.
    pub(super) fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// The key of an object of it.
    pub(super) fn key(&self, namespace: &str, name: &str) -> Key {
        let namespace = if self.namespaced { namespace } else { "" };
        Key::new(&self.qualified(), namespace, name)
    }

    /// Whether it is this built-in one.
    pub(super) fn is(&self, group: &str, kind: &str) -> bool {
        self.group == group && self.kind == kind
    }
}

/// Group, version, kind, plural, short names, and what it has: `n` namespaces, `s` a status, `c` a scale, `g` a
/// generation, `a` a place in the category `all`.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip] // A table.
const BUILT_IN: &[Row] = &[
    ("", "v1", "ConfigMap", "configmaps", "cm", "n"),
    ("", "v1", "Endpoints", "endpoints", "ep", "n"),
    ("", "v1", "Event", "events", "ev", "n"),
    ("", "v1", "LimitRange", "limitranges", "limits", "n"),
    ("", "v1", "Namespace", "namespaces", "ns", "s"),
    ("", "v1", "Node", "nodes", "no", "s"),
    ("", "v1", "PersistentVolume", "persistentvolumes", "pv", "s"),
    ("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", "ns"),
    ("", "v1", "Pod", "pods", "po", "nsga"),
    ("", "v1", "ReplicationController", "replicationcontrollers", "rc", "nscga"),
    ("", "v1", "ResourceQuota", "resourcequotas", "quota", "ns"),
    ("", "v1", "Secret", "secrets", "", "n"),
    ("", "v1", "Service", "services", "svc", "nsa"),
    ("", "v1", "ServiceAccount", "serviceaccounts", "sa", "n"),
    ("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", "", "g"),
    ("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", "", "sg"),
    ("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", "", "g"),
    ("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", "", "g"),
    ("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", "crd,crds", "sg"),
    ("apiregistration.k8s.io", "v1", "APIService", "apiservices", "", "s"),
    ("apps", "v1", "ControllerRevision", "controllerrevisions", "", "n"),
    ("apps", "v1", "DaemonSet", "daemonsets", "ds", "nsga"),
    ("apps", "v1", "Deployment", "deployments", "deploy", "nscga"),
    ("apps", "v1", "ReplicaSet", "replicasets", "rs", "nscga"),
    ("apps", "v1", "StatefulSet", "statefulsets", "sts", "nscga"),
    ("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa", "nsa"),
    ("batch", "v1", "CronJob", "cronjobs", "cj", "nsga"),
    ("batch", "v1", "Job", "jobs", "", "nsga"),
    ("coordination.k8s.io", "v1", "Lease", "leases", "", "n"),
    ("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", "", "ng"),
    ("networking.k8s.io", "v1", "Ingress", "ingresses", "ing", "nsg"),
    ("networking.k8s.io", "v1", "IngressClass", "ingressclasses", "", "g"),
    ("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", "netpol", "ng"),
    ("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", "", ""),
    ("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", "nsg"),
    ("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", "", ""),
    ("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", "", ""),
    ("rbac.authorization.k8s.io", "v1", "Role", "roles", "", "n"),
    ("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", "", "n"),
    ("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", "pc", "g"),
    ("storage.k8s.io", "v1", "CSIDriver", "csidrivers", "", ""),
    ("storage.k8s.io", "v1", "CSINode", "csinodes", "", ""),
    ("storage.k8s.io", "v1", "StorageClass", "storageclasses", "sc", ""),
    ("storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", "", "s"),
];

fn built_in(row: &Row) -> Resource {
    let (group, version, kind, plural, short, has) = *row;
    let has = |letter| has.contains(letter);
    Resource {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        singular: kind.to_lowercase(),
        short: short.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        namespaced: has('n'),
        has_status: has('s'),
        has_scale: has('c'),
        has_generation: has('g'),
        common: has('a'),
        schema: None,
        custom: false,
    }
}

/// The built-in kind of a group.
pub(super) fn of_kind(group: &str, kind: &str) -> Option<Resource> {
    BUILT_IN.iter().find(|row| (row.0, row.2) == (group, kind)).map(built_in)
}

/// A built-in kind that is in the table.
pub(super) fn known(group: &str, kind: &str) -> Resource {
    of_kind(group, kind).unwrap_or_else(|| built_in(&BUILT_IN[0]))
}

/// What a path names.
pub(super) fn find(store: &Store, group: &str, version: &str, plural: &str) -> Option<Resource> {
    let row = BUILT_IN.iter().find(|row| (row.0, row.1, row.3) == (group, version, plural));
    if let Some(row) = row {
        return Some(built_in(row));
    }
    let key = Key::new(DEFINITIONS, "", &format!("{plural}.{group}"));
    let definition = store.get(&key)?;
    served(definition).into_iter().find(|resource| resource.version == version)
}

/// Everything that is served, in the order of groups.
pub(super) fn all(store: &Store) -> Vec<Resource> {
    let mut all: Vec<Resource> = BUILT_IN.iter().map(built_in).collect();
    for definition in store.list(DEFINITIONS, None) {
        all.extend(served(&definition));
    }
    all.sort_by(|one, other| (&one.group, &one.version).cmp(&(&other.group, &other.version)));
    all
}

/// The kind of an object, as it is served in its own version.
pub(super) fn of_object(store: &Store, object: &Value) -> Option<Resource> {
    let (api_version, kind) = (text(object, "/apiVersion"), text(object, "/kind"));
    of_reference(store, api_version, kind)
}

/// The kind that `apiVersion` and `kind` name, in any version of its group.
pub(super) fn of_reference(store: &Store, api_version: &str, kind: &str) -> Option<Resource> {
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
    if let Some(found) = of_kind(group, kind) {
        return Some(found);
    }
    let definitions = store.list(DEFINITIONS, None);
    let found = definitions.iter().find(|definition| {
        text(definition, "/spec/group") == group && text(definition, "/spec/names/kind") == kind
    })?;
    served(found).into_iter().next()
}

/// What definitions are stored as.
pub(super) const DEFINITIONS: &str = "customresourcedefinitions.apiextensions.k8s.io";

/// Whether a condition of an object is true.
pub(super) fn condition(object: &Value, name: &str) -> bool {
    list(object, "/status/conditions").iter().any(|one| one["type"] == name && one["status"] == "True")
}

/// The versions that a definition serves, once it is established; the stored one is the first.
fn served(definition: &Value) -> Vec<Resource> {
    if !condition(definition, "Established") {
        return Vec::new();
    }
    let names = &definition["spec"]["names"];
    let own = |key: &str| names[key].as_str().unwrap_or_default().to_owned();
    let one = |version: &Value| Resource {
        group: text(definition, "/spec/group").to_owned(),
        version: text(version, "/name").to_owned(),
        kind: own("kind"),
        plural: own("plural"),
        singular: own("singular"),
        short: list(names, "/shortNames")
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect(),
        namespaced: text(definition, "/spec/scope") == "Namespaced",
        has_status: version.pointer("/subresources/status").is_some(),
        has_scale: version.pointer("/subresources/scale").is_some(),
        has_generation: true,
        common: list(names, "/categories").iter().any(|one| one == "all"),
        schema: version.pointer("/schema/openAPIV3Schema").cloned().map(Rc::new),
        custom: true,
    };
    let mut versions: Vec<&Value> =
        list(definition, "/spec/versions").iter().filter(|version| version["served"] == true).collect();
    versions.sort_by_key(|version| version["storage"] != true);
    versions.into_iter().map(one).collect()
}

/// Whether a resource (`deployments.apps`) is a built-in one.
pub(super) fn is_built_in(qualified: &str) -> bool {
    let (plural, group) = qualified.split_once('.').unwrap_or((qualified, ""));
    BUILT_IN.iter().any(|row| (row.3, row.0) == (plural, group))
}
