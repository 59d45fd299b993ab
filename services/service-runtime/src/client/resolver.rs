//! Names to addresses, without the C library's resolver: a static binary in an
//! image from scratch has none. The system's name servers, search domains and
//! hosts file are honoured.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;

use crate::config::Variables;

/// An answer is kept no longer than this, whatever its time to live: the record of a load balancer
/// has to be followed when it moves.
const LONGEST_KEPT: Duration = Duration::from_secs(5);
const LONGEST_KEPT_FAILURE: Duration = Duration::from_secs(1);
/// How long one name server may take to answer one question.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Why a name has no address.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ResolveError {
    /// The name servers say that there is no such name.
    #[error("the name {0} does not exist")]
    NoSuchName(String),
    /// The name exists and has no address.
    #[error("the name {0} has no address")]
    NoAddress(String),
    /// No name server answered, or with a failure.
    #[error("the name {name} cannot be resolved ({why})")]
    Failed {
        /// The name asked for.
        name: String,
        /// What went wrong.
        why: String,
    },
}

/// Which name servers are asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResolverSettings {
    /// `DNS_SERVER`: one name server instead of the system's.
    pub server: Option<SocketAddr>,
}

impl ResolverSettings {
    /// Reads the settings.
    pub fn read(variables: &mut Variables) -> Self {
        let nobody = SocketAddr::from(([0, 0, 0, 0], 0));
        let expected = "an IP address with a port, such as 169.254.20.10:53";
        let server = variables.parsed("DNS_SERVER", nobody, expected);
        Self { server: (server != nobody).then_some(server) }
    }
}

/// Asks name servers; cheap to clone, answers are kept in common.
#[derive(Clone)]
pub struct Resolver(Arc<Result<TokioResolver, String>>);

impl Resolver {
    /// A resolver by the settings. Without name servers (no `/etc/resolv.conf`) it comes about all
    /// the same, since addresses need none, and says so when it is asked for a name.
    #[must_use]
    pub fn new(settings: ResolverSettings) -> Self {
        let without = |error: NetError| format!("the system names no name server: {error}");
        Self(Arc::new(build(settings).map_err(without)))
    }

    /// The addresses of a name, IPv4 before IPv6. An address resolves to itself.
    pub async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, ResolveError> {
        let literal = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
        if let Ok(address) = literal.parse() {
            return Ok(vec![address]);
        }
        let failed = |why: String| ResolveError::Failed { name: name.to_owned(), why };
        let resolver = self.0.as_ref().as_ref().map_err(|why| failed(why.clone()))?;
        match resolver.lookup_ip(name).await {
            Ok(found) => {
                let mut addresses: Vec<_> = found.iter().collect();
                addresses.sort_by_key(IpAddr::is_ipv6);
                addresses.dedup();
                match addresses.is_empty() {
                    true => Err(ResolveError::NoAddress(name.to_owned())),
                    false => Ok(addresses),
                }
            }
            Err(error) if error.is_nx_domain() => Err(ResolveError::NoSuchName(name.to_owned())),
            Err(error) if is_empty_answer(&error) => Err(ResolveError::NoAddress(name.to_owned())),
            Err(NetError::Timeout) => Err(failed("no name server answered in time".to_owned())),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    /// Forgets all answers, so that the next question is really asked.
    pub fn forget(&self) {
        if let Ok(resolver) = self.0.as_ref() {
            resolver.clear_cache();
        }
    }
}

/// Whether the name servers answered without fault that there is no such record. A refusal or a
/// failure of theirs comes as "no records" as well, with another response code.
fn is_empty_answer(error: &NetError) -> bool {
    use hickory_resolver::net::DnsError;
    use hickory_resolver::proto::op::ResponseCode;
    matches!(error, NetError::Dns(DnsError::NoRecordsFound(answer)) if answer.response_code == ResponseCode::NoError)
}

fn build(settings: ResolverSettings) -> Result<TokioResolver, NetError> {
    let mut builder = match settings.server {
        None => TokioResolver::builder_tokio()?,
        Some(server) => {
            let mut transports = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
            for transport in &mut transports {
                transport.port = server.port();
            }
            let server = NameServerConfig::new(server.ip(), true, transports.to_vec());
            let config = ResolverConfig::from_parts(None, vec![], vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
    };
    let options: &mut ResolverOpts = builder.options_mut();
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.timeout = PATIENCE;
    options.attempts = 1;
    options.cache_size = 64;
    options.positive_max_ttl = Some(LONGEST_KEPT);
    options.negative_max_ttl = Some(LONGEST_KEPT_FAILURE);
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_needs_no_name_server() {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
        let resolver = Resolver::new(ResolverSettings { server: Some(nowhere) });
        assert_eq!(resolver.addresses("10.1.2.3").await.expect("itself").len(), 1);
        assert_eq!(resolver.addresses("[::1]").await.expect("itself").len(), 1);
        let error = resolver.addresses("name.invalid.").await.expect_err("no server there");
        assert!(!error.to_string().is_empty());
    }
}
