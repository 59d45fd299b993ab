//! The addresses behind an upstream's name, as of now.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::resolver::{ResolveError, Resolver};

/// How often the resolver is asked at most. It answers from memory while an answer holds.
const REFRESH: Duration = Duration::from_secs(1);
/// How often it is asked to forget its answers at most.
const ANEW: Duration = Duration::from_millis(500);
/// How long old addresses serve while name servers do not answer.
const STALE: Duration = Duration::from_secs(60);

/// Addresses to connect to; shared, since every call looks at them.
pub(super) type Addresses = Arc<[SocketAddr]>;

/// The addresses of one host and port.
pub(super) struct Targets {
    host: String,
    port: u16,
    resolver: Resolver,
    known: Mutex<Option<Known>>,
    /// Held while the resolver is asked, so that one call asks and not all; holds when it was last
    /// asked anew.
    asking: tokio::sync::Mutex<Option<Instant>>,
}

#[derive(Clone)]
struct Known {
    addresses: Addresses,
    checked: Instant,
    confirmed: Instant,
}

impl Targets {
    pub(super) fn new(host: String, port: u16, resolver: Resolver) -> Self {
        Self { host, port, resolver, known: Mutex::new(None), asking: tokio::sync::Mutex::new(None) }
    }

    /// The addresses to use now. While one call asks anew, others use what is known.
    pub(super) async fn current(&self) -> Result<Addresses, ResolveError> {
        let Some(known) = self.known() else {
            let _asking = self.asking.lock().await;
            return match self.known() {
                Some(known) => Ok(known.addresses),
                None => self.ask().await,
            };
        };
        if known.checked.elapsed() < REFRESH {
            return Ok(known.addresses);
        }
        match self.asking.try_lock() {
            Ok(_asking) => self.ask().await,
            Err(_) => Ok(known.addresses),
        }
    }

    /// The addresses after asking the name servers, whatever is remembered; for when no connection
    /// comes about. Many calls that fail together ask once.
    pub(super) async fn anew(&self) -> Result<Addresses, ResolveError> {
        let mut asked = self.asking.lock().await;
        if asked.is_some_and(|asked| asked.elapsed() < ANEW)
            && let Some(known) = self.known()
        {
            return Ok(known.addresses);
        }
        *asked = Some(Instant::now());
        self.resolver.forget();
        self.ask().await
    }

    fn known(&self) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, known: Option<Known>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }

    async fn ask(&self) -> Result<Addresses, ResolveError> {
        let now = Instant::now();
        let previous = self.known();
        match self.resolver.addresses(&self.host).await {
            Ok(found) => {
                let addresses: Addresses =
                    found.into_iter().map(|address| SocketAddr::new(address, self.port)).collect();
                self.remember(Some(Known {
                    addresses: Arc::clone(&addresses),
                    checked: now,
                    confirmed: now,
                }));
                Ok(addresses)
            }
            // The name servers are in trouble, the upstream need not be.
            Err(error @ ResolveError::Failed { .. }) => match previous {
                Some(old) if old.confirmed.elapsed() < STALE => {
                    tracing::warn!(host = self.host, %error, "old addresses are used");
                    self.remember(Some(Known { checked: now, ..old.clone() }));
                    Ok(old.addresses)
                }
                _ => Err(error),
            },
            Err(error) => {
                self.remember(None);
                Err(error)
            }
        }
    }
}
