//! Whether a basic scan knows the operating system of an image.
//!
//! Basic scanning reads the packages of the system that an image is built on; an image from scratch has none and
//! ends as `UNSUPPORTED_IMAGE`. A system tells its name in `/etc/os-release` (or `/usr/lib/os-release`).
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-basic-support-operating-systems.html>

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::world::Call;

/// Where systems tell their name.
const NAMES: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];

/// Bytes of a layer that are looked at; a system's name comes early.
const MOST: u64 = 256 << 20;

/// True when a layer of the image holds the name of a system.
pub(super) fn is_known(call: &Call<'_>, repository: &str, digest: &str) -> bool {
    let Some(image) = call.home().ecr.repositories.get(repository).and_then(|row| row.images.get(digest))
    else {
        return false;
    };
    let manifest: Value = serde_json::from_str(&image.manifest).unwrap_or_default();
    let layers = manifest["layers"].as_array().into_iter().flatten();
    let digests = layers.filter_map(|layer| layer["digest"].as_str()?.strip_prefix("sha256:"));
    digests.filter_map(|hex| call.blobs.get(hex)).any(|layer| names_system(&layer))
}

fn names_system(layer: &Bytes) -> bool {
    let mut plain = Vec::new();
    let read = if layer.starts_with(&[0x1f, 0x8b]) {
        GzDecoder::new(layer.as_ref()).take(MOST).read_to_end(&mut plain)
    } else {
        layer.as_ref().take(MOST).read_to_end(&mut plain)
    };
    read.is_ok() && entries(&plain).any(|name| NAMES.contains(&name.as_str()))
}

/// The names in a tar archive, without a leading `./`.
fn entries(archive: &[u8]) -> impl Iterator<Item = String> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let header = archive.get(at..at + 512)?;
        if header[0] == 0 {
            return None;
        }
        let text = |range: std::ops::Range<usize>| {
            let field = &header[range];
            let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
            String::from_utf8_lossy(&field[..end]).trim().to_owned()
        };
        let size = usize::from_str_radix(&text(124..136), 8).ok()?;
        at += 512 + size.div_ceil(512) * 512;
        Some(text(0..100).trim_start_matches("./").to_owned())
    })
}
