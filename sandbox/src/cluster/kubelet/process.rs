//! Processes: started, read, ended.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::rc::Rc;
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use super::image::Program;
use super::orphans::{self, Orphans};
use super::output::Output;

/// `ETXTBSY`: another thread's child still has the program open for writing.
const BUSY: i32 = 26;

/// Starts a program; what it writes goes to `output`, line by line.
pub(super) async fn start(
    program: &Program,
    arguments: &[String],
    variables: &[(String, String)],
    output: &Rc<Output>,
) -> io::Result<Child> {
    let mut command = Command::new(&program.path);
    command.args(arguments).env_clear().envs(variables.iter().map(|(key, value)| (key, value)));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = spawn(&mut command).await?;
    let readers = [child.stdout.take().map(boxed), child.stderr.take().map(boxed)];
    let left = Rc::new(std::cell::Cell::new(readers.iter().flatten().count()));
    for reader in readers.into_iter().flatten() {
        let (output, left) = (Rc::clone(output), Rc::clone(&left));
        tokio::task::spawn_local(async move {
            let mut lines = BufReader::new(reader).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                output.write(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned());
            }
            left.set(left.get() - 1);
            if left.get() == 0 {
                output.end();
            }
        });
    }
    Ok(child)
}

/// Starts a process.
pub(in crate::cluster) async fn spawn(command: &mut Command) -> io::Result<Child> {
    let mut tries = 0;
    loop {
        match command.spawn() {
            Err(error) if error.raw_os_error() == Some(BUSY) && tries < 20 => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            spawned => return spawned,
        }
    }
}

fn boxed(reader: impl AsyncRead + Unpin + 'static) -> Box<dyn AsyncRead + Unpin> {
    Box::new(reader)
}

/// Asks a process to end, and ends it when it takes too long.
pub(super) async fn end(child: &mut Child, grace: Duration, notes: &Orphans) -> Option<ExitStatus> {
    let id = child.id()?;
    if !grace.is_zero() {
        orphans::signal(id, Signal::TERM);
    }
    let ended = match tokio::time::timeout(grace, child.wait()).await {
        Ok(ended) => ended.ok(),
        Err(_) => {
            let _ = child.start_kill();
            child.wait().await.ok()
        }
    };
    notes.strike(id);
    ended
}
