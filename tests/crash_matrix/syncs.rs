//! Killing a process at its nth fsync, from outside: `tracer.c` has the kernel stop it there.
//!
//! The file is then left as it may be after a power cut: what was written and not yet synced is there, there in
//! part, or not there.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::place::{Place, binary};
use crate::verb::Verb;

/// What is left of bytes that were written and not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsynced {
    /// All of them.
    Whole,
    /// The first half.
    Torn,
    /// None.
    Lost,
}

/// Death at the nth fsync, before it is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    pub(crate) at: usize,
    pub(crate) unsynced: Unsynced,
}

/// What a traced run did.
#[derive(Debug)]
pub(crate) struct Traced {
    /// How many files it synced, the one at which it was killed included.
    pub(crate) syncs: usize,
    pub(crate) was_killed: bool,
    pub(crate) succeeded: bool,
}

/// Runs the binary at a place, traced.
pub(crate) fn run(place: &Place, verb: Verb, cut: Option<Cut>) -> Traced {
    let before = lengths(&place.state(verb.environment()));
    let report = tempfile::NamedTempFile::new().unwrap();
    let mut command = Command::new(tracer());
    command.arg(cut.map_or(0, |cut| cut.at).to_string()).arg(report.path()).arg(binary());
    command.args(verb.command().split_whitespace());
    place.prepare(&mut command);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let code = command.status().unwrap().code();
    assert!(code != Some(125) && code != Some(126), "the tracer does not work here: {code:?}");
    let told = fs::read_to_string(report.path()).unwrap();
    let syncs: Vec<(u64, PathBuf)> = told
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(length, path)| (length.parse().unwrap(), path.into()))
        .collect();
    let was_killed = code == Some(137);
    if let (true, Some(cut)) = (was_killed, cut) {
        leave(before, &syncs, cut.unsynced);
    }
    Traced { syncs: syncs.len(), was_killed, succeeded: code == Some(0) }
}

/// The tracer, compiled once.
fn tracer() -> &'static Path {
    static TRACER: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let compiled = TRACER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("tracer");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash_matrix/tracer.c");
        let status = Command::new("cc").args(["-O1", "-o"]).arg(&program).arg(source).status().unwrap();
        assert!(status.success(), "the tracer does not compile");
        (folder, program)
    });
    &compiled.1
}

/// How long the files of a folder are: what is on disk before a run.
fn lengths(folder: &Path) -> HashMap<PathBuf, u64> {
    let files = fs::read_dir(folder).into_iter().flatten();
    files.map(|file| file.unwrap()).map(|file| (file.path(), file.metadata().unwrap().len())).collect()
}

/// Takes from the last file what was written after it was synced before.
fn leave(mut on_disk: HashMap<PathBuf, u64>, syncs: &[(u64, PathBuf)], unsynced: Unsynced) {
    let Some(((length, path), before)) = syncs.split_last() else { return };
    on_disk.extend(before.iter().map(|(length, path)| (path.clone(), *length)));
    let on_disk = on_disk.get(path).copied().unwrap_or(0).min(*length);
    let left = match unsynced {
        Unsynced::Whole => return,
        Unsynced::Torn => on_disk + (length - on_disk) / 2,
        Unsynced::Lost => on_disk,
    };
    if path.is_file() {
        OpenOptions::new().write(true).open(path).unwrap().set_len(left).unwrap();
    }
}
