//! A cluster, and the calls to it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex as StdMutex};
use std::time::{Duration, SystemTime};

use http::{Method, Request};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::discovery::Served;
use super::failure::{failed, local};
use crate::provider::aws::{ClusterPlace, ReadOnly};
use crate::provider::{Class, Error};

/// How a cluster is reached.
#[derive(Clone)]
pub enum Access {
    /// By a token of AWS.
    Eks {
        /// Who makes tokens.
        reader: ReadOnly,
        /// The cluster's name.
        name: String,
        /// Where it is.
        place: ClusterPlace,
    },
    /// As a kubeconfig says.
    Context {
        /// The file; the customary ones (`KUBECONFIG`, `~/.kube/config`) when there is none.
        file: Option<PathBuf>,
        /// The context in it.
        context: String,
    },
}

/// A cluster. Cheap to clone.
#[derive(Clone)]
pub struct Cluster {
    shared: Arc<Shared>,
}

struct Shared {
    access: Access,
    /// The client in use, and until when its token is.
    current: Mutex<Option<(Client, Option<SystemTime>)>>,
    /// What it serves, by `group/version`.
    served: StdMutex<BTreeMap<String, Vec<Served>>>,
}

/// A body and what it is.
pub(super) struct Body<'a> {
    pub(super) content: &'static str,
    pub(super) value: &'a Value,
}

impl Cluster {
    /// The cluster that is reached so. Nothing is asked of it yet.
    pub fn new(access: Access) -> Self {
        let shared = Shared { access, current: Mutex::new(None), served: StdMutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// A client whose token is valid for a while yet.
    pub(super) async fn client(&self) -> Result<Client, Error> {
        let mut current = self.shared.current.lock().await;
        if let Some((client, until)) = &*current
            && until.is_none_or(|until| SystemTime::now() < until)
        {
            return Ok(client.clone());
        }
        let (config, until) = self.config().await?;
        // What is set already is the same; without any, TLS has no cryptography.
        let _already_set = rustls::crypto::ring::default_provider().install_default();
        let client = Client::try_from(config).map_err(|error| failed("connect", error))?;
        *current = Some((client.clone(), until));
        Ok(client)
    }

    async fn config(&self) -> Result<(Config, Option<SystemTime>), Error> {
        let refused = |error: &dyn std::error::Error| local("read the kubeconfig", error.to_string());
        let (kubeconfig, context, until) = match &self.shared.access {
            Access::Context { file: Some(file), context } => {
                (Kubeconfig::read_from(file).map_err(|error| refused(&error))?, context.clone(), None)
            }
            Access::Context { file: None, context } => {
                (Kubeconfig::read().map_err(|error| refused(&error))?, context.clone(), None)
            }
            Access::Eks { reader, name, place } => {
                let token = reader.cluster_token(name).await?;
                let document = json!({
                    "clusters": [{"name": name, "cluster":
                        {"server": place.endpoint, "certificate-authority-data": place.authority}}],
                    "users": [{"name": name, "user": {"token": token.text}}],
                    "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
                });
                let kubeconfig: Kubeconfig =
                    serde_json::from_value(document).map_err(|error| refused(&error))?;
                (kubeconfig, name.clone(), Some(token.expires))
            }
        };
        let options = KubeConfigOptions { context: Some(context), ..KubeConfigOptions::default() };
        let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
        Ok((config.map_err(|error| refused(&error))?, until))
    }

    /// One call.
    pub(super) async fn call(
        &self,
        operation: &'static str,
        method: Method,
        path: &str,
        body: Option<Body<'_>>,
    ) -> Result<Value, Error> {
        let request = self.request(operation, method, path, body)?;
        self.client().await?.request(request).await.map_err(|error| failed(operation, error))
    }

    /// The same, where there may be nothing.
    pub(super) async fn find(&self, operation: &'static str, path: &str) -> Result<Option<Value>, Error> {
        match self.call(operation, Method::GET, path, None).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.class == Class::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A request, before it is sent.
    pub(super) fn request(
        &self,
        operation: &'static str,
        method: Method,
        path: &str,
        body: Option<Body<'_>>,
    ) -> Result<Request<Vec<u8>>, Error> {
        let builder = Request::builder().method(method).uri(path);
        let request = match body {
            None => builder.body(Vec::new()),
            Some(body) => {
                let bytes = body.value.to_string().into_bytes();
                builder.header(http::header::CONTENT_TYPE, body.content).body(bytes)
            }
        };
        request.map_err(|error| local(operation, format!("{path} is no path: {error}")))
    }

    /// Waits until the API server answers us, at most as long as `patience`: the name of a new cluster takes a while to
    /// be known everywhere, and so does who may use it.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn wait_reachable(&self, patience: Duration) -> Result<(), Error> {
        let until = Instant::now() + patience;
        loop {
            match self.call("reach", Method::GET, "/api", None).await {
                Err(Error { class: Class::Unavailable | Class::Denied, .. }) if Instant::now() < until => {
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
                other => return other.map(drop),
            }
        }
    }

    /// The account that the cluster is in; nothing of one that is reached otherwise.
    pub fn aws(&self) -> Option<&ReadOnly> {
        match &self.shared.access {
            Access::Eks { reader, .. } => Some(reader),
            Access::Context { .. } => None,
        }
    }

    pub(super) fn served(&self) -> &StdMutex<BTreeMap<String, Vec<Served>>> {
        &self.shared.served
    }
}
