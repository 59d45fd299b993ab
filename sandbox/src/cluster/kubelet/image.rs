//! Images: which of them lie in the world's own registry, and the programs in them.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::cluster::controllers::architecture;
use crate::cluster::instance::Cluster;
use crate::cluster::json::{list, text};
use crate::owner::Owner;
use crate::services::ecr::Repository;

/// Where an image is said to be.
#[derive(Debug, PartialEq)]
struct Reference<'r> {
    registry: &'r str,
    repository: &'r str,
    tag: Option<&'r str>,
    digest: Option<&'r str>,
}

fn read(image: &str) -> Reference<'_> {
    let (rest, digest) = image.split_once('@').map_or((image, None), |(rest, digest)| (rest, Some(digest)));
    let (registry, rest) = match rest.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest),
        _ => ("docker.io", rest),
    };
    let (repository, tag) = match rest.rsplit_once(':') {
        Some((repository, tag)) => (repository, Some(tag)),
        None => (rest, None),
    };
    Reference { registry, repository, tag, digest }
}

/// Whether a registry is the world's own: ECR of the cluster's account, or the sandbox by its address.
fn is_own(registry: &str, cluster: &Cluster) -> bool {
    let port = cluster.aws.rsplit(':').next().unwrap_or_default();
    let ecr = registry.strip_suffix(".amazonaws.com").and_then(|rest| rest.split_once(".dkr.ecr."));
    ecr.is_some_and(|(account, _)| account == cluster.place.account)
        || [cluster.aws.clone(), format!("localhost:{port}")].iter().any(|own| own == registry)
}

/// Why the pods of a specification are not run, if they are not: one of their images lies elsewhere.
pub(in crate::cluster) fn simulated(cluster: &Cluster, spec: &Value) -> Option<String> {
    let containers = list(spec, "/initContainers").iter().chain(list(spec, "/containers"));
    let elsewhere =
        containers.map(|one| text(one, "/image")).find(|image| !is_own(read(image).registry, cluster))?;
    Some(format!("the image {elsewhere} is not in the sandbox's registry"))
}

/// Why an image is not there.
#[derive(Debug, thiserror::Error)]
pub(super) enum ImageError {
    /// The registry has none of that name.
    #[error("failed to pull image {0:?}: not found")]
    Missing(String),
    /// It cannot be read.
    #[error("the image {image:?} cannot be unpacked: {why}")]
    Unreadable {
        /// The image.
        image: String,
        /// What is wrong.
        why: String,
    },
}

/// An image that can be started.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    /// What stands behind the program in the image.
    pub(super) arguments: Vec<String>,
    /// The image's own variables.
    pub(super) variables: Vec<(String, String)>,
    /// What the status calls the image.
    pub(super) image_id: String,
}

/// What of an image is needed: its configuration and its layers.
struct Parts {
    digest: String,
    config: Value,
    /// Media types and digests.
    layers: Vec<(String, String)>,
}

/// Takes the program of an image out of it. `command` stands for the image's own where the manifest has one.
pub(super) async fn unpack(
    cluster: &Cluster,
    image: &str,
    command: &[String],
    folder: &Path,
) -> Result<Program, ImageError> {
    let unreadable = |why: String| ImageError::Unreadable { image: image.to_owned(), why };
    let parts = parts(&cluster.owner.borrow(), cluster, image)?;
    let words = |key: &str| -> Vec<String> {
        list(&parts.config, &format!("/config/{key}"))
            .iter()
            .filter_map(|one| one.as_str().map(str::to_owned))
            .collect()
    };
    let (mut line, default) = match command.is_empty() {
        true => (words("Entrypoint"), words("Cmd")),
        false => (command.to_vec(), Vec::new()),
    };
    line.extend(default);
    let variables = words("Env");
    let mut line = line.into_iter();
    let inside = line.next().ok_or_else(|| unreadable("it starts nothing".to_owned()))?;
    let target =
        folder.join(parts.digest.replace(':', "-")).join(inside.trim_start_matches('/').replace('/', "_"));
    if !target.exists() {
        let layers = bytes_of(&cluster.owner.borrow(), parts.layers)
            .ok_or_else(|| ImageError::Missing(image.to_owned()))?;
        let (inside, target) = (inside.clone(), target.clone());
        let done = tokio::task::spawn_blocking(move || take_out(&layers, &inside, &target)).await;
        done.map_err(|error| unreadable(error.to_string()))?
            .map_err(|error| unreadable(error.to_string()))?;
    }
    let pair = |one: String| one.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
    Ok(Program {
        path: target,
        arguments: line.collect(),
        variables: variables.into_iter().filter_map(pair).collect(),
        image_id: format!("{}@{}", image.split('@').next().unwrap_or(image), parts.digest),
    })
}

fn bytes_of(owner: &Owner, layers: Vec<(String, String)>) -> Option<Vec<(String, Bytes)>> {
    layers.into_iter().map(|(kind, digest)| Some((kind, blob(owner, &digest)?))).collect()
}

fn blob(owner: &Owner, digest: &str) -> Option<Bytes> {
    owner.blobs.get(digest.trim_start_matches("sha256:"))
}

fn parts(owner: &Owner, cluster: &Cluster, image: &str) -> Result<Parts, ImageError> {
    let missing = || ImageError::Missing(image.to_owned());
    let reference = read(image);
    let region =
        reference.registry.split_once(".dkr.ecr.").map(|(_, rest)| rest.trim_end_matches(".amazonaws.com"));
    let world = std::sync::Arc::clone(&owner.world);
    let account = world.accounts.get(&cluster.place.account).ok_or_else(missing)?;
    let regions =
        account.regions.iter().filter(|(name, _)| region.is_none_or(|region| region == name.as_str()));
    let mut repositories = regions.filter_map(|(_, state)| state.ecr.repositories.get(reference.repository));
    let (repository, digest) = repositories
        .find_map(|repository| Some((repository, resolve(repository, &reference)?)))
        .ok_or_else(missing)?;
    let read_json = |digest: &str| -> Option<Value> {
        let image = repository.images.get(digest)?;
        serde_json::from_str(&image.manifest).ok()
    };
    let mut manifest = read_json(&digest).ok_or_else(missing)?;
    if manifest.get("manifests").is_some() {
        let inner = for_this_machine(&manifest).ok_or_else(missing)?;
        manifest = read_json(&inner).ok_or_else(missing)?;
    }
    let config = blob(owner, text(&manifest, "/config/digest")).ok_or_else(missing)?;
    let layers = list(&manifest, "/layers").iter();
    let layers = layers
        .map(|layer| (text(layer, "/mediaType").to_owned(), text(layer, "/digest").to_owned()))
        .collect();
    Ok(Parts { digest, config: serde_json::from_slice(&config).unwrap_or_default(), layers })
}

fn resolve(repository: &Repository, reference: &Reference<'_>) -> Option<String> {
    match (reference.digest, reference.tag) {
        (Some(digest), _) => repository.images.contains_key(digest).then(|| digest.to_owned()),
        (None, tag) => {
            let tag = tag.unwrap_or("latest");
            let tagged = repository.images.iter().find(|(_, image)| image.tags.iter().any(|one| one == tag));
            tagged.map(|(digest, _)| digest.clone())
        }
    }
}

/// The digest of the manifest for this machine: of its own system if there is one, or else for Linux.
fn for_this_machine(index: &Value) -> Option<String> {
    let own = if std::env::consts::OS == "macos" { "darwin" } else { std::env::consts::OS };
    let of = |system: &str| {
        let mut manifests = list(index, "/manifests").iter();
        let found = manifests.find(|one| {
            text(one, "/platform/os") == system && text(one, "/platform/architecture") == architecture()
        });
        found.map(|one| text(one, "/digest").to_owned())
    };
    of(own).or_else(|| of("linux"))
}

/// Takes a file out of layers, the last that has it.
fn take_out(layers: &[(String, Bytes)], inside: &str, target: &Path) -> io::Result<()> {
    let wanted = Path::new(inside.trim_start_matches('/'));
    for (kind, layer) in layers.iter().rev() {
        let plain: Box<dyn io::Read> = if kind.ends_with("gzip") {
            Box::new(GzDecoder::new(layer.as_ref()))
        } else if kind.ends_with("zstd") {
            return Err(io::Error::other("layers in zstd are not read"));
        } else {
            Box::new(layer.as_ref())
        };
        let mut archive = tar::Archive::new(plain);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let path = entry.path()?.into_owned();
            if path.strip_prefix("./").unwrap_or(&path) == wanted && entry.header().entry_type().is_file() {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes)?;
                return write_program(target, &bytes);
            }
        }
    }
    Err(io::Error::new(io::ErrorKind::NotFound, format!("no layer has the file {inside}")))
}

/// Under another name first: a file of the right name is always whole, and nobody has it open for writing.
fn write_program(target: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    let temporary = target.with_extension(format!("part-{:?}", std::thread::current().id()));
    fs::write(&temporary, bytes)?;
    fs::set_permissions(&temporary, fs::Permissions::from_mode(0o755))?;
    fs::rename(&temporary, target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_images_are_taken_apart() {
        let image = read("123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev/web:1@sha256:abc");
        assert_eq!(image.registry, "123456789012.dkr.ecr.eu-west-1.amazonaws.com");
        assert_eq!((image.repository, image.tag, image.digest), ("dev/web", Some("1"), Some("sha256:abc")));
        let image = read("127.0.0.1:4566/dev/web");
        assert_eq!((image.registry, image.repository, image.tag), ("127.0.0.1:4566", "dev/web", None));
        assert_eq!(read("nginx").registry, "docker.io");
        assert_eq!(read("grafana/grafana:1").registry, "docker.io");
    }
}
