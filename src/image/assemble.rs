//! From layers to an image: configurations, manifests, an index. ("OCI Image Format Specification", v1.1.)

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::blob::Blob;
use super::commit::Commit;
use super::digest::Digest;
use super::error::Error;
use super::layer::{Entry, Layer, pack};
use super::platform::Platform;
use super::service::Service;

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Where TLS libraries look for certificates first.
const CERTIFICATES: &str = "etc/ssl/certs/ca-certificates.crt";

/// An image to build on, as one platform has it.
#[derive(Clone, Debug)]
pub struct Base {
    /// Its configuration.
    pub config: Value,
    /// Its layers, from the bottom.
    pub layers: Vec<Blob>,
}

/// An image to build on.
#[derive(Clone, Debug)]
pub struct BaseImage {
    /// Its name, with its digest.
    pub reference: String,
    /// What it is on each platform.
    pub platforms: BTreeMap<Platform, Base>,
}

/// A finished image.
#[derive(Clone, Debug)]
pub struct Image {
    /// What its digest is of: the manifest, or the index of several.
    pub root: Blob,
    /// What each platform runs.
    pub platforms: BTreeMap<Platform, PlatformImage>,
}

/// What one platform runs.
#[derive(Clone, Debug)]
pub struct PlatformImage {
    /// The manifest.
    pub manifest: Blob,
    /// The configuration.
    pub config: Blob,
    /// The layers, from the bottom.
    pub layers: Vec<Blob>,
}

impl Image {
    /// By what it is known.
    pub fn digest(&self) -> &Digest {
        &self.root.descriptor.digest
    }

    /// Layers and configurations, each once.
    pub fn blobs(&self) -> Vec<&Blob> {
        let mut blobs: BTreeMap<&Digest, &Blob> = BTreeMap::new();
        for image in self.platforms.values() {
            for blob in image.layers.iter().chain([&image.config]) {
                blobs.insert(&blob.descriptor.digest, blob);
            }
        }
        blobs.into_values().collect()
    }

    /// The manifests that the index lists; none when there is no index.
    pub fn listed(&self) -> Vec<&Blob> {
        let all = self.platforms.values().map(|image| &image.manifest);
        all.filter(|manifest| manifest.descriptor.digest != self.root.descriptor.digest).collect()
    }

    /// The bytes that a node pulls for a platform.
    pub fn size(&self, platform: Platform) -> u64 {
        let image = self.platforms.get(&platform);
        image.map_or(0, |image| {
            image.layers.iter().chain([&image.config]).map(|blob| blob.descriptor.size).sum()
        })
    }
}

/// Puts an image together from the layer of each platform's binary.
pub(super) fn assemble(
    service: &Service,
    programs: &BTreeMap<Platform, (Blob, Digest)>,
    base: Option<&BaseImage>,
    commit: Option<&Commit>,
) -> Result<Image, Error> {
    let files = base_files(service, base.is_some())?;
    let annotations = annotations(service, base, commit);
    let mut platforms = BTreeMap::new();
    for (platform, (layer, diff_id)) in programs {
        let below = match base {
            None => None,
            Some(image) => Some(image.platforms.get(platform).ok_or_else(|| Error::Unreadable {
                what: format!("the base image {}", image.reference),
                why: format!("it is not for {platform}"),
            })?),
        };
        let ours = files.iter().map(|layer| (&layer.blob, &layer.diff_id)).chain([(layer, diff_id)]);
        let ours: Vec<(&Blob, &Digest)> = ours.collect();
        let config = configuration(service, *platform, below, (&ours, &annotations));
        let config = Blob::new(CONFIG, config.to_string());
        let mut layers = below.map(|base| base.layers.clone()).unwrap_or_default();
        layers.extend(ours.into_iter().map(|(blob, _)| blob.clone()));
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.descriptor,
            "layers": layers.iter().map(|layer| &layer.descriptor).collect::<Vec<_>>(),
            "annotations": annotations,
        });
        let manifest = Blob::new(MANIFEST, manifest.to_string());
        platforms.insert(*platform, PlatformImage { manifest, config, layers });
    }
    let root = match platforms.values().next() {
        Some(only) if platforms.len() == 1 => only.manifest.clone(),
        _ => index(&platforms, &annotations),
    };
    Ok(Image { root, platforms })
}

fn index(platforms: &BTreeMap<Platform, PlatformImage>, annotations: &Map<String, Value>) -> Blob {
    let manifests: Vec<Value> = platforms
        .iter()
        .map(|(platform, image)| {
            let mut entry = json!(image.manifest.descriptor);
            entry["platform"] = json!({ "architecture": platform.architecture(), "os": "linux" });
            entry
        })
        .collect();
    let index = json!({
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": manifests,
        "annotations": annotations,
    });
    Blob::new(INDEX, index.to_string())
}

/// The layer below the binary: who there is, a place for temporary files, certificates. On a base image, which
/// has all that, only certificates that were asked for.
fn base_files(service: &Service, has_base: bool) -> Result<Option<Layer>, Error> {
    let user = service.settings.user;
    let passwd = format!("root:x:0:0:root:/:/sbin/nologin\napp:x:{user}:{user}:app:/:/sbin/nologin\n");
    let group = format!("root:x:0:\napp:x:{user}:\n");
    let certificates = match &service.settings.certificates {
        None => None,
        Some(path) => Some(std::fs::read(path).map_err(|source| Error::disk(path, source))?),
    };
    let mut entries = Vec::new();
    if !has_base {
        entries.push(Entry::folder("etc/", 0o755));
        entries.push(Entry::file("etc/group", 0o644, group.as_bytes()));
        entries.push(Entry::file("etc/passwd", 0o644, passwd.as_bytes()));
        entries.push(Entry::folder("tmp/", 0o1777));
    }
    if let Some(certificates) = &certificates {
        entries.push(Entry::folder("etc/ssl/", 0o755));
        entries.push(Entry::folder("etc/ssl/certs/", 0o755));
        entries.push(Entry::file(CERTIFICATES, 0o644, certificates));
    }
    if entries.is_empty() {
        return Ok(None);
    }
    pack(&entries).map(Some).map_err(|source| Error::disk(&service.folder, source))
}

/// ("Pre-Defined Annotation Keys", OCI Image Format Specification.)
fn annotations(service: &Service, base: Option<&BaseImage>, commit: Option<&Commit>) -> Map<String, Value> {
    let mut all: BTreeMap<String, String> = service.settings.labels.clone();
    let mut set = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            all.insert(format!("org.opencontainers.image.{key}"), value);
        }
    };
    set("title", Some(service.name.clone()));
    set("source", service.settings.source.clone());
    set("revision", commit.map(|commit| commit.revision.clone()));
    set("created", commit.map(|commit| commit.date.to_string()));
    set("base.name", base.map(|base| base.reference.clone()));
    set("base.digest", base.and_then(|base| Some(base.reference.split_once('@')?.1.to_owned())));
    all.into_iter().map(|(key, value)| (key, value.into())).collect()
}

/// ("OCI Image Configuration".)
fn configuration(
    service: &Service,
    platform: Platform,
    base: Option<&Base>,
    (layers, labels): (&[(&Blob, &Digest)], &Map<String, Value>),
) -> Value {
    let (user, port) = (service.settings.user, service.settings.port);
    let inherited = |path: &str| base.and_then(|base| base.config.pointer(path)).cloned();
    let mut diff_ids =
        inherited("/rootfs/diff_ids").and_then(|ids| ids.as_array().cloned()).unwrap_or_default();
    diff_ids.extend(layers.iter().map(|(_, diff_id)| Value::from(diff_id.as_str())));
    let mut all_labels =
        inherited("/config/Labels").and_then(|labels| labels.as_object().cloned()).unwrap_or_default();
    all_labels.extend(labels.clone());
    let mut config = json!({
        "User": format!("{user}:{user}"),
        "ExposedPorts": { format!("{port}/tcp"): {} },
        "Entrypoint": [format!("/app/{}", service.name)],
        "WorkingDir": "/",
        "Labels": all_labels,
    });
    let mut variables = inherited("/config/Env").and_then(|env| env.as_array().cloned()).unwrap_or_default();
    if service.settings.certificates.is_some() {
        variables.push(format!("SSL_CERT_FILE=/{CERTIFICATES}").into());
    }
    if !variables.is_empty() {
        config["Env"] = variables.into();
    }
    let mut whole = json!({
        "architecture": platform.architecture(),
        "os": "linux",
        "config": config,
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
    });
    if let Some(created) = labels.get("org.opencontainers.image.created") {
        whole["created"] = created.clone();
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::layer::LAYER;
    use crate::image::service::Settings;

    fn service() -> Service {
        let settings = Settings {
            user: 65532,
            port: 8000,
            labels: BTreeMap::new(),
            source: None,
            certificates: None,
            base: None,
        };
        Service {
            name: "shop".into(),
            folder: ".".into(),
            platforms: vec![],
            binaries: BTreeMap::new(),
            settings,
            variables: vec![],
            earlier: Default::default(),
        }
    }

    fn programs(platforms: &[Platform]) -> BTreeMap<Platform, (Blob, Digest)> {
        platforms
            .iter()
            .map(|platform| (*platform, (Blob::new(LAYER, platform.as_str()), Digest::of(b"x"))))
            .collect()
    }

    fn read(blob: &Blob) -> Value {
        serde_json::from_slice(&blob.read().unwrap()).unwrap()
    }

    #[test]
    fn one_platform_is_a_manifest_and_two_are_an_index_of_both() {
        let one = assemble(&service(), &programs(&[Platform::Amd64]), None, None).unwrap();
        assert_eq!(one.root.descriptor.media_type, MANIFEST);
        assert!(one.listed().is_empty());
        let two = assemble(&service(), &programs(&Platform::ALL), None, None).unwrap();
        let index = read(&two.root);
        assert_eq!(index["mediaType"], INDEX);
        assert_eq!(index["manifests"][1]["platform"]["architecture"], "arm64");
        assert_eq!(index["manifests"][0]["digest"], one.digest().as_str());
        assert_eq!(two.listed().len(), 2);
        // Two binaries, two configurations, one layer of base files.
        assert_eq!(two.blobs().len(), 5);
    }

    #[test]
    fn on_a_base_its_layers_labels_and_variables_stay() {
        let config = json!({
            "config": { "Env": ["PATH=/bin"], "Labels": { "a": "b" } },
            "rootfs": { "diff_ids": [Digest::of(b"base").as_str()] },
        });
        let base = Base { config, layers: vec![Blob::new(LAYER, "base")] };
        let reference = format!("r/base@{}", Digest::of(b"b"));
        let base = BaseImage { reference, platforms: [(Platform::Amd64, base)].into() };
        let commit = Commit { revision: "abc".into(), date: jiff::Timestamp::UNIX_EPOCH, shallow: false };
        let image = assemble(&service(), &programs(&[Platform::Amd64]), Some(&base), Some(&commit)).unwrap();
        let config = read(&image.platforms[&Platform::Amd64].config);
        assert_eq!(config["config"]["Env"], json!(["PATH=/bin"]));
        assert_eq!(config["config"]["Labels"]["a"], "b");
        assert_eq!(config["config"]["User"], "65532:65532");
        assert_eq!(config["created"], "1970-01-01T00:00:00Z");
        assert_eq!(config["rootfs"]["diff_ids"].as_array().unwrap().len(), 2);
        assert_eq!(image.platforms[&Platform::Amd64].layers.len(), 2);
        let arm = assemble(&service(), &programs(&[Platform::Arm64]), Some(&base), None).unwrap_err();
        assert!(format!("{arm}").contains("not for linux/arm64"));
    }
}
