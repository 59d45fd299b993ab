//! Images as files, for people without a registry at hand.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use serde_json::{Value, json};

use super::assemble::Image;
use super::error::Error;
use super::layer::unpack;
use super::store::write_whole;

/// Writes images as an OCI layout, each under its name (`SERVICE:TAG`). Images that the folder holds already
/// stay. ("Image Layout Specification".)
///
/// # Errors
/// The folder cannot be written to, or holds something else.
pub fn write_oci_layout(folder: &Path, images: &BTreeMap<String, &Image>) -> Result<(), Error> {
    let index_path = folder.join("index.json");
    let mut entries: Vec<Value> = match std::fs::read(&index_path) {
        Ok(bytes) => {
            let index: Value = serde_json::from_slice(&bytes).map_err(|error| Error::Unreadable {
                what: index_path.display().to_string(),
                why: error.to_string(),
            })?;
            index["manifests"].as_array().cloned().unwrap_or_default()
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(source) => return Err(Error::disk(&index_path, source)),
    };
    for (name, image) in images {
        for blob in image.blobs().into_iter().chain(image.listed()).chain([&image.root]) {
            let path = folder.join("blobs/sha256").join(blob.descriptor.digest.hex());
            write_whole(&path, &blob.read()?)?;
        }
        const NAME: &str = "org.opencontainers.image.ref.name";
        entries.retain(|entry| entry["annotations"][NAME] != **name);
        let mut entry = json!(image.root.descriptor);
        entry["annotations"] = json!({ NAME: name });
        entries.push(entry);
    }
    write_whole(&folder.join("oci-layout"), br#"{"imageLayoutVersion":"1.0.0"}"#)?;
    let media_type = "application/vnd.oci.image.index.v1+json";
    let index = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": entries });
    write_whole(&index_path, index.to_string().as_bytes())
}

/// Writes images of one platform as `docker load` takes them.
///
/// # Errors
/// The file cannot be written, or an image has several platforms.
pub fn write_docker_archive(path: &Path, images: &BTreeMap<String, &Image>) -> Result<(), Error> {
    let failed = |source| Error::disk(path, source);
    let mut archive = tar::Builder::new(BufWriter::new(File::create(path).map_err(failed)?));
    let mut manifest = Vec::new();
    let mut written = std::collections::BTreeSet::new();
    for (name, image) in images {
        let platform = match image.platforms.values().collect::<Vec<_>>().as_slice() {
            [only] => *only,
            _ => {
                let platforms = image.platforms.keys().map(ToString::to_string).collect();
                return Err(Error::SeveralPlatforms { service: name.clone(), platforms });
            }
        };
        let mut layers = Vec::new();
        for layer in &platform.layers {
            let file = format!("{}.tar", layer.descriptor.digest.hex());
            if written.insert(file.clone()) {
                let content = unpack(&layer.descriptor, &layer.read()?).map_err(failed)?;
                add(&mut archive, &file, &content).map_err(failed)?;
            }
            layers.push(file);
        }
        let config = format!("{}.json", platform.config.descriptor.digest.hex());
        if written.insert(config.clone()) {
            add(&mut archive, &config, &platform.config.read()?).map_err(failed)?;
        }
        manifest.push(json!({ "Config": config, "RepoTags": [name], "Layers": layers }));
    }
    add(&mut archive, "manifest.json", Value::from(manifest).to_string().as_bytes()).map_err(failed)?;
    archive.into_inner().and_then(|mut file| file.flush()).map_err(failed)
}

fn add(archive: &mut tar::Builder<impl std::io::Write>, name: &str, content: &[u8]) -> std::io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_path(name)?;
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_size(content.len() as u64);
    header.set_cksum();
    archive.append(&header, content)
}
