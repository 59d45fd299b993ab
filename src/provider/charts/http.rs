//! Fetching by HTTP, within bounds.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::StatusCode;

use super::credentials::Credential;
use super::error::FetchError;

/// Largest archive or index that is fetched, in bytes. The largest public index has about 25 MB.
pub(super) const MAX_BYTES: u64 = 100 << 20;
/// How often a fetch is tried when the server is busy or the connection breaks. One that is not made at all (no such
/// name, refused, no network) is not tried again: it would be the same a second later.
const TRIES: u32 = 3;

/// An HTTP client.
#[derive(Debug, Clone)]
pub(super) struct Http {
    client: reqwest::Client,
}

/// What went wrong, and whether trying again may help.
struct Attempt {
    error: FetchError,
    again: bool,
}

impl Http {
    pub(super) fn new() -> Result<Self, FetchError> {
        use_ring();
        let client = reqwest::Client::builder()
            .user_agent(concat!("platctl/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(15))
            .read_timeout(Duration::from_secs(60))
            .build()
            .map_err(|error| FetchError::Network { url: "HTTP client".to_owned(), why: causes(&error) })?;
        Ok(Self { client })
    }

    /// The body at `url`.
    pub(super) async fn get(
        &self,
        url: &str,
        credential: Option<&Credential>,
    ) -> Result<Vec<u8>, FetchError> {
        let mut tried = 0;
        loop {
            tried += 1;
            match self.get_once(url, credential).await {
                Ok(bytes) => return Ok(bytes),
                Err(Attempt { again: true, .. }) if tried < TRIES => {
                    tokio::time::sleep(Duration::from_millis(200 << tried)).await;
                }
                Err(attempt) => return Err(attempt.error),
            }
        }
    }

    async fn get_once(&self, url: &str, credential: Option<&Credential>) -> Result<Vec<u8>, Attempt> {
        let request = self.client.get(url);
        let request = match credential {
            None => request,
            Some(Credential::Basic { user, password }) => request.basic_auth(user, Some(password)),
            Some(Credential::Bearer(token)) => request.bearer_auth(token),
        };
        let network = |error: reqwest::Error| Attempt {
            again: !error.is_builder() && !error.is_redirect() && !error.is_connect(),
            error: FetchError::Network { url: url.to_owned(), why: causes(&error) },
        };
        let response = request.send().await.map_err(network)?;
        let status = response.status();
        if !status.is_success() {
            let again = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
            return Err(Attempt { again, error: refused(url, status.as_u16(), credential.is_some()) });
        }
        let too_large = || Attempt {
            again: false,
            error: FetchError::AnswerTooLarge { url: url.to_owned(), limit: MAX_BYTES },
        };
        if response.content_length().is_some_and(|length| length > MAX_BYTES) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        let mut stream = response.bytes_stream();
        while let Some(chunk) = stream.next().await {
            body.extend_from_slice(&chunk.map_err(network)?);
            if body.len() as u64 > MAX_BYTES {
                return Err(too_large());
            }
        }
        Ok(body)
    }
}

/// The error for a status that is no success.
pub(super) fn refused(url: &str, status: u16, with_credentials: bool) -> FetchError {
    let url = url.to_owned();
    match status {
        401 | 403 => FetchError::Denied { url, status, with_credentials },
        404 | 410 => FetchError::NotFound { url, status },
        _ => FetchError::Status { url, status },
    }
}

/// An error with all its causes on one line.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        cause = error.source();
    }
    text
}

/// Makes ring the provider of TLS for clients that take the process's default.
pub(in crate::provider) fn use_ring() {
    // Fails when one is set already, which is just as good.
    let _already_set = rustls::crypto::ring::default_provider().install_default();
}
