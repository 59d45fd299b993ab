//! Which addresses of services are accepted.

use http::Uri;
use http::uri::Scheme;

/// Why an address is not accepted. The address is not repeated: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not an address at all.
    #[error("is not a URL such as http://host:port")]
    Syntax,
    /// Another scheme than `http`.
    #[error("does not start with http:// (TLS ends at the load balancer, https is not spoken)")]
    Scheme,
    /// No host.
    #[error("names no host")]
    Host,
    /// A user name or password.
    #[error("holds a user name or password, which is not supported")]
    Credentials,
}

/// Reads an `http://` address with a host and without credentials.
pub fn http_url(text: &str) -> Result<Uri, UrlError> {
    let url: Uri = text.parse().map_err(|_| UrlError::Syntax)?;
    match url.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP => {}
        Some(_) => return Err(UrlError::Scheme),
        None => return Err(UrlError::Syntax),
    }
    let authority = url.authority().ok_or(UrlError::Host)?;
    if authority.as_str().contains('@') {
        return Err(UrlError::Credentials);
    }
    let port_is_whole = authority.as_str().len() == authority.host().len() || url.port_u16().is_some();
    if authority.host().is_empty() {
        return Err(UrlError::Host);
    }
    if port_is_whole { Ok(url) } else { Err(UrlError::Syntax) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_addresses_are_accepted() {
        for good in ["http://api.backend.internal", "http://[::1]:3000/base", "http://10.0.0.1:80/"] {
            assert!(http_url(good).is_ok(), "{good}");
        }
        assert_eq!(http_url("https://host"), Err(UrlError::Scheme));
        assert_eq!(http_url("host:80"), Err(UrlError::Syntax));
        assert_eq!(http_url("/path"), Err(UrlError::Syntax));
        assert_eq!(http_url("http://user:secret@host"), Err(UrlError::Credentials));
        assert_eq!(http_url("http://host:port"), Err(UrlError::Syntax));
        assert_eq!(http_url("http://host:99999"), Err(UrlError::Syntax));
        assert_eq!(http_url("http:// host"), Err(UrlError::Syntax));
    }
}
