//! The recorded revisions of releases, in the cluster's Secrets.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::error::DeployError;
use crate::provider::kube::{Cluster, ClusterReader};
use crate::provider::{Class, Error};
use crate::release::{Revision, Stamp, read, secret};

/// The namespace that a release is in; nothing when there is none of that name.
///
/// # Errors
/// [`DeployError::Ambiguous`] when there are several.
pub async fn find(cluster: &Cluster, release: &str) -> Result<Option<String>, DeployError> {
    let secrets = cluster.secrets(None, &format!("owner=helm,name={release}")).await?;
    let namespaces: BTreeSet<String> = secrets
        .iter()
        .filter_map(|secret| secret["metadata"]["namespace"].as_str().map(str::to_owned))
        .collect();
    if namespaces.len() > 1 {
        let namespaces = namespaces.into_iter().collect();
        return Err(DeployError::Ambiguous { release: release.to_owned(), namespaces });
    }
    Ok(namespaces.into_iter().next())
}

/// The recorded revisions of a release, oldest first.
///
/// # Errors
/// One that cannot be read is an error: what it holds may stand.
pub async fn history(
    cluster: &Cluster,
    namespace: &str,
    release: &str,
) -> Result<Vec<Revision>, DeployError> {
    let secrets = cluster.secrets(Some(namespace), &format!("owner=helm,name={release}")).await?;
    let mut revisions = secrets.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    revisions.sort_by_key(Revision::number);
    Ok(revisions)
}

/// The newest recorded revision of every release of a cluster, by namespace and name.
///
/// # Errors
/// One that cannot be read is an error.
pub async fn histories(reader: &ClusterReader) -> Result<Vec<Revision>, Error> {
    let mut newest: BTreeMap<(String, String), (u64, Value)> = BTreeMap::new();
    for secret in reader.cluster().secrets(None, "owner=helm").await? {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let labels = &secret["metadata"]["labels"];
        let key = (text(&secret["metadata"]["namespace"]), text(&labels["name"]));
        let version = text(&labels["version"]).parse().unwrap_or(0);
        if newest.get(&key).is_none_or(|(known, _)| *known < version) {
            newest.insert(key, (version, secret));
        }
    }
    let revisions = newest.values().map(|(_, secret)| read(secret));
    revisions.collect::<Result<_, _>>().map_err(|error| super::releases::told(error.into()))
}

/// Whether a Secret can hold a revision.
pub(super) fn check(revision: &Revision, now: i64) -> Result<(), DeployError> {
    Ok(secret(revision, Stamp::Created(now)).map(drop)?)
}

/// Records a new revision.
pub(super) async fn create(cluster: &Cluster, revision: &Revision, now: i64) -> Result<(), DeployError> {
    match cluster.create_secret(&secret(revision, Stamp::Created(now))?).await {
        Err(error) if error.class == Class::Conflict => Err(DeployError::Raced(revision.name().to_owned())),
        other => Ok(other?),
    }
}

/// Records what became of a revision.
pub(super) async fn update(cluster: &Cluster, revision: &Revision, now: i64) -> Result<(), DeployError> {
    Ok(cluster.replace_secret(&secret(revision, Stamp::Modified(now))?).await?)
}
