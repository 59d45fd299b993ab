//! The image that others are built on.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::args::Choice;
use super::prepare::platforms;
use super::problem::registry_problem;
use crate::cli::context::{Context, Environment};
use crate::image::{Base, BaseImage, Blob};
use crate::provider::SystemClock;
use crate::provider::charts::DockerConfig;
use crate::provider::registry::{Login, Registry, RegistryError, by_digest};
use crate::ui::Problem;

/// Pulls it, where one is configured.
pub(super) async fn pull(
    context: &Context,
    environment: &Environment,
    choice: &Choice,
) -> Result<Option<BaseImage>, Problem> {
    let Some(reference) = &environment.loaded.platform.settings.images.base else { return Ok(None) };
    let problem = |error: RegistryError| registry_problem(&error);
    let (host, repository, digest) = by_digest(reference).map_err(problem)?;
    // Without TLS only on this machine.
    let plain = ["127.0.0.1", "localhost"].contains(&host.split(':').next().unwrap_or_default());
    let registry =
        Registry::new(host, plain, docker_login().map_err(problem)?, Arc::new(SystemClock::default()));
    context.printer.say(&format!("pulling {reference}"));
    let mut all = BTreeMap::new();
    for platform in platforms(environment, choice) {
        let pulled = registry.pull(&repository, &digest, platform.architecture()).await.map_err(problem)?;
        let layers = pulled.layers.into_iter().map(|layer| Blob::new(as_oci(&layer.media_type), layer.bytes));
        all.insert(platform, Base { config: pulled.config, layers: layers.collect() });
    }
    Ok(Some(BaseImage { reference: reference.clone(), platforms: all }))
}

/// Docker's types of layers are OCI's under other names.
fn as_oci(media_type: &str) -> String {
    match media_type {
        "application/vnd.docker.image.rootfs.diff.tar.gzip" => "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.diff.tar" => "application/vnd.oci.image.layer.v1.tar",
        other => other,
    }
    .to_owned()
}

/// What `docker login` left.
pub(super) fn docker_login() -> Result<Login, RegistryError> {
    let folder = std::env::var_os("DOCKER_CONFIG").map(PathBuf::from);
    let folder = folder.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".docker")));
    let config = folder.map_or_else(
        || Ok(DockerConfig::default()),
        |folder| DockerConfig::load(&folder.join("config.json")),
    );
    config.map(Login::Docker).map_err(|error| RegistryError::Credentials(error.to_string()))
}
