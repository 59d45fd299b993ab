//! What a chart makes once and keeps: certificates of its own, passwords.
//!
//! Such a chart looks a Secret up, takes what is in it, and throws dice only where there is none (`lookup` in Helm's own
//! charts is for this). A plan cannot hold either, so it holds stand-ins, and here is what becomes of them: in a deploy
//! the Secrets of the cluster or of the record, or dice for one that was never made; in a look what is there, told in the plan's words.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::DeployError;
use crate::chart::host::{Host, Lookup};
use crate::chart::load::read_values;
use crate::chart::value;
use crate::model::kubernetes::Release;
use crate::provider::kube::{Cluster, Target};
use crate::release::Object;

/// The Secrets that a release made, as they are in its cluster.
pub(super) struct Made {
    namespace: String,
    secrets: BTreeMap<String, Value>,
}

impl Made {
    /// Reads them: as they are in the cluster, or else as they were last recorded, so that a deploy that was cut, or a
    /// Secret that somebody removed, brings no others. Those that were never made are left out.
    pub(super) async fn of(
        release: &Release,
        cluster: &Cluster,
        recorded: &BTreeMap<String, Object>,
    ) -> Result<Self, DeployError> {
        let mut secrets = BTreeMap::new();
        for (name, keys) in &release.makes_once {
            let target = Target {
                group: String::new(),
                version: "v1".to_owned(),
                kind: "Secret".to_owned(),
                namespace: release.namespace.clone(),
                name: name.clone(),
            };
            let is = |object: &&Object| object.is_secret() && object.key.name == *name;
            let recorded = recorded.values().find(is).map(|object| object.body.clone());
            // One that lacks a key is of no use to the chart.
            let whole = |secret: &Value| keys.iter().all(|key| secret["data"][key].is_string());
            if let Some(secret) = cluster.get(&target).await?.filter(whole).or(recorded.filter(whole)) {
                secrets.insert(name.clone(), secret);
            }
        }
        Ok(Self { namespace: release.namespace.clone(), secrets })
    }

    /// Whether all are there, so that nothing will be made.
    pub(super) fn is_whole(&self, release: &Release) -> bool {
        release.makes_once.keys().all(|name| self.secrets.contains_key(name))
    }
}

impl Host for Made {
    fn now(&self) -> (i64, u32) {
        (jiff::Timestamp::now().as_second(), 0)
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        // Without the system's randomness there is none that would be fit for a key.
        getrandom::fill(bytes).expect("the system gives random bytes");
    }

    fn lookup(&self, query: &Lookup<'_>) -> Result<Option<value::Value>, String> {
        let ours = query.api_version == "v1" && query.kind == "Secret" && query.namespace == self.namespace;
        let Some(secret) = self.secrets.get(query.name).filter(|_| ours) else { return Ok(None) };
        let secret = read_values(secret.to_string().as_bytes()).map_err(|error| error.to_string())?;
        Ok(Some(value::Value::Map(secret)))
    }
}
