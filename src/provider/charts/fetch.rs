//! Fetching charts, through the cache.

use std::path::PathBuf;

use super::cache::{Cache, digest_of};
use super::credentials::{Credential, DockerConfig};
use super::error::FetchError;
use super::folder::load_path;
use super::http::Http;
use super::index::{Index, newest};
use super::oci::Registry;
use super::reference::{Reference, is_sha256, is_web};
use crate::chart::Chart;
use crate::chart::load;
use crate::chart::semver::Version;

/// How charts are fetched.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The folder of the cache.
    pub cache: PathBuf,
    /// Nothing is fetched; everything has to be in the cache.
    pub offline: bool,
    /// Registries are spoken to without TLS, on whatever host; those on loopback always may be.
    pub plain_http: bool,
    /// Credentials.
    pub docker: DockerConfig,
    /// Credentials for the one repository that is asked, over those of Docker.
    pub login: Option<Credential>,
    /// Helm's file of named repositories, for dependencies on `@name`.
    pub repositories: Option<PathBuf>,
}

/// A chart as it was fetched.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The archive.
    pub bytes: Vec<u8>,
    /// Its digest.
    pub digest: String,
    /// The version the repository gives it; empty for a plain address.
    pub version: String,
}

/// Fetches charts.
pub struct Charts {
    settings: Settings,
    cache: Cache,
    http: Http,
}

impl std::fmt::Debug for Charts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Charts").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Charts {
    /// Fetches as `settings` say.
    ///
    /// # Errors
    /// No HTTP client can be set up.
    pub fn new(settings: Settings) -> Result<Self, FetchError> {
        let cache = Cache::new(&settings.cache);
        Ok(Self { cache, http: Http::new()?, settings })
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Loads the chart `reference` names, fetching it if it is not on disk.
    ///
    /// # Errors
    /// It cannot be had, or is no chart.
    pub async fn load(&self, reference: &Reference, range: Option<&str>) -> Result<Chart, FetchError> {
        if let Reference::Path(path) = reference {
            return load_path(path);
        }
        let fetched = self.fetch(reference, range).await?;
        load::from_archive(&fetched.bytes)
            .map_err(|source| FetchError::Load { chart: reference.to_string(), source })
    }

    /// Fetches the archive `reference` names, in the newest version in `range`.
    ///
    /// # Errors
    /// It cannot be had.
    pub async fn fetch(&self, reference: &Reference, range: Option<&str>) -> Result<Fetched, FetchError> {
        match reference {
            Reference::Path(path) => {
                let bytes =
                    std::fs::read(path).map_err(|source| FetchError::Disk { path: path.clone(), source })?;
                Ok(Fetched { digest: digest_of(&bytes), bytes, version: String::new() })
            }
            Reference::Url(url) => self.archive(url, None, url, String::new()).await,
            Reference::Repository { url, chart } => self.in_repository(url, chart, range).await,
            Reference::Oci { repository, tag, digest } => {
                self.in_registry(repository, tag.as_deref(), digest.as_deref(), range).await
            }
        }
    }

    /// Loads the archive at `url`, which must have this digest; from the cache if it is there.
    ///
    /// # Errors
    /// It cannot be had, is another one, or is no chart.
    pub async fn pinned(&self, url: &str, digest: &str) -> Result<Chart, FetchError> {
        let fetched = self.archive(url, Some(digest), url, String::new()).await?;
        load::from_archive(&fetched.bytes)
            .map_err(|source| FetchError::Load { chart: url.to_owned(), source })
    }

    async fn in_repository(
        &self,
        repository: &str,
        chart: &str,
        range: Option<&str>,
    ) -> Result<Fetched, FetchError> {
        let address = format!("{repository}/index.yaml");
        let note = format!("index {address}");
        let bytes = if self.settings.offline {
            let known = self.cache.note(&note).and_then(|digest| self.cache.bytes(&digest));
            known.ok_or_else(|| FetchError::Offline(address.clone()))?
        } else {
            let credential = self.credential(repository).await?;
            let bytes = self.http.get(&address, credential.as_ref()).await?;
            self.cache.set_note(&note, &self.cache.keep(&bytes)?)?;
            bytes
        };
        let index = Index::parse(repository, &bytes)?;
        let entry = index.select(repository, chart, range)?;
        let Some(url) = entry.urls.first() else {
            let why = format!("{chart} {} has no address", entry.version);
            return Err(FetchError::Index { repository: repository.to_owned(), why });
        };
        if let Some(rest) = url.strip_prefix("oci://") {
            let reference = Reference::parse(&format!("oci://{rest}"), None)?;
            return Box::pin(self.fetch(&reference, Some(&entry.version))).await;
        }
        let url =
            if is_web(url) { url.clone() } else { format!("{repository}/{}", url.trim_start_matches('/')) };
        let digest = entry.digest.as_deref();
        if digest.is_some_and(|digest| !is_sha256(digest)) {
            let why = format!("the digest of {chart} {} is none of SHA-256", entry.version);
            return Err(FetchError::Index { repository: repository.to_owned(), why });
        }
        self.archive(&url, digest, repository, entry.version.clone()).await
    }

    /// The archive at `url`, from the cache if it is there; `asked` is whose credentials may be used.
    async fn archive(
        &self,
        url: &str,
        digest: Option<&str>,
        asked: &str,
        version: String,
    ) -> Result<Fetched, FetchError> {
        let note = format!("archive {url}");
        let known = match digest {
            Some(digest) => Some(digest.to_owned()),
            // Without a promised digest, what an address gives may change: only trusted offline.
            None if self.settings.offline => self.cache.note(&note),
            None => None,
        };
        if let Some(bytes) = known.as_deref().and_then(|digest| self.cache.bytes(digest)) {
            return Ok(Fetched { digest: digest_of(&bytes), bytes, version });
        }
        if self.settings.offline {
            return Err(FetchError::Offline(url.to_owned()));
        }
        // Credentials are for the host that was asked, not for wherever its index points.
        let same_host = host(url).is_some() && host(url) == host(asked);
        let credential = if same_host { self.credential(url).await? } else { None };
        let bytes = self.http.get(url, credential.as_ref()).await?;
        let found = digest_of(&bytes);
        if let Some(expected) = digest
            && found != expected
        {
            let expected = expected.to_owned();
            return Err(FetchError::Digest { source_name: url.to_owned(), expected, found });
        }
        self.cache.keep(&bytes)?;
        self.cache.set_note(&note, &found)?;
        Ok(Fetched { bytes, digest: found, version })
    }

    async fn in_registry(
        &self,
        repository: &str,
        tag: Option<&str>,
        digest: Option<&str>,
        range: Option<&str>,
    ) -> Result<Fetched, FetchError> {
        let name = format!("oci://{repository}");
        let credential = if self.settings.offline { None } else { self.credential(&name).await? };
        let registry = Registry::new(self.plain_hosts(repository));
        let tag = match (digest, tag) {
            (Some(digest), _) => digest.to_owned(),
            (None, Some(tag)) => tag.to_owned(),
            (None, None) => self.choose_tag(&registry, repository, range, credential.as_ref()).await?,
        };
        let version = if tag.starts_with("sha256:") { String::new() } else { tag.replace('_', "+") };
        let note = format!("{name} {tag}");
        // What a tag stands for may change; a digest may not.
        if (self.settings.offline || digest.is_some())
            && let Some(bytes) = self.cache.note(&note).and_then(|digest| self.cache.bytes(&digest))
        {
            return Ok(Fetched { digest: digest_of(&bytes), bytes, version });
        }
        if self.settings.offline {
            return Err(FetchError::Offline(format!("{name}:{tag}")));
        }
        let chart = registry.resolve(repository, &tag, credential.as_ref()).await?;
        let bytes = match self.cache.bytes(&chart.layer.digest) {
            Some(bytes) => bytes,
            None => registry.pull(&chart, credential.is_some()).await?,
        };
        let digest = self.cache.keep(&bytes)?;
        self.cache.set_note(&note, &digest)?;
        Ok(Fetched { bytes, digest, version })
    }

    /// The tag of the newest version in `range`. Tags cannot hold the `+` of versions: Helm writes `_`.
    async fn choose_tag(
        &self,
        registry: &Registry,
        repository: &str,
        range: Option<&str>,
        credential: Option<&Credential>,
    ) -> Result<String, FetchError> {
        if let Some(exact) = range.filter(|range| Version::parse_strict(range).is_ok()) {
            return Ok(exact.replace('+', "_"));
        }
        let note = format!("tags oci://{repository}");
        let tags: Vec<String> = if self.settings.offline {
            let known =
                self.cache.note(&note).ok_or_else(|| FetchError::Offline(format!("oci://{repository}")))?;
            known.lines().map(str::to_owned).collect()
        } else {
            let tags = registry.tags(repository, credential).await?;
            self.cache.set_note(&note, &tags.join("\n"))?;
            tags
        };
        let versions: Vec<String> = tags.iter().map(|tag| tag.replace('_', "+")).collect();
        let chosen = newest(versions.iter().map(String::as_str), range)?;
        chosen.map(|version| version.replace('+', "_")).ok_or_else(|| FetchError::NoVersion {
            chart: repository.rsplit('/').next().unwrap_or(repository).to_owned(),
            repository: format!("oci://{repository}"),
            range: range.unwrap_or("*").to_owned(),
            newest: versions.iter().rev().take(3).cloned().collect(),
        })
    }

    async fn credential(&self, url: &str) -> Result<Option<Credential>, FetchError> {
        if let Some(login) = &self.settings.login {
            return Ok(Some(login.clone()));
        }
        match host(url) {
            Some(host) => self.settings.docker.for_host(host).await,
            None => Ok(None),
        }
    }

    fn plain_hosts(&self, repository: &str) -> Vec<String> {
        let host = repository.split('/').next().unwrap_or(repository);
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let loopback = name == "localhost" || name.starts_with("127.") || name == "[::1]";
        if self.settings.plain_http || loopback { vec![host.to_owned()] } else { Vec::new() }
    }
}

/// The host of an address, with its port if one is written.
fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    Some(authority.rsplit_once('@').map_or(authority, |(_, host)| host))
}
