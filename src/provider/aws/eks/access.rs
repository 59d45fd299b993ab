//! What reaching a cluster takes: where it is, whom to trust, and a token.

use std::time::SystemTime;

use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_eks::types::ClusterStatus;

use super::cluster::describe;
use super::token::{Audience, ClusterToken, presign};
use crate::provider::aws::ReadOnly;
use crate::provider::{Class, Error};

/// Where a cluster is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterPlace {
    /// The API server's URL.
    pub endpoint: String,
    /// The certificate authority that signed the API server's certificate: PEM in Base64, as EKS gives it and as a
    /// kubeconfig takes it.
    pub authority: String,
}

impl ReadOnly {
    /// Where a cluster is; nothing when there is none of that name, or its API does not answer: not yet, or no longer.
    ///
    /// # Errors
    /// As [`crate::provider::aws::Aws::read`].
    pub async fn cluster_place(&self, cluster: &str) -> Result<Option<ClusterPlace>, Error> {
        let Some(found) = describe(self.inner(), cluster).await? else { return Ok(None) };
        if !matches!(found.status, Some(ClusterStatus::Active | ClusterStatus::Updating)) {
            return Ok(None);
        }
        let authority = found.certificate_authority.and_then(|authority| authority.data);
        Ok(match (found.endpoint, authority) {
            (Some(endpoint), Some(authority)) => Some(ClusterPlace { endpoint, authority }),
            _ => None,
        })
    }

    /// A token for a cluster, signed at a time, by the credentials of this connection. No call is made but what the credentials
    /// themselves need.
    ///
    /// # Errors
    /// [`Class::Denied`] when there are no credentials.
    pub async fn cluster_token(&self, cluster: &str, at: SystemTime) -> Result<ClusterToken, Error> {
        let aws = self.inner();
        let denied = |message: String| Error {
            class: Class::Denied,
            ..Error::local("sts", "GetCallerIdentity", message)
        };
        let provider = aws.credentials().ok_or_else(|| denied("there are no credentials".to_owned()))?;
        let credentials = provider.provide_credentials().await;
        let credentials = credentials.map_err(|error| denied(format!("no credentials: {error}")))?;
        let audience = Audience { cluster, region: aws.region(), endpoint: aws.endpoint() };
        presign(audience, credentials, at)
    }
}
