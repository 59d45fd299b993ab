//! The life of a service: start, readiness, drain, end.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Instant;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use utoipa::OpenApi as _;

use super::app::App;
use super::connections::serve;
use super::listener::{listen, raise_open_files};
use crate::client::ResolverSettings;
use crate::config::{Finding, RuntimeSettings, Variables};
use crate::context::{Context, Parts};
use crate::identity::Identity;
use crate::log::Installed;
use crate::service::Service;
use crate::trace::ExportTask;
use crate::web::{CommonDocument, DOCUMENTATION_FILES};

/// Why a service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Variables are wrong; all findings.
    #[error("the configuration has {} finding(s)", .0.len())]
    Configuration(Vec<Finding>),
    /// The address cannot be listened at.
    #[error("cannot listen at {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The document cannot be written.
    #[error("the OpenAPI document cannot be written")]
    Document(#[from] serde_json::Error),
    /// The service's own start failed.
    #[error("the service cannot be set up")]
    Service(#[source] Box<dyn Error + Send + Sync>),
}

/// A service that listens.
pub struct Running {
    address: SocketAddr,
    context: Context,
    close: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    export: Option<ExportTask>,
}

/// A service's settings, read and without findings.
pub(crate) struct Configured<S: Service> {
    pub(crate) runtime: RuntimeSettings,
    pub(crate) resolver: ResolverSettings,
    pub(crate) own: S::Settings,
}

impl<S: Service> Configured<S> {
    /// Reads all settings; wrong ones are replaced by their defaults and found in `variables`.
    pub(crate) fn read(variables: &mut Variables) -> Self {
        Self {
            runtime: RuntimeSettings::read(variables, S::PORT),
            resolver: ResolverSettings::read(variables),
            own: S::settings(variables),
        }
    }

    pub(crate) fn identity(&self) -> Identity {
        Identity {
            service: S::NAME,
            version: S::VERSION,
            pod: self.runtime.pod.clone(),
            node: self.runtime.node.clone(),
            namespace: self.runtime.namespace.clone(),
            cluster: self.runtime.cluster.clone(),
        }
    }
}

/// Starts a service in this process, without logging and signals of its own.
pub async fn start<S: Service>(mut variables: Variables) -> Result<Running, StartError> {
    let configured = Configured::<S>::read(&mut variables);
    match variables.findings() {
        [] => start_configured(configured, None).await,
        findings => Err(StartError::Configuration(findings.to_vec())),
    }
}

/// Listens, starts the service, and makes it ready.
pub(crate) async fn start_configured<S: Service>(
    configured: Configured<S>,
    log: Option<Installed>,
) -> Result<Running, StartError> {
    let began = Instant::now();
    raise_open_files();
    let mut document = S::document();
    document.merge(CommonDocument::openapi());
    document.info.title = S::NAME.to_owned();
    document.info.version = S::VERSION.to_owned();
    let wanted = configured.runtime.listen;
    let failed = |source| StartError::Listen { address: wanted, source };
    let listener = listen(wanted).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let (context, export) = Context::new(Parts {
        identity: configured.identity(),
        settings: configured.runtime,
        resolver: configured.resolver,
        document: document.clone(),
        assets: [S::ASSETS, &[DOCUMENTATION_FILES]].concat(),
        log,
    });
    let app = App::new(context.clone());
    let (close, closing) = oneshot::channel();
    let serving = tokio::spawn(serve(listener, app.clone(), closing));
    tracing::info!(address = %address, "listening");
    let own = S::routes(context.clone(), configured.own).await.map_err(StartError::Service)?;
    app.complete(own, &document)?;
    context.health().started();
    tracing::info!(start_ms = began.elapsed().as_secs_f64() * 1e3, "ready");
    Ok(Running { address, context, close, serving, export })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its parts share.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Ends: not ready, serve on for the shutdown delay, finish what runs within the grace time.
    pub async fn stop(self) {
        let settings = self.context.settings();
        self.context.health().drain();
        tracing::info!(delay_seconds = settings.shutdown_delay.as_secs_f64(), "draining");
        sleep(settings.shutdown_delay).await;
        // The task only ends when it is told to.
        let _ = self.close.send(());
        if timeout(settings.shutdown_grace, self.serving).await.is_err() {
            tracing::warn!("the grace time is over, open requests are cut off");
        }
        if let Some(export) = self.export {
            export.finish().await;
        }
    }
}
