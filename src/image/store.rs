//! The folder that keeps what was built: blobs by digest, and a record a service.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::blob::{Blob, Descriptor};
use super::digest::Digest;
use super::error::Error;
use super::inputs::Inputs;
use super::platform::Platform;

/// The version of the records; others are not read, and what they tell of is built again.
const VERSION: u32 = 1;

/// The folder that keeps what was built. Everything in it can be made again.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

/// What was built of a service, and of which inputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    version: u32,
    pub(super) inputs: Inputs,
    pub(super) root: PathBuf,
    pub(super) folders: BTreeSet<PathBuf>,
    pub(super) others: BTreeSet<PathBuf>,
    pub(super) programs: BTreeMap<Platform, Program>,
}

/// A binary that was built or given, as it is in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Program {
    /// The target it was compiled for; `None` for one that was given.
    pub(super) target: Option<String>,
    /// The binary's digest.
    pub(super) binary: Digest,
    /// The layer that holds it.
    pub(super) layer: Descriptor,
    /// The layer's digest before compression.
    pub(super) diff_id: Digest,
    /// Its bill of materials; `None` for a binary that was given.
    pub(super) materials: Option<Descriptor>,
}

impl Record {
    pub(super) fn new(
        inputs: Inputs,
        sources: super::inputs::Sources,
        programs: BTreeMap<Platform, Program>,
    ) -> Self {
        let super::inputs::Sources { root, folders, others } = sources;
        Self { version: VERSION, inputs, root, folders, others, programs }
    }
}

impl Store {
    /// A store in a folder, which is made when something is put into it.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Cargo's output.
    pub(super) fn output(&self) -> PathBuf {
        self.root.join("cargo")
    }

    /// Waits until no other process builds here, and keeps others out as long as the file is held.
    ///
    /// # Errors
    /// The folder cannot be made or written to.
    pub fn lock(&self) -> Result<File, Error> {
        fs::create_dir_all(&self.root).map_err(|source| Error::disk(&self.root, source))?;
        let tag = self.root.join("CACHEDIR.TAG");
        if !tag.exists() {
            // ("Cache Directory Tagging Specification": backups leave such folders out.)
            let text = "Signature: 8a477f597d28d172789f06886806bc55\n# Built by platctl; may be deleted.\n";
            fs::write(&tag, text).map_err(|source| Error::disk(&tag, source))?;
        }
        let path = self.root.join("lock");
        let lock = File::create(&path).map_err(|source| Error::disk(&path, source))?;
        lock.lock().map_err(|source| Error::disk(&path, source))?;
        Ok(lock)
    }

    fn record_path(&self, service: &str) -> PathBuf {
        self.root.join("services").join(format!("{service}.json"))
    }

    fn blob_path(&self, digest: &Digest) -> PathBuf {
        self.root.join("blobs").join("sha256").join(digest.hex())
    }

    /// The record of a service; one that cannot be read is none.
    pub(super) fn record(&self, service: &str) -> Option<Record> {
        let bytes = fs::read(self.record_path(service)).ok()?;
        serde_json::from_slice::<Record>(&bytes).ok().filter(|record| record.version == VERSION)
    }

    /// Keeps a record, whole or not at all.
    pub(super) fn put_record(&self, service: &str, record: &Record) -> Result<(), Error> {
        let path = self.record_path(service);
        let text = serde_json::to_vec(record).map_err(|error| Error::disk(&path, error.into()))?;
        write_whole(&path, &text)
    }

    /// Keeps a blob.
    pub(super) fn put(&self, blob: &Blob) -> Result<(), Error> {
        write_whole(&self.blob_path(&blob.descriptor.digest), &blob.read()?)
    }

    /// A blob that is kept; `None` when it is not there in its full size.
    pub(super) fn get(&self, descriptor: &Descriptor) -> Option<Blob> {
        let path = self.blob_path(&descriptor.digest);
        let size = fs::metadata(&path).ok()?.len();
        (size == descriptor.size).then(|| Blob::file(descriptor.clone(), path))
    }

    /// Deletes blobs that no record speaks of.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn sweep(&self) -> Result<(), Error> {
        let mut kept = BTreeSet::new();
        for name in names(&self.root.join("services"))? {
            let record = name.strip_suffix(".json").and_then(|service| self.record(service));
            for program in record.into_iter().flat_map(|record| record.programs.into_values()) {
                kept.insert(program.layer.digest.hex().to_owned());
                kept.extend(program.materials.map(|materials| materials.digest.hex().to_owned()));
            }
        }
        let blobs = self.root.join("blobs/sha256");
        for name in names(&blobs)?.into_iter().filter(|name| !kept.contains(name)) {
            let path = blobs.join(name);
            fs::remove_file(&path).map_err(|source| Error::disk(&path, source))?;
        }
        Ok(())
    }
}

fn names(folder: &Path) -> Result<Vec<String>, Error> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(Error::disk(folder, source)),
        Ok(entries) => {
            Ok(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
        }
    }
}

/// Writes beside, then puts in place: a file is whole or not there.
pub(super) fn write_whole(path: &Path, content: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|source| Error::disk(folder, source))?;
    let failed = |source| Error::disk(path, source);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(content).map_err(failed)?;
    file.as_file().sync_data().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
