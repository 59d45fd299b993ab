//! State in a folder: `journal.jsonl`, `snapshot.json`, `lock`, `backups/`.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::journal::{Decoded, decode, encode_header, encode_line};
use super::lock::{self, Lock};
use super::{Error, Journal, Owner};
use crate::state::{Line, SNAPSHOT_VERSION, Snapshot, State};

/// How many finished journals are kept beside the snapshot.
const BACKUPS: usize = 20;

/// The folder that holds one environment's state.
#[derive(Clone, Debug)]
pub struct LocalStore {
    folder: PathBuf,
    environment: String,
}

/// What was read.
#[derive(Debug)]
pub struct Loaded {
    /// The state; an empty one with the given lineage where nothing is kept yet.
    pub state: State,
    /// Bytes of a last line that a crash cut, which were left out.
    pub torn: usize,
}

impl LocalStore {
    /// The store of an environment below a folder for all of them. Nothing is made before the first lock.
    pub fn new(root: &Path, environment: &str) -> Self {
        Self { folder: root.join(environment), environment: environment.to_owned() }
    }

    /// The environment's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Reads the state. `lineage` is taken where nothing is kept yet.
    ///
    /// # Errors
    /// When a file cannot be read, is damaged, or is of another environment.
    pub fn load(&self, lineage: &str) -> Result<Loaded, Error> {
        let (mut state, kept) = match self.snapshot()? {
            Some(snapshot) => (snapshot.into_state(), true),
            None => (State::new(lineage), false),
        };
        let path = self.file("journal.jsonl");
        let Decoded { header, lines, torn, .. } = decode(&read(&path)?.unwrap_or_default(), &path)?;
        if let Some(header) = header {
            if header.environment != self.environment {
                let (found, wanted) = (header.environment, self.environment.clone());
                return Err(Error::Environment { path, found, wanted });
            }
            if kept && header.lineage != state.lineage {
                let why = format!("lineage {} is not the snapshot's {}", header.lineage, state.lineage);
                return Err(Error::Corrupt { path, line: 1, why });
            }
            state.lineage = header.lineage;
        }
        // Lines up to the snapshot's serial are in it: a crash came between snapshot and new journal.
        let after = state.serial;
        for line in lines.iter().filter(|line| !kept || line.serial > after) {
            state.fold(line).map_err(|source| Error::Illegal { path: path.clone(), source })?;
        }
        Ok(Loaded { state, torn })
    }

    fn snapshot(&self) -> Result<Option<Snapshot>, Error> {
        let path = self.file("snapshot.json");
        let Some(bytes) = read(&path)? else { return Ok(None) };
        let corrupt = |error: serde_json::Error| Error::Corrupt {
            path: path.clone(),
            line: error.line(),
            why: error.to_string(),
        };
        let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(corrupt)?;
        let found = value.get("version").and_then(serde_json::Value::as_u64).unwrap_or(0);
        if found > u64::from(SNAPSHOT_VERSION) {
            let found = u32::try_from(found).unwrap_or(u32::MAX);
            return Err(Error::Version { path, found, known: SNAPSHOT_VERSION });
        }
        let snapshot: Snapshot = serde_json::from_value(value).map_err(corrupt)?;
        if snapshot.environment != self.environment {
            let (found, wanted) = (snapshot.environment, self.environment.clone());
            return Err(Error::Environment { path, found, wanted });
        }
        Ok(Some(snapshot))
    }

    /// Takes the lock and opens the journal for writing. A torn last line is cut off.
    ///
    /// # Errors
    /// [`Error::Locked`] when somebody else holds it; otherwise as [`LocalStore::load`].
    pub fn lock(&self, owner: &Owner, lineage: &str) -> Result<(LocalSession, Loaded), Error> {
        fs::create_dir_all(&self.folder).map_err(file("cannot make the folder", &self.folder))?;
        let lock = Lock::take(&self.file("lock"), &self.environment, owner)?;
        let loaded = self.load(lineage)?;
        let path = self.file("journal.jsonl");
        let bytes = read(&path)?.unwrap_or_default();
        let whole = decode(&bytes, &path)?.whole;
        let opened = OpenOptions::new().create(true).append(true).open(&path);
        let journal = opened.map_err(file("cannot open", &path))?;
        journal.set_len(whole as u64).map_err(file("cannot cut the torn line of", &path))?;
        let mut session = LocalSession { store: self.clone(), journal, lock };
        if whole == 0 {
            session.write(&encode_header(&self.environment, &loaded.state.lineage))?;
            sync_folder(&self.folder)?;
        }
        Ok((session, loaded))
    }

    /// Who is written down as holding the lock, dead or alive.
    ///
    /// # Errors
    /// When the lock's file cannot be read.
    pub fn owner(&self) -> Result<Option<Owner>, Error> {
        lock::owner(&self.file("lock"))
    }

    /// Removes the lock's file, whoever holds it: for the lock of a host that is gone.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn unlock(&self) -> Result<(), Error> {
        let path = self.file("lock");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(file("cannot remove", &path)(error)),
            _ => Ok(()),
        }
    }
}

/// A local store while its lock is held.
#[derive(Debug)]
pub struct LocalSession {
    store: LocalStore,
    journal: File,
    lock: Lock,
}

impl LocalSession {
    /// The dead owner whose lock was taken over, if there was one.
    pub fn freed(&self) -> Option<&Owner> {
        self.lock.freed()
    }

    fn write(&mut self, text: &str) -> Result<(), Error> {
        let path = self.store.file("journal.jsonl");
        self.journal.write_all(text.as_bytes()).map_err(file("cannot write", &path))?;
        self.journal.sync_data().map_err(file("cannot write to disk", &path))
    }

    fn replace_journal(&mut self, state: &State) -> Result<(), Error> {
        let snapshot = Snapshot::of(&self.store.environment, state);
        let json = serde_json::to_vec_pretty(&snapshot).expect("a snapshot holds nothing that JSON cannot");
        self.replace_file("snapshot.json", &json)?;
        let path = self.store.file("journal.jsonl");
        let backups = self.store.file("backups");
        fs::create_dir_all(&backups).map_err(file("cannot make the folder", &backups))?;
        let backup = backups.join(format!("journal-{:010}.jsonl", state.serial));
        fs::copy(&path, &backup).map_err(file("cannot copy the journal to", &backup))?;
        self.replace_file("journal.jsonl", encode_header(&snapshot.environment, &state.lineage).as_bytes())?;
        let opened = OpenOptions::new().append(true).open(&path);
        self.journal = opened.map_err(file("cannot open", &path))?;
        prune(&backups)
    }

    /// Writes a file so that it is the old or the new one, whole, whenever the machine stops.
    fn replace_file(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.store.file(name);
        let temporary = self.store.file(&format!("{name}.new"));
        let mut new = File::create(&temporary).map_err(file("cannot make", &temporary))?;
        new.write_all(bytes).map_err(file("cannot write", &temporary))?;
        new.sync_all().map_err(file("cannot write to disk", &temporary))?;
        fs::rename(&temporary, &path).map_err(file("cannot put in place", &path))?;
        sync_folder(&self.store.folder)
    }
}

impl Journal for LocalSession {
    async fn append(&mut self, lines: &[Line]) -> Result<(), Error> {
        let text: String = lines.iter().map(encode_line).collect();
        self.write(&text)
    }

    async fn compact(&mut self, state: &State) -> Result<(), Error> {
        self.replace_journal(state)
    }
}

fn prune(backups: &Path) -> Result<(), Error> {
    let entries = fs::read_dir(backups).map_err(file("cannot read the folder", backups))?;
    let mut names: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    names.sort();
    for old in names.iter().rev().skip(BACKUPS) {
        fs::remove_file(old).map_err(file("cannot remove", old))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file("cannot read", path)(error)),
    }
}

fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(file("cannot write to disk", folder))
}

fn file(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File { what, path, source }
}
