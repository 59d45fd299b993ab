//! Where the API server serves a kind. Asked once a group and version, and again for a kind that was not there.

use std::sync::PoisonError;
use std::time::Duration;

use http::Method;
use serde_json::Value;
use tokio::time::Instant;

use super::cluster::Cluster;
use super::failure::local;
use crate::provider::{Class, Error};

/// An object of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The API group; empty for the core one.
    pub group: String,
    /// The version of the group.
    pub version: String,
    /// The kind.
    pub kind: String,
    /// The namespace; it means nothing for kinds that stand outside namespaces.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// The code of our own for a kind that is not served, after kubectl's words.
pub(super) const UNSERVED: &str = "NoMatchesForKind";

/// How long a kind may take to be served once its definition is established.
const SERVED_WITHIN: Duration = Duration::from_secs(20);

/// A kind that is served.
#[derive(Clone, Debug)]
pub(super) struct Served {
    kind: String,
    plural: String,
    namespaced: bool,
}

/// The paths of an object.
pub(super) struct Paths {
    /// Its own.
    pub(super) object: String,
    /// That of all of its kind (and namespace).
    pub(super) collection: String,
}

impl Cluster {
    /// Where an object is.
    pub(super) async fn paths(&self, target: &Target) -> Result<Paths, Error> {
        let root = match target.group.as_str() {
            "" => format!("/api/{}", target.version),
            group => format!("/apis/{group}/{}", target.version),
        };
        let served = match self.known(&root, &target.kind) {
            Some(served) => served,
            None => self.learn(&root, &target.kind).await?,
        };
        let collection = if served.namespaced {
            format!("{root}/namespaces/{}/{}", target.namespace, served.plural)
        } else {
            format!("{root}/{}", served.plural)
        };
        Ok(Paths { object: format!("{collection}/{}", target.name), collection })
    }

    /// The same object in a version in which its kind is served, if there is any: the one it was applied in may be
    /// gone by now.
    ///
    /// # Errors
    /// The classified error.
    pub async fn as_served(&self, target: &Target) -> Result<Option<Target>, Error> {
        match self.paths(target).await {
            Ok(_) => return Ok(Some(target.clone())),
            Err(error) if is_unserved(&error) && !target.group.is_empty() => {}
            Err(error) if is_unserved(&error) => return Ok(None),
            Err(error) => return Err(error),
        }
        let group = self.find("list versions", &format!("/apis/{}", target.group)).await?.unwrap_or_default();
        let versions = group["versions"].as_array().map(Vec::as_slice).unwrap_or_default();
        for version in versions.iter().filter_map(|version| version["version"].as_str()) {
            let other = Target { version: version.to_owned(), ..target.clone() };
            match self.paths(&other).await {
                Ok(_) => return Ok(Some(other)),
                Err(error) if is_unserved(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Waits until the kinds that a definition makes are served: a moment after it says it is established.
    pub(super) async fn wait_served(&self, definition: &Value) -> Result<(), Error> {
        let spec = &definition["spec"];
        let group = spec["group"].as_str().unwrap_or_default();
        let kind = spec["names"]["kind"].as_str().unwrap_or_default();
        let until = Instant::now() + SERVED_WITHIN;
        let versions = spec["versions"].as_array().map(Vec::as_slice).unwrap_or_default();
        for version in versions.iter().filter(|version| version["served"] == true) {
            let root = format!("/apis/{group}/{}", version["name"].as_str().unwrap_or_default());
            while let Err(error) = self.learn(&root, kind).await {
                if !is_unserved(&error) || Instant::now() > until {
                    return Err(error);
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Ok(())
    }

    fn known(&self, root: &str, kind: &str) -> Option<Served> {
        let all = self.served().lock().unwrap_or_else(PoisonError::into_inner);
        all.get(root)?.iter().find(|served| served.kind == kind).cloned()
    }

    async fn learn(&self, root: &str, kind: &str) -> Result<Served, Error> {
        const NAME: &str = "list what is served";
        let unserved = || {
            let version = root.trim_start_matches("/apis/").trim_start_matches("/api/");
            let message = format!("the cluster serves no {kind} of {version}");
            Error { class: Class::Invalid, code: Some(UNSERVED.to_owned()), ..local(NAME, message) }
        };
        let list = match self.call(NAME, Method::GET, root, None).await {
            Err(error) if error.class == Class::NotFound => return Err(unserved()),
            other => other?,
        };
        let served = served(&list);
        let found = served.iter().find(|served| served.kind == kind).cloned();
        self.served().lock().unwrap_or_else(PoisonError::into_inner).insert(root.to_owned(), served);
        found.ok_or_else(unserved)
    }
}

/// Whether a call failed because its kind is not served (in that version).
fn is_unserved(error: &Error) -> bool {
    error.code.as_deref() == Some(UNSERVED)
}

/// The kinds of an APIResourceList, subresources not among them.
fn served(list: &Value) -> Vec<Served> {
    let resources = list["resources"].as_array().map(Vec::as_slice).unwrap_or_default();
    let served = resources.iter().filter_map(|resource| {
        let plural = resource["name"].as_str().filter(|name| !name.contains('/'))?;
        let namespaced = resource["namespaced"].as_bool()?;
        Some(Served { kind: resource["kind"].as_str()?.to_owned(), plural: plural.to_owned(), namespaced })
    });
    served.collect()
}
