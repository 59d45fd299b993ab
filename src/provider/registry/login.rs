//! Whom a registry takes us for.

use oci_client::secrets::RegistryAuth;

use super::error::RegistryError;
use crate::provider::aws::Aws;
use crate::provider::aws::ecr::{Authorization, authorization};
use crate::provider::charts::{Credential, DockerConfig};

/// Where credentials come from.
#[derive(Clone)]
pub enum Login {
    /// `docker login`'s configuration; a registry that it does not know gets none.
    Docker(DockerConfig),
    /// AWS gives them, for 12 hours; they are asked for again when they are no longer taken.
    Ecr(Aws),
}

/// The registry of an account and region, as AWS names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ecr {
    /// Its host.
    pub host: String,
    /// True when it is spoken to without TLS: an emulator's.
    pub plain: bool,
}

impl Ecr {
    /// Asks AWS.
    ///
    /// # Errors
    /// The classified error.
    pub async fn find(aws: &Aws) -> Result<Self, RegistryError> {
        let Authorization { endpoint, .. } = authorization(aws).await.map_err(RegistryError::Login)?;
        let (scheme, host) = endpoint.split_once("://").unwrap_or(("https", &endpoint));
        Ok(Self { host: host.trim_end_matches('/').to_owned(), plain: scheme == "http" })
    }
}

impl Login {
    /// What to send to a registry now.
    pub(super) async fn credentials(&self, host: &str) -> Result<RegistryAuth, RegistryError> {
        match self {
            Self::Ecr(aws) => {
                let found = authorization(aws).await.map_err(RegistryError::Login)?;
                Ok(RegistryAuth::Basic(found.user, found.password))
            }
            Self::Docker(config) => {
                let found = config.for_host(host).await;
                let found = found.map_err(|error| RegistryError::Credentials(error.to_string()))?;
                Ok(match found {
                    None => RegistryAuth::Anonymous,
                    Some(Credential::Basic { user, password }) => RegistryAuth::Basic(user, password),
                    Some(Credential::Bearer(token)) => RegistryAuth::Bearer(token),
                })
            }
        }
    }

    /// Whether asking again may give other credentials.
    pub(super) fn expires(&self) -> bool {
        matches!(self, Self::Ecr(_))
    }
}
