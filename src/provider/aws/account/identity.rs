//! Who asks.

use crate::provider::Error;
use crate::provider::aws::{ReadOnly, Service};

/// Whom the credentials are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub account: String,
    /// The user, role session or root, by ARN.
    pub arn: String,
}

impl ReadOnly {
    /// Asks whom the credentials are of; AWS refuses this to nobody with valid ones.
    ///
    /// # Errors
    /// The classified error: credentials that are wrong or have expired are [`crate::provider::Class::Denied`].
    pub async fn identity(&self) -> Result<Identity, Error> {
        let aws = self.inner();
        let ask = || aws.clients().sts.get_caller_identity().send();
        let identity = aws.read(Service::Sts, "GetCallerIdentity", ask).await?;
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Ok(Identity { account: text(identity.account()), arn: text(identity.arn()) })
    }
}
