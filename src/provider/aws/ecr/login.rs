//! The login to the registry.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::provider::Error;
use crate::provider::aws::presence::must;
use crate::provider::aws::{Aws, Service};

/// What the registry takes for 12 hours. Never shown: it has no `Debug`.
pub(in crate::provider) struct Authorization {
    /// The registry's address, with its scheme.
    pub(in crate::provider) endpoint: String,
    pub(in crate::provider) user: String,
    pub(in crate::provider) password: String,
}

/// Asks for a login to the account's own registry.
///
/// # Errors
/// The classified error.
pub(in crate::provider) async fn authorization(aws: &Aws) -> Result<Authorization, Error> {
    const NAME: &str = "GetAuthorizationToken";
    let reply = aws.read(Service::Ecr, NAME, || aws.clients().ecr.get_authorization_token().send()).await?;
    let data = must(reply.authorization_data.unwrap_or_default().pop(), NAME, "authorization data")?;
    let token = must(data.authorization_token, NAME, "token")?;
    let endpoint = must(data.proxy_endpoint, NAME, "proxy endpoint")?;
    // The token is `AWS:PASSWORD` in base64.
    let pair = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let (user, password) =
        must(pair.as_deref().and_then(|pair| pair.split_once(':')), NAME, "user and password in its token")?;
    Ok(Authorization { endpoint, user: user.to_owned(), password: password.to_owned() })
}
