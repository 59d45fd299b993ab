//! Secrets, in which the records of releases are kept.

use http::Method;
use serde_json::Value;

use super::cluster::{Body, Cluster};
use super::objects::gone_is_fine;
use crate::provider::{Class, Error};

const JSON: &str = "application/json";

impl Cluster {
    /// The Secrets with a set of labels (`owner=helm,name=web`), in one namespace or in all.
    ///
    /// # Errors
    /// The classified error.
    pub async fn secrets(&self, namespace: Option<&str>, labels: &str) -> Result<Vec<Value>, Error> {
        let place = namespace.map(|namespace| format!("namespaces/{namespace}/")).unwrap_or_default();
        let labels = labels.replace('=', "%3D").replace(',', "%2C");
        let mut found = Vec::new();
        let mut next = String::new();
        loop {
            let path = format!("/api/v1/{place}secrets?labelSelector={labels}&limit=100{next}");
            let mut page = self.call("list secrets", Method::GET, &path, None).await?;
            if let Some(items) = page["items"].as_array_mut() {
                found.append(items);
            }
            match page["metadata"]["continue"].as_str() {
                Some(token) if !token.is_empty() => next = format!("&continue={token}"),
                _ => return Ok(found),
            }
        }
    }

    /// Makes a Secret.
    ///
    /// # Errors
    /// [`Class::Conflict`] when there is another one of that name.
    pub async fn create_secret(&self, secret: &Value) -> Result<(), Error> {
        let path = format!("/api/v1/namespaces/{}/secrets", namespace_of(secret));
        let body = Body { content: JSON, value: secret };
        let made = format!("{path}?fieldManager=platctl");
        match self.call("create a secret", Method::POST, &made, Some(body)).await {
            Err(error) if error.class == Class::Conflict => {
                // The answer to this very call may have got lost: then it is the one that is there.
                let name = secret["metadata"]["name"].as_str().unwrap_or_default();
                let live = self.find("get", &format!("{path}/{name}")).await?;
                let is_ours = live.is_some_and(|live| live["data"] == secret["data"]);
                if is_ours { Ok(()) } else { Err(error) }
            }
            other => other.map(drop),
        }
    }

    /// Replaces a Secret as a whole.
    ///
    /// # Errors
    /// [`crate::provider::Class::NotFound`] when there is none of that name.
    pub async fn replace_secret(&self, secret: &Value) -> Result<(), Error> {
        let name = secret["metadata"]["name"].as_str().unwrap_or_default();
        let path = format!("/api/v1/namespaces/{}/secrets/{name}?fieldManager=platctl", namespace_of(secret));
        let body = Body { content: JSON, value: secret };
        self.call("replace a secret", Method::PUT, &path, Some(body)).await.map(drop)
    }

    /// Deletes a Secret. One that is gone is no error.
    ///
    /// # Errors
    /// The classified error.
    pub async fn delete_secret(&self, namespace: &str, name: &str) -> Result<(), Error> {
        let path = format!("/api/v1/namespaces/{namespace}/secrets/{name}");
        gone_is_fine(self.call("delete a secret", Method::DELETE, &path, None).await)
    }
}

fn namespace_of(object: &Value) -> &str {
    object["metadata"]["namespace"].as_str().unwrap_or("default")
}
