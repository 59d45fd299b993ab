//! Pods made anew, with nothing else changed.

use http::Method;
use jiff::Timestamp;
use serde_json::json;

use super::cluster::{Body, Cluster};
use super::discovery::Target;
use crate::provider::Error;

impl Cluster {
    /// Has a workload make all its pods anew, by its own rules, as `kubectl rollout restart` does. The mark is not ours
    /// as what a release applies is, so no release takes it away again.
    ///
    /// # Errors
    /// The classified error.
    pub async fn restart(&self, workload: &Target, at: Timestamp) -> Result<(), Error> {
        let paths = self.paths(workload).await?;
        let patch = json!({ "spec": { "template": { "metadata": {
            "annotations": { "kubectl.kubernetes.io/restartedAt": format!("{at:.0}") },
        } } } });
        let body = Body { content: "application/strategic-merge-patch+json", value: &patch };
        let path = format!("{}?fieldManager=platctl-restart", paths.object);
        self.call("restart", Method::PATCH, &path, Some(body)).await.map(drop)
    }
}
