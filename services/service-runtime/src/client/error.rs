//! Why a call brought no response.

use std::time::Duration;

use super::resolver::ResolveError;

/// Why a call brought no response; the text is fit to be shown to a caller.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// As many calls as allowed are in flight.
    #[error("too many requests are in flight")]
    Overloaded,
    /// The whole time went by.
    #[error("no response within {}", seconds(.0))]
    TimedOut(Duration),
    /// The host has no usable address.
    #[error("{0}")]
    Resolve(ResolveError),
    /// No connection came about in time.
    #[error("no connection within {}", seconds(.0))]
    ConnectTimedOut(Duration),
    /// The host did not accept a connection.
    #[error("{}", connect_failure(.0))]
    Connect(#[source] std::io::Error),
    /// The connection was lost before the response came.
    #[error("the connection was closed before a response came")]
    Lost(#[source] hyper::Error),
    /// A new connection was closed before anything was sent on it.
    #[error("the connection was closed before the request was sent")]
    Closed,
    /// What came is not HTTP.
    #[error("the response is not valid HTTP")]
    Invalid(#[source] hyper::Error),
}

impl UpstreamError {
    /// A word for metrics, from a fixed set.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Overloaded => "overloaded",
            Self::TimedOut(_) => "timeout",
            Self::Resolve(_) => "resolve",
            Self::ConnectTimedOut(_) => "connect_timeout",
            Self::Connect(_) => "connect",
            Self::Lost(_) | Self::Closed => "lost",
            Self::Invalid(_) => "invalid",
        }
    }
}

impl From<hyper::Error> for UpstreamError {
    fn from(error: hyper::Error) -> Self {
        if error.is_parse() { Self::Invalid(error) } else { Self::Lost(error) }
    }
}

fn seconds(duration: &Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

/// The operating system's words without its error number.
fn connect_failure(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "host unreachable".to_owned(),
        ErrorKind::ConnectionReset => "connection reset".to_owned(),
        kind => format!("connection failed ({kind})"),
    }
}
