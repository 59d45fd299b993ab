//! The pods behind a Service: which they are, where it leads, and how many a workload makes.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Map, Value, json};

use super::cluster::{Body, Cluster};
use super::discovery::Target;
use crate::provider::Error;

impl Cluster {
    /// The pods that have all of some labels.
    ///
    /// # Errors
    /// The classified error.
    pub async fn pods(&self, namespace: &str, labels: &Map<String, Value>) -> Result<Vec<Value>, Error> {
        let labels: Vec<String> = labels
            .iter()
            .map(|(key, value)| {
                format!("{}%3D{}", key.replace('/', "%2F"), value.as_str().unwrap_or_default())
            })
            .collect();
        let path = format!("/api/v1/namespaces/{namespace}/pods?labelSelector={}", labels.join("%2C"));
        let mut list = self.call("list pods", Method::GET, &path, None).await?;
        Ok(list["items"].as_array_mut().map(std::mem::take).unwrap_or_default())
    }

    /// The addresses of the ready pods that a Service leads to; none where nobody writes them down.
    ///
    /// # Errors
    /// The classified error.
    pub async fn endpoints(&self, service: &Target) -> Result<BTreeSet<String>, Error> {
        let Target { namespace, name, .. } = service;
        let path = format!("/api/v1/namespaces/{namespace}/endpoints/{name}");
        let found = self.find("get endpoints", &path).await?.unwrap_or_default();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let addresses = list(&found["subsets"]).into_iter().flat_map(|subset| list(&subset["addresses"]));
        Ok(addresses.filter_map(|one| one["ip"].as_str().map(str::to_owned)).collect())
    }

    /// Has a workload make so many pods. The number is not ours as what a release applies is: whoever scales it next,
    /// and no release, owns it.
    ///
    /// # Errors
    /// The classified error.
    pub async fn scale(&self, workload: &Target, pods: usize) -> Result<(), Error> {
        let paths = self.paths(workload).await?;
        let patch = json!({ "spec": { "replicas": pods } });
        let body = Body { content: "application/merge-patch+json", value: &patch };
        let path = format!("{}/scale?fieldManager=platctl-scale", paths.object);
        self.call("scale", Method::PATCH, &path, Some(body)).await.map(drop)
    }
}
