//! Processes of a sandbox that was killed: noted by their numbers and programs, ended by the next one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

/// The note of what runs.
pub(super) struct Orphans {
    file: RefCell<PathBuf>,
    running: RefCell<BTreeMap<u32, PathBuf>>,
}

impl Orphans {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file: RefCell::new(file), running: RefCell::default() }
    }

    /// Ends what the note of a former sandbox names, if it is still that program.
    pub(super) fn end(&self) {
        let Ok(text) = fs::read_to_string(&*self.file.borrow()) else { return };
        for (id, program) in text.lines().filter_map(|line| line.split_once(' ')) {
            let Some(id) = id.parse::<u32>().ok() else { continue };
            if is_program(id, Path::new(program)) {
                signal(id, Signal::KILL);
            }
        }
        let _ = fs::remove_file(&*self.file.borrow());
    }

    /// The note is in another file now.
    pub(super) fn moved(&self, file: PathBuf) {
        self.file.replace(file);
    }

    pub(super) fn note(&self, id: u32, program: &Path) {
        // As the system tells it, without links.
        let program = fs::canonicalize(program).unwrap_or_else(|_| program.to_owned());
        self.running.borrow_mut().insert(id, program);
        self.write();
    }

    pub(super) fn strike(&self, id: u32) {
        self.running.borrow_mut().remove(&id);
        self.write();
    }

    fn write(&self) {
        let lines: Vec<String> = self
            .running
            .borrow()
            .iter()
            .map(|(id, program)| format!("{id} {}\n", program.display()))
            .collect();
        if let Err(error) = fs::write(&*self.file.borrow(), lines.concat()) {
            tracing::warn!(%error, "the processes of pods are not noted");
        }
    }
}

/// Whether a process is a program's.
fn is_program(id: u32, program: &Path) -> bool {
    if let Ok(found) = fs::read_link(format!("/proc/{id}/exe")) {
        return found == program;
    }
    // Where there is no /proc, ps tells it.
    let told = Command::new("ps").args(["-o", "command=", "-p", &id.to_string()]).output();
    told.is_ok_and(|told| String::from_utf8_lossy(&told.stdout).starts_with(&program.display().to_string()))
}

/// Sends a signal to a process.
pub(super) fn signal(id: u32, signal: Signal) {
    if let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        // One that ended meanwhile has nothing to be told.
        let _ = kill_process(id, signal);
    }
}
