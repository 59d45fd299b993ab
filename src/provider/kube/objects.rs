//! Objects as they are: finding and deleting.

use http::Method;
use serde_json::{Value, json};

use super::apply::FIELD_MANAGER;
use super::cluster::{Body, Cluster};
use super::discovery::Target;
use crate::provider::{Class, Error};

const JSON: &str = "application/json";

impl Cluster {
    /// An object, if it is there.
    ///
    /// # Errors
    /// The classified error; [`Class::Invalid`] for a kind that the cluster does not serve.
    pub async fn get(&self, target: &Target) -> Result<Option<Value>, Error> {
        let paths = self.paths(target).await?;
        self.find("get", &paths.object).await
    }

    /// Whether there is a namespace of that name. Where we may not ask, it is taken for granted.
    ///
    /// # Errors
    /// The classified error.
    pub(in crate::provider) async fn has_namespace(&self, name: &str) -> Result<bool, Error> {
        match self.find("get", &format!("/api/v1/namespaces/{name}")).await {
            Err(error) if error.class == Class::Denied => Ok(true),
            other => Ok(other?.is_some()),
        }
    }

    /// Makes a namespace, if there is none of that name.
    ///
    /// # Errors
    /// The classified error.
    pub async fn ensure_namespace(&self, name: &str) -> Result<(), Error> {
        if self.find("get", &format!("/api/v1/namespaces/{name}")).await?.is_some() {
            return Ok(());
        }
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
        let body = Body { content: JSON, value: &namespace };
        let path = format!("/api/v1/namespaces?fieldManager={FIELD_MANAGER}");
        match self.call("create a namespace", Method::POST, &path, Some(body)).await {
            Err(error) if error.class != Class::Conflict => Err(error),
            _ => Ok(()),
        }
    }

    /// Deletes an object that was seen, and what belongs to it. If it was made anew since it was seen, it stays. One
    /// that is gone is no error.
    ///
    /// # Errors
    /// The classified error.
    pub async fn delete(&self, target: &Target, seen: &Value) -> Result<(), Error> {
        let paths = self.paths(target).await?;
        let options = json!({
            "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
            "preconditions": { "uid": seen["metadata"]["uid"] },
        });
        let body = Body { content: JSON, value: &options };
        match self.call("delete", Method::DELETE, &paths.object, Some(body)).await {
            Err(error) if error.class == Class::Conflict => Ok(()),
            other => gone_is_fine(other),
        }
    }
}

pub(super) fn gone_is_fine(answer: Result<Value, Error>) -> Result<(), Error> {
    match answer {
        Err(error) if error.class != Class::NotFound => Err(error),
        _ => Ok(()),
    }
}
