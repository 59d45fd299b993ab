//! Credentials from Docker's configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncWriteExt;

use super::error::FetchError;

/// What is sent to a host.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A user and a password.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// A token that stands for itself.
    Bearer(String),
}

impl std::fmt::Debug for Credential {
    /// Never shows a secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Basic { user, .. } => write!(formatter, "Basic({user}, …)"),
            Self::Bearer(_) => formatter.write_str("Bearer(…)"),
        }
    }
}

/// `config.json` as `docker login` writes it.
#[derive(Debug, Clone, Default)]
pub struct DockerConfig {
    credentials: BTreeMap<String, Credential>,
    helpers: BTreeMap<String, String>,
    store: Option<String>,
    /// Where credential helpers are looked for besides the search path.
    helper_folder: Option<PathBuf>,
}

impl DockerConfig {
    /// Reads the file; one that does not exist holds nothing.
    ///
    /// # Errors
    /// A file that is not what it should be.
    pub fn load(path: &Path) -> Result<Self, FetchError> {
        match std::fs::read(path) {
            Ok(bytes) => Self::parse(path, &bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(FetchError::Disk { path: path.to_owned(), source }),
        }
    }

    /// Looks for credential helpers in `folder` first.
    #[must_use]
    pub fn with_helpers_in(mut self, folder: impl Into<PathBuf>) -> Self {
        self.helper_folder = Some(folder.into());
        self
    }

    fn parse(path: &Path, bytes: &[u8]) -> Result<Self, FetchError> {
        let wrong = |why: &str| FetchError::Credentials(format!("{}: {why}", path.display()));
        let document: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|error| wrong(&error.to_string()))?;
        let mut config = Self::default();
        for (host, entry) in document["auths"].as_object().into_iter().flatten() {
            let text = |name: &str| entry[name].as_str().filter(|text| !text.is_empty());
            let credential = if let Some(token) = text("identitytoken").or(text("registrytoken")) {
                Credential::Bearer(token.to_owned())
            } else if let Some(auth) = text("auth") {
                let decoded =
                    STANDARD.decode(auth.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                let decoded = decoded.ok_or_else(|| wrong(&format!("the auth of {host} is not base64")))?;
                let (user, password) = decoded
                    .split_once(':')
                    .ok_or_else(|| wrong(&format!("the auth of {host} has no colon")))?;
                Credential::Basic { user: user.to_owned(), password: password.to_owned() }
            } else if let (Some(user), Some(password)) = (text("username"), text("password")) {
                Credential::Basic { user: user.to_owned(), password: password.to_owned() }
            } else {
                // Docker leaves an empty entry where a helper holds the secret.
                continue;
            };
            config.credentials.insert(host_of(host).to_owned(), credential);
        }
        for (host, helper) in document["credHelpers"].as_object().into_iter().flatten() {
            let helper = helper.as_str().unwrap_or_default().to_owned();
            config.helpers.insert(host_of(host).to_owned(), helper);
        }
        config.store = document["credsStore"].as_str().filter(|store| !store.is_empty()).map(str::to_owned);
        Ok(config)
    }

    /// What to send to `host` (with its port, where it is not the usual one).
    ///
    /// # Errors
    /// A helper is named that cannot be run.
    pub async fn for_host(&self, host: &str) -> Result<Option<Credential>, FetchError> {
        let host =
            if host == "registry-1.docker.io" || host == "docker.io" { "index.docker.io" } else { host };
        if let Some(helper) = self.helpers.get(host) {
            return self.ask(helper, host).await;
        }
        if let Some(credential) = self.credentials.get(host) {
            return Ok(Some(credential.clone()));
        }
        match &self.store {
            Some(store) => self.ask(store, host).await,
            None => Ok(None),
        }
    }

    /// Runs `docker-credential-NAME get`, which takes a host and gives JSON.
    async fn ask(&self, helper: &str, host: &str) -> Result<Option<Credential>, FetchError> {
        let name = format!("docker-credential-{helper}");
        let failed = |why: String| FetchError::Credentials(format!("{name}: {why}"));
        let program = match &self.helper_folder {
            Some(folder) if folder.join(&name).exists() => folder.join(&name),
            _ => PathBuf::from(&name),
        };
        let address = if host == "index.docker.io" {
            "https://index.docker.io/v1/".to_owned()
        } else {
            host.to_owned()
        };
        let mut process = tokio::process::Command::new(program)
            .arg("get")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        if let Some(mut input) = process.stdin.take() {
            input.write_all(address.as_bytes()).await.map_err(|error| failed(error.to_string()))?;
        }
        let output = process.wait_with_output().await.map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            // The helper's way to say that it knows nothing of the host.
            return Ok(None);
        }
        let answer: serde_json::Value =
            serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))?;
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let (user, password) = (text("Username"), text("Secret"));
        Ok(Some(if user == "<token>" {
            Credential::Bearer(password)
        } else {
            Credential::Basic { user, password }
        }))
    }
}

/// Docker writes hosts with and without scheme and path.
fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn found(config: &str, host: &str) -> Option<Credential> {
        DockerConfig::parse(Path::new("c"), config.as_bytes()).unwrap().for_host(host).await.unwrap()
    }

    #[tokio::test]
    async fn hosts_are_found_however_docker_writes_them() {
        let config = r#"{"auths":{"https://index.docker.io/v1/":{"auth":"dTpwOnE="},"ghcr.io":{"identitytoken":"t"},"h:5000":{"auth":"YTpi"},"e":{}}}"#;
        let basic = |user: &str, password: &str| {
            Some(Credential::Basic { user: user.to_owned(), password: password.to_owned() })
        };
        assert_eq!(found(config, "registry-1.docker.io").await, basic("u", "p:q"));
        assert_eq!(found(config, "ghcr.io").await, Some(Credential::Bearer("t".into())));
        assert_eq!(found(config, "h:5000").await, basic("a", "b"));
        assert_eq!(found(config, "h").await, None);
        assert_eq!(found(config, "e").await, None);
        assert!(!format!("{:?}", found(config, "h:5000").await).contains('b'));
        assert!(DockerConfig::parse(Path::new("c"), b"{").is_err());
        assert!(DockerConfig::parse(Path::new("c"), br#"{"auths":{"h":{"auth":"!"}}}"#).is_err());
    }

    #[tokio::test]
    async fn helpers_are_asked() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let helper = folder.path().join("docker-credential-test");
        let script = "#!/bin/sh\nread host\n[ \"$host\" = h:1 ] || exit 1\necho '{\"Username\":\"u\",\"Secret\":\"s\"}'\n";
        std::fs::write(&helper, script).unwrap();
        std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
        let config = DockerConfig::parse(Path::new("c"), br#"{"credsStore":"test"}"#).unwrap();
        let config = config.with_helpers_in(folder.path());
        assert!(
            matches!(config.for_host("h:1").await, Ok(Some(Credential::Basic { user, .. })) if user == "u")
        );
        assert_eq!(config.for_host("other").await.unwrap(), None);
        let missing = DockerConfig::parse(Path::new("c"), br#"{"credsStore":"not-there"}"#).unwrap();
        assert!(missing.for_host("h").await.is_err());
    }
}
