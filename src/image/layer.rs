//! Layers: archives of files whose bytes depend on the files' names and contents and on nothing else.

use std::io;

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use super::blob::{Blob, Descriptor};
use super::digest::Digest;

/// The media type of a layer.
pub(super) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// What is compressed at once; a part of the format of our layers, as another size gives other bytes.
const CHUNK: usize = 1 << 20;

/// A file or folder in a layer.
pub(super) struct Entry<'a> {
    /// Where, without a slash in front; folders end with one.
    pub(super) path: String,
    /// Permissions.
    pub(super) mode: u32,
    /// What is in it; nothing for folders.
    pub(super) content: &'a [u8],
}

impl<'a> Entry<'a> {
    pub(super) fn folder(path: &str, mode: u32) -> Self {
        Self { path: path.to_owned(), mode, content: &[] }
    }

    pub(super) fn file(path: impl Into<String>, mode: u32, content: &'a [u8]) -> Self {
        Self { path: path.into(), mode, content }
    }
}

/// A finished layer.
pub(super) struct Layer {
    /// It, compressed.
    pub(super) blob: Blob,
    /// The digest of the archive before compression, as image configurations list it.
    pub(super) diff_id: Digest,
}

/// Packs entries, in their order: owned by root, as of 1970.
pub(super) fn pack(entries: &[Entry<'_>]) -> io::Result<Layer> {
    let mut archive = tar::Builder::new(Vec::new());
    for entry in entries {
        let mut header = tar::Header::new_ustar();
        let folder = entry.path.ends_with('/');
        header.set_entry_type(if folder { tar::EntryType::Directory } else { tar::EntryType::Regular });
        header.set_path(&entry.path)?;
        header.set_mode(entry.mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(entry.content.len() as u64);
        header.set_cksum();
        archive.append(&header, entry.content)?;
    }
    let archive = archive.into_inner()?;
    let diff_id = Digest::of(&archive);
    Ok(Layer { blob: Blob::new(LAYER, gzip(&archive)?), diff_id })
}

/// One gzip stream, compressed in chunks on all processors; the chunks' size alone decides on the bytes.
/// (RFC 1952; a chunk ends with an empty stored block, as zlib's `Z_SYNC_FLUSH` makes it.)
fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let chunks: Vec<&[u8]> = content.chunks(CHUNK).collect();
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(chunks.len().max(1));
    let mut packed: Vec<io::Result<Vec<u8>>> = Vec::with_capacity(chunks.len());
    let mut crc = Crc::new();
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..workers)
            .map(|worker| {
                let mine = chunks.iter().skip(worker).step_by(workers);
                scope.spawn(move || mine.map(|chunk| deflate(chunk)).collect::<Vec<_>>())
            })
            .collect();
        crc.update(content);
        let mut done: Vec<_> =
            running.into_iter().map(|thread| thread.join().unwrap_or_default().into_iter()).collect();
        for at in 0..chunks.len() {
            let chunk = done[at % workers].next();
            packed
                .push(chunk.unwrap_or_else(|| Err(io::Error::other("a thread that compressed ended early"))));
        }
    });
    // No name, no time, best compression not claimed, an unknown system.
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    for chunk in packed {
        out.extend(chunk?);
    }
    // The last block: a final one with fixed codes and nothing in it.
    out.extend([0x03, 0x00]);
    out.extend(crc.sum().to_le_bytes());
    out.extend(crc.amount().to_le_bytes());
    Ok(out)
}

/// Raw deflate that ends at a byte and is not the last.
fn deflate(chunk: &[u8]) -> io::Result<Vec<u8>> {
    let mut compress = Compress::new(Compression::new(6), false);
    let mut out = Vec::with_capacity(chunk.len() / 2 + 1024);
    loop {
        let read = usize::try_from(compress.total_in()).unwrap_or(chunk.len());
        out.reserve(64 << 10);
        let status =
            compress.compress_vec(&chunk[read..], &mut out, FlushCompress::Sync).map_err(io::Error::other)?;
        let all_read = compress.total_in() == chunk.len() as u64;
        // Room left means that all of the flush is out.
        if (all_read && out.len() < out.capacity()) || status == Status::StreamEnd {
            return Ok(out);
        }
    }
}

/// The bytes of a layer before compression.
pub(super) fn unpack(descriptor: &Descriptor, packed: &[u8]) -> io::Result<Vec<u8>> {
    use io::Read as _;
    let mut out = Vec::new();
    match descriptor.media_type.rsplit(['+', '.']).next() {
        Some("gzip") => {
            flate2::read::MultiGzDecoder::new(packed).read_to_end(&mut out)?;
        }
        Some("tar") => out.extend_from_slice(packed),
        _ => {
            return Err(io::Error::other(format!(
                "layers of type {} cannot be unpacked",
                descriptor.media_type
            )));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(len: usize) -> Vec<u8> {
        let mut state = 0x9e37_79b9_u32;
        std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            // Half noise, half zeros: neither compresses to nothing nor not at all.
            if state & 0x100 == 0 { 0 } else { state.to_le_bytes()[0] }
        })
        .take(len)
        .collect()
    }

    #[test]
    fn what_is_packed_is_unpacked_whatever_its_size() {
        for len in [0, 1, CHUNK, 2 * CHUNK + 17] {
            let content = noise(len);
            let packed = gzip(&content).unwrap();
            let descriptor = Blob::new(LAYER, packed.clone()).descriptor;
            assert!(unpack(&descriptor, &packed).unwrap() == content, "{len}");
        }
    }

    #[test]
    fn layers_hold_what_they_are_given_as_of_1970_and_of_root() {
        let entries = [Entry::folder("tmp/", 0o1777), Entry::file("etc/passwd", 0o644, b"x\n")];
        let layer = pack(&entries).unwrap();
        let bytes = unpack(&layer.blob.descriptor, &layer.blob.read().unwrap()).unwrap();
        assert_eq!(Digest::of(&bytes), layer.diff_id);
        let mut archive = tar::Archive::new(bytes.as_slice());
        let seen: Vec<_> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let header = entry.unwrap().header().clone();
                let path = header.path().unwrap().display().to_string();
                (
                    path,
                    header.mode().unwrap(),
                    header.mtime().unwrap(),
                    header.uid().unwrap(),
                    header.size().unwrap(),
                )
            })
            .collect();
        assert_eq!(seen, [("tmp/".into(), 0o1777, 0, 0, 0), ("etc/passwd".into(), 0o644, 0, 0, 2)]);
    }
}
