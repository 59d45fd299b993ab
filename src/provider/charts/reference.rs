//! What a user or a `Chart.yaml` names a chart by.

use std::path::PathBuf;

use super::error::FetchError;

/// Where a chart is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// A folder or archive on disk.
    Path(PathBuf),
    /// An archive at an address.
    Url(String),
    /// A chart in an HTTP repository.
    Repository {
        /// The repository's address, without a slash at the end.
        url: String,
        /// The chart.
        chart: String,
    },
    /// A chart in an OCI registry.
    Oci {
        /// Host and path, such as `ghcr.io/org/charts/app`.
        repository: String,
        /// The version the reference itself names.
        tag: Option<String>,
        /// The digest the reference itself names.
        digest: Option<String>,
    },
}

impl Reference {
    /// Reads what stands on a command line: a path, an address, or with `repository` a chart's name.
    ///
    /// # Errors
    /// What is none of these.
    pub fn parse(chart: &str, repository: Option<&str>) -> Result<Self, FetchError> {
        let wrong = |why: &str| FetchError::Reference { reference: chart.to_owned(), why: why.to_owned() };
        if let Some(rest) = chart.strip_prefix("oci://") {
            return Self::parse_oci(chart, rest);
        }
        if let Some(url) = repository {
            if let Some(rest) = url.strip_prefix("oci://") {
                return Self::parse_oci(chart, &format!("{}/{chart}", rest.trim_end_matches('/')));
            }
            if !is_web(url) {
                let why = "a repository's address starts with https://, http:// or oci://";
                return Err(FetchError::Reference { reference: url.to_owned(), why: why.to_owned() });
            }
            if chart.is_empty() || chart.contains("://") {
                return Err(wrong("with a repository, it must be a chart's name"));
            }
            return Ok(Self::Repository {
                url: url.trim_end_matches('/').to_owned(),
                chart: chart.to_owned(),
            });
        }
        if is_web(chart) {
            return Ok(Self::Url(chart.to_owned()));
        }
        if let Some((scheme, _)) = chart.split_once("://") {
            return Err(wrong(&format!("charts are not fetched by {scheme}://")));
        }
        Ok(Self::Path(PathBuf::from(chart)))
    }

    fn parse_oci(whole: &str, rest: &str) -> Result<Self, FetchError> {
        let wrong = |why: &str| FetchError::Reference { reference: whole.to_owned(), why: why.to_owned() };
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (rest, None),
        };
        let last = rest.rfind('/').map_or(0, |at| at + 1);
        let (repository, tag) = match rest[last..].split_once(':') {
            Some((name, tag)) if last > 0 => (format!("{}{name}", &rest[..last]), Some(tag.to_owned())),
            _ => (rest.to_owned(), None),
        };
        let allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-/:".contains(&byte);
        if !repository.contains('/') || repository.ends_with('/') {
            return Err(wrong("an OCI reference has a host and a path, oci://HOST/PATH"));
        }
        if !repository.bytes().all(|byte| allowed(byte.to_ascii_lowercase())) {
            return Err(wrong("it holds characters that registries do not allow"));
        }
        if digest.as_ref().is_some_and(|digest| !is_sha256(digest)) {
            return Err(wrong("its digest is not sha256: and 64 hexadecimal digits"));
        }
        Ok(Self::Oci { repository, tag, digest })
    }
}

/// Whether `url` is one that is fetched by HTTP.
pub(super) fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// Whether `digest` has the form of a SHA-256 digest.
pub(super) fn is_sha256(digest: &str) -> bool {
    digest
        .strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

impl std::fmt::Display for Reference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Path(path) => write!(formatter, "{}", path.display()),
            Self::Url(url) => formatter.write_str(url),
            Self::Repository { url, chart } => write!(formatter, "{chart} in {url}"),
            Self::Oci { repository, tag, digest } => {
                write!(formatter, "oci://{repository}")?;
                if let Some(tag) = tag {
                    write!(formatter, ":{tag}")?;
                }
                if let Some(digest) = digest {
                    write!(formatter, "@{digest}")?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_apart() {
        let oci = |repository: &str, tag: Option<&str>| Reference::Oci {
            repository: repository.to_owned(),
            tag: tag.map(str::to_owned),
            digest: None,
        };
        for (chart, repository, wanted) in [
            ("./app", None, Reference::Path("./app".into())),
            ("https://x.example/app-1.tgz", None, Reference::Url("https://x.example/app-1.tgz".into())),
            ("oci://127.0.0.1:5000/c/app", None, oci("127.0.0.1:5000/c/app", None)),
            ("oci://ghcr.io/c/app:1.2.3", None, oci("ghcr.io/c/app", Some("1.2.3"))),
            ("app", Some("oci://ghcr.io/c/"), oci("ghcr.io/c/app", None)),
        ] {
            assert_eq!(Reference::parse(chart, repository).unwrap(), wanted);
        }
        let digest = format!("oci://h/a@sha256:{}", "a".repeat(64));
        assert!(matches!(Reference::parse(&digest, None), Ok(Reference::Oci { digest: Some(_), .. })));
        for (chart, repository) in [
            ("oci://host", None),
            ("oci://h/a@sha256:12", None),
            ("oci://h/a b", None),
            ("s3://bucket/app", None),
            ("app", Some("ftp://x")),
        ] {
            assert!(Reference::parse(chart, repository).is_err(), "{chart}");
        }
    }
}
