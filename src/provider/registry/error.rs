//! What can go wrong with a registry.

use oci_client::errors::{OciDistributionError, OciErrorCode};

use crate::provider::{Class, Error};

/// Why a registry did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The registry wants other credentials.
    #[error("{registry} refuses access{}{}", if .said.is_empty() { "" } else { ": " }, .said)]
    Denied {
        /// The registry.
        registry: String,
        /// Whether credentials were sent.
        with_credentials: bool,
        /// What it said.
        said: String,
    },
    /// There is no such image or repository.
    #[error("{what} does not exist")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// The tag stands for another image.
    #[error("{image} is taken: it is {found}, and the image to push is {wanted}")]
    TagTaken {
        /// Repository and tag.
        image: String,
        /// What it stands for.
        found: String,
        /// What it was to stand for.
        wanted: String,
    },
    /// Bytes are not those that were promised.
    #[error("{what} has digest {found}, but {wanted} was promised")]
    Digest {
        /// What.
        what: String,
        /// What was promised.
        wanted: String,
        /// What they have.
        found: String,
    },
    /// Bytes are not those that the registry itself promises.
    #[error("{what} was promised with another digest: {why}")]
    Corrupted {
        /// What.
        what: String,
        /// What differs.
        why: String,
    },
    /// The registry cannot be reached, or breaks off.
    #[error("{registry} cannot be reached: {why}")]
    Network {
        /// The registry.
        registry: String,
        /// Why, causes included.
        why: String,
    },
    /// The registry answers with an error of its own.
    #[error("{registry} answers with status {status}: {}", .said.trim())]
    Status {
        /// The registry.
        registry: String,
        /// The HTTP status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// A name that is none.
    #[error("{reference:?} is no image reference with a digest: {why}")]
    Reference {
        /// As it was given.
        reference: String,
        /// What is wrong with it.
        why: String,
    },
    /// What was pulled cannot be used.
    #[error("{what} cannot be used: {why}")]
    Unusable {
        /// What.
        what: String,
        /// Why not.
        why: String,
    },
    /// What is to be pushed cannot be read.
    #[error("what is to be pushed cannot be read: {0}")]
    Content(String),
    /// Docker's configuration cannot be used.
    #[error("{0}")]
    Credentials(String),
    /// AWS gives no login for its registry.
    #[error("no login for Amazon ECR")]
    Login(#[source] Error),
}

impl From<RegistryError> for Error {
    /// As a failed call of the provider.
    fn from(error: RegistryError) -> Self {
        let class = match &error {
            RegistryError::Login(error) => return error.clone(),
            RegistryError::Denied { .. } | RegistryError::Credentials(_) => Class::Denied,
            RegistryError::NotFound { .. } => Class::NotFound,
            error if error.is_transient() => Class::Unavailable,
            _ => Class::Invalid,
        };
        let message = match error.hint() {
            Some(hint) => format!("{error} ({hint})"),
            None => error.to_string(),
        };
        Self { class, service: "registry", operation: "push", code: None, message, request_id: None }
    }
}

impl RegistryError {
    /// What to do about it, where there is something.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Denied { with_credentials: false, registry, .. } => {
                format!(
                    "no credentials were sent: log in with `docker login {registry}`, or set DOCKER_CONFIG"
                )
            }
            Self::Denied { .. } => "the credentials are not accepted, or may not push there".to_owned(),
            Self::TagTaken { .. } => "tags stay what they are: choose another with --tag".to_owned(),
            Self::Digest { .. } | Self::Corrupted { .. } => {
                "somebody changed it, there or on the way: do not use it".to_owned()
            }
            Self::Reference { .. } => "write it as registry/name@sha256:DIGEST".to_owned(),
            _ => return None,
        })
    }

    /// True for what may be different a moment later.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Network { .. } => true,
            Self::Status { status, .. } => *status >= 500 || *status == 429 || *status == 408,
            _ => false,
        }
    }

    /// What a client's error is, when `what` of `registry` was asked for.
    pub(super) fn of(
        error: OciDistributionError,
        (registry, what): (&str, &str),
        with_credentials: bool,
    ) -> Self {
        let registry = registry.to_owned();
        let by_status = |status: u16, said: String| match status {
            401 | 403 => Self::Denied { registry: registry.clone(), with_credentials, said: words(&said) },
            404 => Self::NotFound { what: what.to_owned() },
            _ => Self::Status { registry: registry.clone(), status, said: words(&said) },
        };
        match error {
            OciDistributionError::UnauthorizedError { .. } => by_status(401, String::new()),
            OciDistributionError::AuthenticationFailure(said) => by_status(401, said),
            OciDistributionError::ImageManifestNotFoundError(_) => by_status(404, String::new()),
            OciDistributionError::ServerError { code, message, .. } => by_status(code, message),
            OciDistributionError::RegistryError { envelope, .. } => {
                let said = envelope.errors.first();
                let message = said.map(|error| error.message.clone()).unwrap_or_default();
                match said.map(|error| &error.code) {
                    Some(OciErrorCode::Unauthorized | OciErrorCode::Denied) => by_status(403, message),
                    Some(
                        OciErrorCode::ManifestUnknown
                        | OciErrorCode::NameUnknown
                        | OciErrorCode::BlobUnknown
                        | OciErrorCode::NotFound,
                    ) => by_status(404, message),
                    Some(OciErrorCode::Toomanyrequests) => by_status(429, message),
                    _ => by_status(400, message),
                }
            }
            OciDistributionError::RequestError(error) => match error.status() {
                Some(status) => by_status(status.as_u16(), String::new()),
                None => Self::Network { registry, why: causes(&error) },
            },
            OciDistributionError::DigestError(error) => {
                Self::Corrupted { what: what.to_owned(), why: error.to_string() }
            }
            other => {
                let why = causes(&other);
                // A stream of a blob checks its digest at its end, and fails as reading does.
                if why.to_lowercase().contains("digest") {
                    return Self::Corrupted { what: what.to_owned(), why };
                }
                Self::Network { registry, why }
            }
        }
    }
}

/// The words in a body of errors (`{"errors": [{"code", "message"}]}`), or the body.
fn words(body: &str) -> String {
    let parsed: Option<serde_json::Value> = serde_json::from_str(body).ok();
    let error = parsed.as_ref().map(|body| &body["errors"][0]);
    let text = error.and_then(|error| error["message"].as_str().filter(|text| !text.is_empty()));
    text.or_else(|| error?["code"].as_str()).unwrap_or(body).to_owned()
}

fn causes(error: &dyn std::error::Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        cause = error.source();
    }
    text
}
