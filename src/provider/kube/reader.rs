//! A cluster for verbs that only read.

use http::Method;
use serde_json::Value;

use super::cluster::Cluster;
use super::judge::SIMULATED;
use super::trouble::trouble;
use crate::provider::Error;

/// A cluster without its changing half. Cheap to clone.
#[derive(Clone)]
pub struct ClusterReader(Cluster);

/// Which objects: a kind's, in one namespace or in all.
#[derive(Clone, Copy, Debug)]
pub struct Collection<'a> {
    /// Where its kind is served: `/api/v1`, `/apis/apps/v1`.
    pub root: &'a str,
    /// Its kind in the plural: `pods`.
    pub plural: &'a str,
    /// The namespace; empty for all, or for kinds that stand outside namespaces.
    pub namespace: &'a str,
    /// The labels that they must have: `app=web,tier=front`; empty for any.
    pub labels: &'a str,
}

impl ClusterReader {
    /// Takes the other half away.
    pub fn new(cluster: Cluster) -> Self {
        Self(cluster)
    }

    pub(super) fn inner(&self) -> &Cluster {
        &self.0
    }

    /// The cluster itself, for what is recorded in it.
    pub(in crate::provider) fn cluster(&self) -> &Cluster {
        &self.0
    }

    /// The objects of a kind.
    ///
    /// # Errors
    /// The classified error; [`crate::provider::Class::NotFound`] for a kind that the cluster does not serve.
    pub async fn list(&self, of: Collection<'_>) -> Result<Vec<Value>, Error> {
        let Collection { root, plural, namespace, labels } = of;
        let place = if namespace.is_empty() { String::new() } else { format!("/namespaces/{namespace}") };
        let labels = encoded(labels);
        let mut found = Vec::new();
        let mut next = String::new();
        loop {
            let path = format!("{root}{place}/{plural}?labelSelector={labels}&limit=250{next}");
            let mut page = self.0.call("list", Method::GET, &path, None).await?;
            if let Some(items) = page["items"].as_array_mut() {
                found.append(items);
            }
            match page["metadata"]["continue"].as_str() {
                Some(token) if !token.is_empty() => next = format!("&continue={token}"),
                _ => return Ok(found),
            }
        }
    }

    /// The pods with a set of labels, in the order of their names.
    ///
    /// # Errors
    /// The classified error.
    pub async fn pods(&self, namespace: &str, labels: &str) -> Result<Vec<Value>, Error> {
        let mut pods = self.list(Collection { root: "/api/v1", plural: "pods", namespace, labels }).await?;
        pods.sort_by(|a, b| name(a).cmp(name(b)));
        Ok(pods)
    }
}

/// A text as a query takes it.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

/// The name of an object.
pub fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

/// Whether a pod may be sent requests.
pub fn is_ready(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let leaving = pod["metadata"]["deletionTimestamp"].is_string();
    !leaving && conditions.iter().any(|one| one["type"] == "Ready" && one["status"] == "True")
}

/// What is the matter with a pod, in words; nothing with one that is ready or done.
pub fn trouble_of(pod: &Value) -> Option<String> {
    if pod["metadata"]["annotations"][SIMULATED].is_string() {
        // That is told of what it belongs to.
        return None;
    }
    let found = trouble(pod)?;
    let way_out = found.way_out(std::slice::from_ref(&found.why));
    Some(way_out.map_or(found.why.clone(), |way| format!("{}; {way}", found.why)))
}
