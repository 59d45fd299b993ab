//! The world on disk: a snapshot and the requests that changed it since.
//!
//! Every request that changed the world is appended to the log before it is answered; at the start the newest
//! snapshot is read and the log's requests are made again. That gives the same world because calls are
//! deterministic. A torn last line is a request that was never answered, and is dropped.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::blobs::Blobs;
use crate::clock::Time;
use crate::wire::message::Request;
use crate::world::World;

/// The version of the files. A log is only replayed by the release that wrote it.
const FORMAT: u32 = 1;

/// Bodies above this many bytes are kept as blobs, not in the log.
const INLINE: usize = 32 * 1024;

/// After so many requests a new snapshot is taken.
const EVERY: usize = 500;

/// Why a world cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A file cannot be read or written.
    #[error("cannot use {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{path} is damaged at line {line}: {what}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// The files were written by another release.
    #[error("{path} was written by {found}, this is {own}: reset the sandbox")]
    OtherRelease {
        /// The file.
        path: PathBuf,
        /// Who wrote it.
        found: String,
        /// Who reads it.
        own: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    release: String,
}

#[derive(Serialize, Deserialize)]
struct Snapshot<W> {
    header: Header,
    calls: u64,
    world: W,
}

#[derive(Serialize, Deserialize)]
struct Record {
    wall: Time,
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blob: Option<String>,
}

/// What was found on disk.
pub(crate) struct Found {
    /// The world of the snapshot and the number of calls up to it.
    pub(crate) world: Option<(World, u64)>,
    /// The requests since, with their wall times.
    pub(crate) requests: Vec<(Time, Request)>,
}

/// The log of a world.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: PathBuf,
    generation: u64,
    log: File,
    lines: usize,
}

fn own_header() -> Header {
    Header { format: FORMAT, release: env!("CARGO_PKG_VERSION").to_owned() }
}

fn at(path: &Path) -> impl Fn(io::Error) -> JournalError + '_ {
    move |source| JournalError::File { path: path.to_owned(), source }
}

impl Journal {
    /// Opens the journal in a folder and reads what is there.
    pub(crate) fn open(folder: &Path, blobs: &Blobs) -> Result<(Self, Found), JournalError> {
        fs::create_dir_all(folder).map_err(at(folder))?;
        let generation = newest_snapshot(folder)?;
        let world = match generation {
            0 => None,
            _ => Some(read_snapshot(&snapshot_path(folder, generation))?),
        };
        let log_path = log_path(folder, generation);
        let requests = read_log(&log_path, blobs)?;
        let lines = requests.len();
        if requests.is_empty() {
            // It may have the header of another release; a new one is begun.
            let _ = fs::remove_file(&log_path);
        }
        let journal = Self { folder: folder.to_owned(), generation, log: open_log(&log_path)?, lines };
        journal.remove_older();
        Ok((journal, Found { world, requests }))
    }

    /// Appends a request that changed the world.
    pub(crate) fn append(
        &mut self,
        wall: Time,
        request: &Request,
        blobs: &mut Blobs,
    ) -> Result<(), JournalError> {
        let path = log_path(&self.folder, self.generation);
        let mut record = Record {
            wall,
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: kept_headers(request),
            text: None,
            base64: None,
            blob: None,
        };
        if request.body.len() > INLINE {
            record.blob = Some(blobs.put(&request.body).map_err(at(&path))?);
        } else {
            match std::str::from_utf8(&request.body) {
                Ok(text) => record.text = Some(text.to_owned()),
                Err(_) => record.base64 = Some(STANDARD.encode(&request.body)),
            }
        }
        let mut line = serde_json::to_vec(&record).map_err(|error| at(&path)(io::Error::other(error)))?;
        line.push(b'\n');
        // One write: what the kernel has survives the death of the process.
        self.log.write_all(&line).map_err(at(&path))?;
        self.lines += 1;
        Ok(())
    }

    /// True when it is time for a new snapshot.
    pub(crate) fn wants_snapshot(&self) -> bool {
        self.lines >= EVERY
    }

    /// Writes a snapshot and begins a new log. Blobs that nothing names any more are removed.
    pub(crate) fn snapshot(
        &mut self,
        world: &World,
        calls: u64,
        blobs: &mut Blobs,
    ) -> Result<(), JournalError> {
        let next = self.generation + 1;
        let path = snapshot_path(&self.folder, next);
        let temporary = path.with_extension("tmp");
        let text = serde_json::to_string(&Snapshot { header: own_header(), calls, world })
            .map_err(|error| at(&path)(io::Error::other(error)))?;
        let mut file = File::create(&temporary).map_err(at(&temporary))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(at(&temporary))?;
        // The new log first: a snapshot must never meet a log of its number with older requests in it.
        let log_path = log_path(&self.folder, next);
        let _ = fs::remove_file(&log_path);
        let log = open_log(&log_path)?;
        fs::rename(&temporary, &path).map_err(at(&path))?;
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(at(&self.folder))?;
        (self.generation, self.log, self.lines) = (next, log, 0);
        self.remove_older();
        let named = digests_in(&text);
        blobs.retain(|digest| named.contains(digest));
        Ok(())
    }

    fn remove_older(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let older = number_of(name.to_str().unwrap_or_default(), "snapshot-", ".json")
                .or_else(|| number_of(name.to_str().unwrap_or_default(), "log-", ".jsonl"))
                .is_some_and(|number| number < self.generation);
            if older {
                // What cannot be removed is skipped at the next start all the same.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

fn snapshot_path(folder: &Path, generation: u64) -> PathBuf {
    folder.join(format!("snapshot-{generation}.json"))
}

fn log_path(folder: &Path, generation: u64) -> PathBuf {
    folder.join(format!("log-{generation}.jsonl"))
}

fn number_of(name: &str, prefix: &str, suffix: &str) -> Option<u64> {
    name.strip_prefix(prefix)?.strip_suffix(suffix)?.parse().ok()
}

fn newest_snapshot(folder: &Path) -> Result<u64, JournalError> {
    let entries = fs::read_dir(folder).map_err(at(folder))?;
    let numbers =
        entries.flatten().filter_map(|entry| number_of(entry.file_name().to_str()?, "snapshot-", ".json"));
    Ok(numbers.max().unwrap_or(0))
}

fn open_log(path: &Path) -> Result<File, JournalError> {
    let mut log = OpenOptions::new().create(true).append(true).open(path).map_err(at(path))?;
    if log.metadata().map_err(at(path))?.len() == 0 {
        let mut header =
            serde_json::to_vec(&own_header()).map_err(|error| at(path)(io::Error::other(error)))?;
        header.push(b'\n');
        log.write_all(&header).map_err(at(path))?;
    }
    Ok(log)
}

fn check_release(path: &Path, header: &Header) -> Result<(), JournalError> {
    let own = own_header();
    if (header.format, &header.release) == (own.format, &own.release) {
        return Ok(());
    }
    let name = |header: &Header| format!("release {} (format {})", header.release, header.format);
    Err(JournalError::OtherRelease { path: path.to_owned(), found: name(header), own: name(&own) })
}

fn read_snapshot(path: &Path) -> Result<(World, u64), JournalError> {
    let bytes = fs::read(path).map_err(at(path))?;
    let damaged = |error: serde_json::Error| JournalError::Damaged {
        path: path.to_owned(),
        line: error.line(),
        what: error.to_string(),
    };
    let snapshot: Snapshot<World> = serde_json::from_slice(&bytes).map_err(damaged)?;
    if snapshot.header.format != FORMAT {
        check_release(path, &snapshot.header)?;
    }
    Ok((snapshot.world, snapshot.calls))
}

/// Reads a log and cuts a torn last line off, so that appending goes on behind a whole one.
fn read_log(path: &Path, blobs: &Blobs) -> Result<Vec<(Time, Request)>, JournalError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(path)(error)),
    };
    let mut reader = BufReader::new(file);
    let mut requests = Vec::new();
    let (mut whole, mut number, mut header) = (0u64, 0, None);
    loop {
        let mut line = Vec::new();
        let length = reader.read_until(b'\n', &mut line).map_err(at(path))?;
        if length == 0 {
            return Ok(requests);
        }
        if line.last() != Some(&b'\n') {
            let log = OpenOptions::new().write(true).open(path).map_err(at(path))?;
            log.set_len(whole).map_err(at(path))?;
            return Ok(requests);
        }
        number += 1;
        let damaged = |what: String| JournalError::Damaged { path: path.to_owned(), line: number, what };
        if number == 1 {
            header = Some(serde_json::from_slice(&line).map_err(|error| damaged(error.to_string()))?);
        } else {
            // Another release may answer the requests in another way; a log without any does not matter.
            header.take().map_or(Ok(()), |header| check_release(path, &header))?;
            let record = serde_json::from_slice(&line).map_err(|error| damaged(error.to_string()))?;
            requests.push(restore(record, blobs).ok_or_else(|| damaged("its body is gone".into()))?);
        }
        whole += length as u64;
    }
}

fn restore(record: Record, blobs: &Blobs) -> Option<(Time, Request)> {
    let body = match (record.text, record.base64, record.blob) {
        (Some(text), ..) => Bytes::from(text),
        (_, Some(encoded), _) => STANDARD.decode(encoded).ok()?.into(),
        (.., Some(digest)) => blobs.get(&digest)?,
        _ => Bytes::new(),
    };
    let Record { wall, method, path, query, headers, .. } = record;
    Some((wall, Request { method, path, query, headers, body }))
}

/// Headers that no operation looks at stay out of the log.
fn kept_headers(request: &Request) -> Vec<(String, String)> {
    let dropped =
        ["user-agent", "x-amz-user-agent", "amz-sdk-invocation-id", "amz-sdk-request", "connection"];
    request.headers.iter().filter(|(name, _)| !dropped.contains(&name.as_str())).cloned().collect()
}

/// Everything in a text that looks like a SHA-256 digest.
fn digests_in(text: &str) -> std::collections::HashSet<&str> {
    text.split(|letter: char| !letter.is_ascii_hexdigit()).filter(|word| word.len() == 64).collect()
}
