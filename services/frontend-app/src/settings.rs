//! What the frontend is configured by.

use std::time::Duration;

use http::Uri;
use service_runtime::client::{Limits, http_url};
use service_runtime::config::Variables;

/// The backends' addresses and the limits of calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// `BACKEND_URL`: backend-app.
    pub backend: Uri,
    /// `BACKEND_SERVICE_URL`: backend-service.
    pub backend_service: Uri,
    /// `UPSTREAM_TIMEOUT_SECONDS`, `UPSTREAM_CONNECT_TIMEOUT_SECONDS`, `UPSTREAM_MAX_IN_FLIGHT`; for
    /// each backend on its own, so that a slow one takes nothing from the other.
    pub limits: Limits,
}

impl Settings {
    /// Reads the settings.
    pub fn read(variables: &mut Variables) -> Self {
        let backend = address(variables, "BACKEND_URL", "http://backend-app-service");
        let backend_service = address(variables, "BACKEND_SERVICE_URL", "http://api.backend.internal");
        let (timeout, connect_timeout) = (Duration::from_secs(10), Duration::from_secs(2));
        let limits = Limits {
            timeout: variables.seconds("UPSTREAM_TIMEOUT_SECONDS", timeout, 0.05..=600.0),
            connect_timeout: variables.seconds(
                "UPSTREAM_CONNECT_TIMEOUT_SECONDS",
                connect_timeout,
                0.05..=600.0,
            ),
            in_flight: usize::try_from(variables.number("UPSTREAM_MAX_IN_FLIGHT", 512, 1..=100_000))
                .unwrap_or(512),
        };
        Self { backend, backend_service, limits }
    }
}

fn address(variables: &mut Variables, variable: &'static str, default: &'static str) -> Uri {
    let default = Uri::from_static(default);
    let Some(text) = variables.text(variable) else { return default };
    let problem = match http_url(text) {
        Ok(url) if url.query().is_some() => "holds a query, which an address of a backend cannot".to_owned(),
        Ok(url) => return url,
        Err(problem) => problem.to_string(),
    };
    variables.report(variable, problem);
    default
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_platform() {
        let mut variables = Variables::default();
        let settings = Settings::read(&mut variables);
        assert!(variables.findings().is_empty());
        assert_eq!(settings.backend.to_string(), "http://backend-app-service/");
        assert_eq!(settings.backend_service.to_string(), "http://api.backend.internal/");
        assert_eq!(settings.limits.timeout, Duration::from_secs(10));
        assert_eq!(settings.limits.connect_timeout, Duration::from_secs(2));
    }

    #[test]
    fn wrong_addresses_are_found_and_their_passwords_not_repeated() {
        let pairs = [
            ("BACKEND_URL", "http://user:hunter2@host"),
            ("BACKEND_SERVICE_URL", "ftp://host"),
            ("UPSTREAM_MAX_IN_FLIGHT", "0"),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut variables = Variables::of(pairs);
        Settings::read(&mut variables);
        let text: Vec<_> = variables.findings().iter().map(ToString::to_string).collect();
        assert_eq!(text.len(), 3, "{text:?}");
        assert!(!text.concat().contains("hunter2"), "{text:?}");
    }
}
