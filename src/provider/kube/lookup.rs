//! Reading for templates that look objects up.

use http::Method;
use serde_json::{Value, json};

use super::cluster::Cluster;
use super::failure::local;
use crate::chart::host::Lookup;
use crate::provider::{Class, Error};

impl Cluster {
    /// An object as the cluster has it or, without a name, the list of all (in the namespace, where one is named);
    /// nothing if there is no such object.
    ///
    /// # Errors
    /// The classified error; [`Class::Invalid`] for a kind that the cluster does not serve.
    pub async fn lookup(&self, query: &Lookup<'_>) -> Result<Option<Value>, Error> {
        const NAME: &str = "look up";
        let Lookup { api_version, kind, namespace, name } = *query;
        let root = match api_version.contains('/') {
            true => format!("/apis/{api_version}"),
            false => format!("/api/{api_version}"),
        };
        let Some(resource) = self.resource(&root, kind).await? else {
            let message = format!("the cluster serves no {kind} of {api_version}");
            return Err(Error { class: Class::Invalid, ..local(NAME, message) });
        };
        let plural = resource["name"].as_str().unwrap_or_default();
        let mut path = match resource["namespaced"] == true && !namespace.is_empty() {
            true => format!("{root}/namespaces/{namespace}/{plural}"),
            false => format!("{root}/{plural}"),
        };
        if !name.is_empty() {
            path = format!("{path}/{name}");
        }
        match self.call(NAME, Method::GET, &path, None).await {
            Ok(found) if name.is_empty() => Ok(Some(whole_list(found, api_version, kind))),
            Ok(found) => Ok(Some(found)),
            Err(error) if error.class == Class::NotFound && !name.is_empty() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What is served under `root` as `kind`.
    async fn resource(&self, root: &str, kind: &str) -> Result<Option<Value>, Error> {
        let list = match self.call("list what is served", Method::GET, root, None).await {
            Err(error) if error.class == Class::NotFound => return Ok(None),
            other => other?,
        };
        let is_kind = |resource: &&Value| {
            resource["kind"] == kind && resource["name"].as_str().is_some_and(|name| !name.contains('/'))
        };
        Ok(list["resources"].as_array().and_then(|all| all.iter().find(is_kind)).cloned())
    }
}

/// The API server leaves out of a list's items what they are; Go's client, and so Helm, puts it in.
fn whole_list(mut list: Value, api_version: &str, kind: &str) -> Value {
    for item in list["items"].as_array_mut().into_iter().flatten() {
        if item["kind"].is_null() {
            item["apiVersion"] = json!(api_version);
            item["kind"] = json!(kind);
        }
    }
    list
}
