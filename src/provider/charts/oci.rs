//! Charts in OCI registries.

use std::time::Duration;

use futures_util::TryStreamExt;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::errors::OciDistributionError;
use oci_client::manifest::{OciDescriptor, OciImageManifest};
use oci_client::secrets::RegistryAuth;

use super::cache::digest_of;
use super::credentials::Credential;
use super::error::FetchError;
use super::http::{MAX_BYTES, causes, refused, use_ring};

const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CONTENT: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
/// What Helm wrote before the type above was settled.
const OLD_CONTENT: &str = "application/tar+gzip";
const MANIFEST_TYPES: [&str; 2] =
    ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];
/// Tags asked for at once, and pages at most.
const PAGE: usize = 1_000;
const MAX_PAGES: usize = 50;

/// A registry client.
pub(super) struct Registry {
    client: oci_client::Client,
}

/// One chart in a registry.
pub(super) struct Chart {
    pub reference: oci_client::Reference,
    pub layer: OciDescriptor,
}

impl Registry {
    /// `plain_hosts` are spoken to without TLS.
    pub(super) fn new(plain_hosts: Vec<String>) -> Self {
        use_ring();
        let client = oci_client::Client::new(ClientConfig {
            protocol: ClientProtocol::HttpsExcept(plain_hosts),
            connect_timeout: Some(Duration::from_secs(15)),
            read_timeout: Some(Duration::from_secs(60)),
            user_agent: concat!("platctl/", env!("CARGO_PKG_VERSION")),
            ..ClientConfig::default()
        });
        Self { client }
    }

    /// All tags of a repository.
    pub(super) async fn tags(
        &self,
        repository: &str,
        credential: Option<&Credential>,
    ) -> Result<Vec<String>, FetchError> {
        let reference = parse(repository, None)?;
        let auth = auth(credential);
        let mut tags: Vec<String> = Vec::new();
        for _ in 0..MAX_PAGES {
            let last = tags.last().cloned();
            let page =
                self.client.list_tags(&reference, &auth, Some(PAGE), last.as_deref()).await.map_err(
                    |error| translate(&format!("oci://{repository}"), credential.is_some(), error),
                )?;
            let full = page.tags.len() >= PAGE;
            tags.extend(page.tags);
            if !full {
                break;
            }
        }
        Ok(tags)
    }

    /// What `tag` (or a digest, which wins) stands for.
    pub(super) async fn resolve(
        &self,
        repository: &str,
        tag_or_digest: &str,
        credential: Option<&Credential>,
    ) -> Result<Chart, FetchError> {
        let reference = parse(repository, Some(tag_or_digest))?;
        let name = format!("oci://{reference}");
        let failed = |error| translate(&name, credential.is_some(), error);
        let auth = auth(credential);
        let (bytes, _) =
            self.client.pull_manifest_raw(&reference, &auth, &MANIFEST_TYPES).await.map_err(failed)?;
        let found = digest_of(&bytes);
        if tag_or_digest.starts_with("sha256:") && found != tag_or_digest {
            let expected = tag_or_digest.to_owned();
            return Err(FetchError::Digest { source_name: name, expected, found });
        }
        let not_helm = |why: String| FetchError::NotHelm { reference: name.clone(), why };
        let manifest: OciImageManifest = serde_json::from_slice(&bytes)
            .map_err(|error| not_helm(format!("its manifest cannot be read: {error}")))?;
        if manifest.config.media_type != CONFIG {
            return Err(not_helm(format!("its configuration is of type {}", manifest.config.media_type)));
        }
        let mut layers = manifest.layers.into_iter();
        let layer = layers
            .find(|layer| layer.media_type == CONTENT || layer.media_type == OLD_CONTENT)
            .ok_or_else(|| not_helm("it has no layer with a chart".to_owned()))?;
        if u64::try_from(layer.size).is_ok_and(|size| size > MAX_BYTES) {
            return Err(FetchError::AnswerTooLarge { url: name, limit: MAX_BYTES });
        }
        Ok(Chart { reference, layer })
    }

    /// The archive of a chart.
    pub(super) async fn pull(&self, chart: &Chart, with_credentials: bool) -> Result<Vec<u8>, FetchError> {
        let name = format!("oci://{}", chart.reference);
        let mut stream = self
            .client
            .pull_blob_stream(&chart.reference, &chart.layer)
            .await
            .map_err(|error| translate(&name, with_credentials, error))?
            .stream;
        let mut bytes = Vec::new();
        loop {
            let chunk = stream.try_next().await.map_err(|error| {
                let why = causes(&error);
                if why.to_lowercase().contains("digest") {
                    let expected = chart.layer.digest.clone();
                    return FetchError::Digest {
                        source_name: name.clone(),
                        expected,
                        found: digest_of(&bytes),
                    };
                }
                FetchError::Network { url: name.clone(), why }
            })?;
            let Some(chunk) = chunk else { break };
            bytes.extend_from_slice(&chunk);
            if bytes.len() as u64 > MAX_BYTES {
                return Err(FetchError::AnswerTooLarge { url: name, limit: MAX_BYTES });
            }
        }
        let found = digest_of(&bytes);
        if found != chart.layer.digest {
            return Err(FetchError::Digest {
                source_name: name,
                expected: chart.layer.digest.clone(),
                found,
            });
        }
        Ok(bytes)
    }
}

fn parse(repository: &str, tag_or_digest: Option<&str>) -> Result<oci_client::Reference, FetchError> {
    let whole = match tag_or_digest {
        None => repository.to_owned(),
        Some(digest) if digest.starts_with("sha256:") => format!("{repository}@{digest}"),
        Some(tag) => format!("{repository}:{tag}"),
    };
    whole.parse().map_err(|error| FetchError::Reference {
        reference: format!("oci://{whole}"),
        why: format!("{error}"),
    })
}

fn auth(credential: Option<&Credential>) -> RegistryAuth {
    match credential {
        None => RegistryAuth::Anonymous,
        Some(Credential::Basic { user, password }) => RegistryAuth::Basic(user.clone(), password.clone()),
        Some(Credential::Bearer(token)) => RegistryAuth::Bearer(token.clone()),
    }
}

fn translate(name: &str, with_credentials: bool, error: OciDistributionError) -> FetchError {
    use oci_client::errors::OciErrorCode;
    match error {
        OciDistributionError::UnauthorizedError { .. } | OciDistributionError::AuthenticationFailure(_) => {
            refused(name, 401, with_credentials)
        }
        OciDistributionError::ServerError { code, .. } => refused(name, code, with_credentials),
        OciDistributionError::ImageManifestNotFoundError(_) => refused(name, 404, with_credentials),
        OciDistributionError::RegistryError { ref envelope, .. } => {
            let code = envelope.errors.first().map(|error| &error.code);
            match code {
                Some(OciErrorCode::Unauthorized) => refused(name, 401, with_credentials),
                Some(OciErrorCode::Denied) => refused(name, 403, with_credentials),
                Some(
                    OciErrorCode::ManifestUnknown | OciErrorCode::NameUnknown | OciErrorCode::BlobUnknown,
                ) => refused(name, 404, with_credentials),
                _ => FetchError::Network { url: name.to_owned(), why: causes(&error) },
            }
        }
        OciDistributionError::DigestError(_) => FetchError::Digest {
            source_name: name.to_owned(),
            expected: "the digest the registry names".to_owned(),
            found: causes(&error),
        },
        other => FetchError::Network { url: name.to_owned(), why: causes(&other) },
    }
}
