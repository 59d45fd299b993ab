//! Killing a process at its nth fsync, from outside: it is traced, and stopped at every system call.
//!
//! The file is then as it would be after a power cut: what was written and not yet synced is there, there in part,
//! or not there.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::place::{Place, binary};

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
    /// The files that were synced, in order, up to the cut.
    pub(crate) syncs: Vec<PathBuf>,
    /// Whether it was killed.
    pub(crate) was_killed: bool,
    /// Whether it ended well.
    pub(crate) succeeded: bool,
}

struct Tracer {
    main: Pid,
    cut: Option<Cut>,
    syncs: Vec<PathBuf>,
    /// How many bytes of each file are on disk.
    on_disk: HashMap<PathBuf, u64>,
}

/// Runs the binary at a place, traced.
pub(crate) fn run(place: &Place, arguments: &str, cut: Option<Cut>) -> Traced {
    // It stops itself before it becomes the binary, so that nothing is missed.
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "kill -STOP $$; exec \"$0\" \"$@\""]).arg(binary());
    command.args(arguments.split_whitespace());
    place.prepare(&mut command);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().unwrap();
    let main = Pid::from_raw(i32::try_from(child.id()).unwrap());
    waitpid(main, Some(WaitPidFlag::WUNTRACED)).unwrap();
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    ptrace::seize(main, options).unwrap();
    kill(main, Signal::SIGCONT).unwrap();
    Tracer { main, cut, syncs: Vec::new(), on_disk: lengths(&place.state("dev")) }.follow()
}

/// What is on disk before the run.
fn lengths(folder: &Path) -> HashMap<PathBuf, u64> {
    let files = fs::read_dir(folder).into_iter().flatten();
    files.map(|file| file.unwrap()).map(|file| (file.path(), file.metadata().unwrap().len())).collect()
}

impl Tracer {
    fn follow(mut self) -> Traced {
        loop {
            // Only what this thread traces: other points are being tried by other threads.
            let status = waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD)).unwrap();
            let signal = match status {
                WaitStatus::PtraceSyscall(thread) => {
                    self.at_system_call(thread);
                    None
                }
                WaitStatus::Stopped(_, signal) => Some(signal),
                WaitStatus::Exited(thread, code) if thread == self.main => {
                    return Traced { syncs: self.syncs, was_killed: false, succeeded: code == 0 };
                }
                WaitStatus::Signaled(thread, ..) if thread == self.main => {
                    return Traced { syncs: self.syncs, was_killed: true, succeeded: false };
                }
                _ => None,
            };
            match status.pid().map(|thread| ptrace::syscall(thread, signal)) {
                // It is gone, or being killed.
                None | Some(Ok(()) | Err(Errno::ESRCH)) => {}
                Some(Err(error)) => panic!("a traced thread cannot go on: {error}"),
            }
        }
    }

    fn at_system_call(&mut self, thread: Pid) {
        let Ok(registers) = ptrace::getregs(thread) else { return };
        let number = i64::try_from(registers.orig_rax).unwrap_or(-1);
        // On the way in, the result still is "no such system call".
        let entering = registers.rax.cast_signed() == -i64::from(libc::ENOSYS);
        if !entering || ![libc::SYS_fsync, libc::SYS_fdatasync].contains(&number) {
            return;
        }
        let path = fs::read_link(format!("/proc/{}/fd/{}", self.main, registers.rdi)).unwrap();
        let length = fs::metadata(&path).map_or(0, |data| data.len());
        self.syncs.push(path.clone());
        match self.cut {
            Some(cut) if cut.at == self.syncs.len() => {
                kill(self.main, Signal::SIGKILL).unwrap();
                let on_disk = self.on_disk.get(&path).copied().unwrap_or(0).min(length);
                leave(&path, on_disk, length, cut.unsynced);
            }
            _ => {
                self.on_disk.insert(path, length);
            }
        }
    }
}

fn leave(path: &Path, on_disk: u64, length: u64, unsynced: Unsynced) {
    let left = match unsynced {
        Unsynced::Whole => return,
        Unsynced::Torn => on_disk + (length - on_disk) / 2,
        Unsynced::Lost => on_disk,
    };
    if path.is_file() {
        OpenOptions::new().write(true).open(path).unwrap().set_len(left).unwrap();
    }
}
