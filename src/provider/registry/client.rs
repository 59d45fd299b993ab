//! One registry, and calls to it that are repeated where that helps.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::errors::OciDistributionError;
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::error::RegistryError;
use super::login::Login;
use crate::provider::Clock;

/// How often a call is made at most.
const ATTEMPTS: u32 = 5;
/// The pause after the first failure; it doubles.
const PAUSE: Duration = Duration::from_millis(250);

/// One registry.
#[derive(Clone)]
pub struct Registry {
    host: String,
    plain: bool,
    login: Login,
    clock: Arc<dyn Clock>,
    session: Arc<Mutex<Option<Session>>>,
    /// The first client, which is being made.
    first: Arc<Mutex<Option<JoinHandle<Client>>>>,
}

/// A client that is logged in.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) client: Client,
    pub(super) auth: RegistryAuth,
    number: u32,
}

impl Registry {
    /// The registry of a host (with its port, where it is not the usual one); `plain` is without TLS.
    ///
    /// Call it as soon as it is known that the registry will be spoken to, within a runtime: a client reads this
    /// machine's certificates, and does that aside.
    pub fn new(host: impl Into<String>, plain: bool, login: Login, clock: Arc<dyn Clock>) -> Self {
        let host = host.into();
        let made = {
            let host = host.clone();
            tokio::task::spawn_blocking(move || client(&host, plain))
        };
        Self { host, plain, login, clock, session: Arc::default(), first: Arc::new(Mutex::new(Some(made))) }
    }

    /// The registry's host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A name in it: a tag, or a digest.
    pub(super) fn reference(&self, repository: &str, tag_or_digest: &str) -> Reference {
        let (host, repository) = (self.host.clone(), repository.to_owned());
        let word = tag_or_digest.to_owned();
        if word.starts_with("sha256:") {
            Reference::with_digest(host, repository, word)
        } else {
            Reference::with_tag(host, repository, word)
        }
    }

    /// A logged-in client; a new one when `stale` is the number of one whose credentials are no longer taken.
    pub(super) async fn session(&self, stale: Option<u32>) -> Result<Session, RegistryError> {
        let mut held = self.session.lock().await;
        let number = match held.as_ref() {
            Some(session) if Some(session.number) != stale => return Ok(session.clone()),
            Some(session) => session.number + 1,
            None => 0,
        };
        let auth = self.login.credentials(&self.host).await?;
        let first = match self.first.lock().await.take() {
            Some(made) => made.await.ok(),
            None => None,
        };
        let client = first.unwrap_or_else(|| client(&self.host, self.plain));
        client.store_auth_if_needed(&self.host, &auth).await;
        let session = Session { client, auth, number };
        *held = Some(session.clone());
        Ok(session)
    }

    /// Makes a call about `what`, again after a pause where that may help, and once more with fresh credentials
    /// where the old ones are no longer taken.
    pub(super) async fn call<T, F, Fut>(&self, what: &str, call: F) -> Result<T, RegistryError>
    where
        F: Fn(Session) -> Fut,
        Fut: Future<Output = Result<T, OciDistributionError>>,
    {
        let mut session = self.session(None).await?;
        let (mut attempt, mut pause, mut renewed) = (1, PAUSE, false);
        loop {
            let with_credentials = session.auth != RegistryAuth::Anonymous;
            let error = match call(session.clone()).await {
                Ok(value) => return Ok(value),
                Err(error) => RegistryError::of(error, (&self.host, what), with_credentials),
            };
            match &error {
                RegistryError::Denied { .. } if self.login.expires() && !renewed => {
                    renewed = true;
                    session = self.session(Some(session.number)).await?;
                }
                error if error.is_transient() && attempt < ATTEMPTS => {
                    tracing::debug!(what, attempt, %error, "again");
                    self.clock.sleep(pause).await;
                    attempt += 1;
                    pause *= 2;
                }
                _ => return Err(error),
            }
        }
    }

    /// The digest that a tag stands for, if there is one.
    ///
    /// # Errors
    /// The registry cannot be asked.
    pub async fn digest_of(
        &self,
        repository: &str,
        tag_or_digest: &str,
    ) -> Result<Option<String>, RegistryError> {
        let reference = self.reference(repository, tag_or_digest);
        let what = reference.to_string();
        let found = self.call(&what, |session| {
            let reference = reference.clone();
            async move { session.client.fetch_manifest_digest(&reference, &session.auth).await }
        });
        match found.await {
            Ok(digest) => Ok(Some(digest)),
            Err(RegistryError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn client(host: &str, plain: bool) -> Client {
    crate::provider::charts::http::use_ring();
    let plain = if plain { vec![host.to_owned()] } else { Vec::new() };
    Client::new(ClientConfig {
        protocol: ClientProtocol::HttpsExcept(plain),
        connect_timeout: Some(Duration::from_secs(15)),
        read_timeout: Some(Duration::from_secs(120)),
        user_agent: concat!("platctl/", env!("CARGO_PKG_VERSION")),
        // One request a blob, as containerd does; parts of 4 MiB are less than ECR takes.
        use_monolithic_push: true,
        ..ClientConfig::default()
    })
}
