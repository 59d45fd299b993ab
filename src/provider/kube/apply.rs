//! Server-side apply under our own field manager.
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/>

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http::Method;
use kube::core::Status;
use serde_json::{Map, Value, json};

use super::cluster::{Body, Cluster};
use super::discovery::Target;
use super::failure::failed;
use crate::provider::{Class, Error};

/// The name by which the API server knows what we own.
pub const FIELD_MANAGER: &str = "platctl";

/// How long an object that is on its way out may take to be gone before it is made anew.
const LEAVING_WITHIN: Duration = Duration::from_secs(120);

/// How long after a refusal that may be by an old definition it is tried again.
const PAUSE: Duration = Duration::from_millis(200);

/// On whose behalf something is applied, and how.
#[derive(Clone, Copy, Debug)]
pub struct How<'a> {
    /// The release.
    pub release: &'a str,
    /// Its namespace.
    pub namespace: &'a str,
    /// Takes fields that others own, and objects that are there and belong to no release.
    pub force: bool,
    /// Changes nothing: the answer is what would be.
    pub dry_run: bool,
}

/// What an apply did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not there.
    Created,
    /// It was otherwise.
    Changed,
    /// It was so already.
    Unchanged,
}

/// What an apply left.
#[derive(Clone, Debug)]
pub struct Applied {
    /// What it did.
    pub change: Change,
    /// The object as it is now.
    pub live: Value,
}

/// An object that was not applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The call failed.
    #[error("{object} was not applied")]
    Call {
        /// The object.
        object: String,
        /// Why.
        source: Box<Error>,
    },
    /// Others own fields that are to be otherwise.
    #[error("{object}: {}", ownership(.owners))]
    Conflict {
        /// The object.
        object: String,
        /// The fields of each owner.
        owners: BTreeMap<String, Vec<String>>,
    },
    /// It belongs to another release.
    #[error("{object} belongs to release {owner}")]
    Foreign {
        /// The object.
        object: String,
        /// `namespace/name` of that release.
        owner: String,
    },
    /// It is there, and no release made it.
    #[error("{object} is there already and belongs to no release; {} wrote it", .managers.join(", "))]
    Unmarked {
        /// The object.
        object: String,
        /// Who wrote it, as the API server knows them.
        managers: Vec<String>,
    },
}

impl ApplyError {
    /// Whether the cluster does not let us.
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Call { source, .. } if source.class == Class::Denied)
    }

    /// Whether it is others' what is to be otherwise, so that only force takes it.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. } | Self::Unmarked { .. })
    }
}

fn ownership(owners: &BTreeMap<String, Vec<String>>) -> String {
    let told = owners.iter().map(|(owner, fields)| format!("{owner} owns {}", fields.join(", ")));
    told.collect::<Vec<_>>().join("; ")
}

impl Cluster {
    /// Makes an object as `body` says, and leaves what others own.
    ///
    /// # Errors
    /// A conflict names who owns what.
    pub async fn apply(&self, target: &Target, body: &Value, how: How<'_>) -> Result<Applied, ApplyError> {
        let call = |source| ApplyError::Call { object: target.to_string(), source: Box::new(source) };
        let paths = self.paths(target).await.map_err(call)?;
        let mut before = self.find("get", &paths.object).await.map_err(call)?;
        if before.as_ref().is_some_and(is_leaving) && !how.dry_run {
            // What is on its way out takes changes and goes all the same.
            self.wait_gone(target, LEAVING_WITHIN).await.map_err(call)?;
            before = self.find("get", &paths.object).await.map_err(call)?;
        }
        if let Some(live) = &before {
            may_take(target, body, live, how)?;
            if let Some(patch) = take_over(live).filter(|_| !how.dry_run && owner(live).is_some()) {
                let body = Body { content: "application/merge-patch+json", value: &patch };
                let path = format!("{}?fieldManager={FIELD_MANAGER}", paths.object);
                let taken = self.call("take over", Method::PATCH, &path, Some(body)).await.map_err(call)?;
                before = Some(taken);
            }
        }
        let live = loop {
            match self.patch(target, &paths.object, body, how).await {
                Err(error) if !how.dry_run && self.may_not_know_yet(target, &error) => {
                    tokio::time::sleep(PAUSE).await;
                }
                other => break other?,
            }
        };
        let version = |object: &Value| object["metadata"]["resourceVersion"].as_str().map(str::to_owned);
        let change = match &before {
            None => Change::Created,
            Some(before) if version(before) == version(&live) => Change::Unchanged,
            Some(_) => Change::Changed,
        };
        if target.kind == "CustomResourceDefinition" && change == Change::Changed && !how.dry_run {
            self.note_redefined(body);
        }
        Ok(Applied { change, live })
    }

    async fn patch(
        &self,
        target: &Target,
        path: &str,
        body: &Value,
        how: How<'_>,
    ) -> Result<Value, ApplyError> {
        const NAME: &str = "apply";
        let call = |source| ApplyError::Call { object: target.to_string(), source: Box::new(source) };
        let dry_run = if how.dry_run { "&dryRun=All" } else { "" };
        let path = format!("{path}?fieldManager={FIELD_MANAGER}&force={}{dry_run}", how.force);
        let body = Body { content: "application/apply-patch+yaml", value: body };
        let request = self.request(NAME, Method::PATCH, &path, Some(body)).map_err(call)?;
        let answer = self.send(&request).await.map_err(call)?;
        answer.map_err(|error| match conflict(&error) {
            Some(owners) => ApplyError::Conflict { object: target.to_string(), owners },
            None => call(failed(NAME, error)),
        })
    }
}

fn is_leaving(live: &Value) -> bool {
    live["metadata"]["deletionTimestamp"].is_string()
}

/// Whether what is there may be taken: it is of this release, or of none and that is asked for. An object that
/// carries no marks itself (a hook's) may take one that carries none either.
fn may_take(target: &Target, body: &Value, live: &Value, how: How<'_>) -> Result<(), ApplyError> {
    let object = target.to_string();
    match owner(live) {
        Some(owner) if owner != format!("{}/{}", how.namespace, how.release) => {
            Err(ApplyError::Foreign { object, owner })
        }
        // A namespace is there for many: it takes further labels from whoever has something in it.
        None if owner(body).is_some() && !how.force && !is_ours(live) && target.kind != "Namespace" => {
            Err(ApplyError::Unmarked { object, managers: managers(live) })
        }
        _ => Ok(()),
    }
}

fn managers(live: &Value) -> Vec<String> {
    let entries = live["metadata"]["managedFields"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names = entries.iter().filter_map(|entry| entry["manager"].as_str().map(str::to_owned));
    let names: BTreeSet<String> = names.collect();
    if names.is_empty() { vec!["somebody".to_owned()] } else { names.into_iter().collect() }
}

fn is_ours(live: &Value) -> bool {
    managers(live).iter().any(|manager| manager == FIELD_MANAGER)
}

/// Whether an object says that it belongs to a release.
pub fn marked_of(live: &Value, release: &str, namespace: &str) -> bool {
    owner(live).is_some_and(|owner| owner == format!("{namespace}/{release}"))
}

/// The release that an object says it belongs to, as `namespace/name`.
fn owner(live: &Value) -> Option<String> {
    let annotations = &live["metadata"]["annotations"];
    let release = annotations["meta.helm.sh/release-name"].as_str()?;
    let namespace = annotations["meta.helm.sh/release-namespace"].as_str().unwrap_or("default");
    Some(format!("{namespace}/{release}"))
}

/// Who owns what, if that is why an apply was refused.
fn conflict(error: &kube::Error) -> Option<BTreeMap<String, Vec<String>>> {
    let kube::Error::Api(status) = error else { return None };
    owners_of(status)
}

fn owners_of(status: &Status) -> Option<BTreeMap<String, Vec<String>>> {
    let causes = &status.details.as_ref().filter(|_| status.code == 409)?.causes;
    let mut owners: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for cause in causes.iter().filter(|cause| cause.reason == "FieldManagerConflict") {
        // conflict with "kubectl-edit" using apps/v1
        let owner = cause.message.split('"').nth(1).unwrap_or(cause.message.as_str());
        owners.entry(owner.to_owned()).or_default().push(cause.field.clone());
    }
    (!owners.is_empty()).then_some(owners)
}

/// The patch by which what Helm owns of an object becomes ours, as applied; nothing where Helm owns nothing. Without
/// it every field that a chart drops would stay, because Helm still owned it.
fn take_over(live: &Value) -> Option<Value> {
    let metadata = &live["metadata"];
    let entries = metadata["managedFields"].as_array()?;
    let version = entries.iter().find(|entry| is_helms(entry))?["apiVersion"].clone();
    let mut fields = Map::new();
    let mut left = Vec::new();
    for entry in entries {
        let ours = entry["manager"] == FIELD_MANAGER && entry["operation"] == "Apply" && is_whole(entry);
        let taken = (ours || is_helms(entry)) && entry["apiVersion"] == version;
        match entry["fieldsV1"].as_object().filter(|_| taken) {
            Some(more) => unite(&mut fields, more),
            None => left.push(entry.clone()),
        }
    }
    left.push(json!({
        "manager": FIELD_MANAGER, "operation": "Apply", "apiVersion": version, "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }));
    Some(json!({ "metadata": { "managedFields": left, "resourceVersion": metadata["resourceVersion"] } }))
}

/// Whether an entry is Helm's: it has its name, or the marks of a release in it and is not us. Helm is known by the name
/// of the program that its library is in (a controller, a Terraform provider).
/// Helm: `pkg/kube/client.go` (`getManagedFieldsManager`).
fn is_helms(entry: &Value) -> bool {
    let marks = &entry["fieldsV1"]["f:metadata"]["f:annotations"]["f:meta.helm.sh/release-name"];
    let named = entry["manager"] == "helm";
    is_whole(entry) && (named || (entry["manager"] != FIELD_MANAGER && marks.is_object()))
}

fn is_whole(entry: &Value) -> bool {
    entry["subresource"].as_str().unwrap_or_default().is_empty()
}

/// The union of two field sets: maps of fields down to empty ones.
fn unite(fields: &mut Map<String, Value>, more: &Map<String, Value>) {
    for (key, value) in more {
        match (fields.get_mut(key).and_then(Value::as_object_mut), value.as_object()) {
            (Some(inside), Some(more)) => unite(inside, more),
            _ => {
                fields.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_helm_owns_becomes_ours_and_what_others_own_stays() {
        let marks = json!({"f:annotations": {"f:meta.helm.sh/release-name": {}}});
        let live = json!({"metadata": {"resourceVersion": "7", "managedFields": [
            {"manager": "helm", "operation": "Update", "apiVersion": "v1",
                "fieldsV1": {"f:data": {"f:a": {}}, "f:metadata": marks}},
            {"manager": "terraform", "operation": "Apply", "apiVersion": "v1",
                "fieldsV1": {"f:data": {"f:b": {}}, "f:metadata": marks}},
            {"manager": "helm", "operation": "Update", "apiVersion": "v1", "subresource": "status"},
            {"manager": "platctl", "operation": "Apply", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:c": {}}}},
            {"manager": "kubectl-edit", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:x": {}}},
        ]}});
        let patch = take_over(&live).unwrap();
        assert_eq!(patch["metadata"]["resourceVersion"], "7");
        let left = patch["metadata"]["managedFields"].as_array().unwrap();
        let managers: Vec<&str> = left.iter().filter_map(|entry| entry["manager"].as_str()).collect();
        assert_eq!(managers, ["helm", "kubectl-edit", "platctl"]);
        assert_eq!(left[0]["subresource"], "status");
        assert_eq!(
            left[2]["fieldsV1"],
            json!({"f:data": {"f:a": {}, "f:b": {}, "f:c": {}}, "f:metadata": marks})
        );
        assert!(take_over(&json!({"metadata": {"managedFields": left[1..].to_vec()}})).is_none());
    }

    #[test]
    fn what_belongs_to_nobody_or_to_another_release_is_not_taken_unasked() {
        let target = Target {
            group: String::new(),
            version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            namespace: "n".to_owned(),
            name: "a".to_owned(),
        };
        let how = How { release: "web", namespace: "n", force: false, dry_run: false };
        let marked = |release: &str| {
            json!({"metadata": {"annotations":
                {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": "n"}}})
        };
        let by = |manager: &str| json!({"metadata": {"managedFields": [{"manager": manager}]}});
        let told = |body: &Value, live: &Value, how: How<'_>| {
            may_take(&target, body, live, how).map_err(|error| error.to_string())
        };
        assert_eq!(told(&marked("web"), &marked("web"), how), Ok(()));
        let foreign = told(&marked("web"), &marked("other"), How { force: true, ..how });
        assert_eq!(foreign, Err("ConfigMap a belongs to release n/other".to_owned()));
        let unmarked = told(&marked("web"), &by("kubectl"), how).unwrap_err();
        assert!(unmarked.ends_with("belongs to no release; kubectl wrote it"), "{unmarked}");
        assert_eq!(told(&marked("web"), &by("kubectl"), How { force: true, ..how }), Ok(()));
        assert_eq!(told(&marked("web"), &by(FIELD_MANAGER), how), Ok(()));
        assert_eq!(told(&by("platctl"), &by("kubectl"), how), Ok(()), "a hook's");
    }

    #[test]
    fn a_conflict_names_who_owns_what() {
        let status: Status = serde_json::from_value(json!({
            "status": "Failure", "message": "Apply failed with 2 conflicts", "reason": "Conflict", "code": 409,
            "details": {"causes": [
                {"reason": "FieldManagerConflict", "message": "conflict with \"kubectl-edit\" using apps/v1",
                    "field": ".spec.replicas"},
                {"reason": "FieldManagerConflict", "message": "conflict with \"kubectl-edit\" using apps/v1",
                    "field": ".spec.paused"},
            ]},
        }))
        .unwrap();
        let error =
            ApplyError::Conflict { object: "Deployment web".to_owned(), owners: owners_of(&status).unwrap() };
        assert_eq!(error.to_string(), "Deployment web: kubectl-edit owns .spec.replicas, .spec.paused");
        let other = Status { code: 422, ..status };
        assert!(owners_of(&other).is_none());
    }
}
