//! Running other programs: cargo, rustc, git.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::Command;

use super::error::Error;

/// What a program said.
pub(super) struct Said {
    pub(super) success: bool,
    /// Whether a signal ended it.
    killed: bool,
    /// How it ended, in words.
    end: String,
    pub(super) out: Vec<u8>,
    pub(super) err: String,
}

impl Said {
    /// Why it failed: its words, unless there are none or they are cut short.
    pub(super) fn why(&self, words: String) -> String {
        let words = words.trim_end();
        match (self.killed, words.is_empty()) {
            (false, false) => words.to_owned(),
            (_, true) => self.end.clone(),
            (true, false) => format!("{words}\n{}", self.end),
        }
    }
}

/// A program with these variables and no others, in a folder.
pub(super) fn command(program: &str, folder: &Path, variables: &[(String, String)]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().envs(variables.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Runs it to its end; each line on its standard error is told as it comes.
pub(super) async fn run(mut command: Command, told: &(dyn Fn(&str) + Send + Sync)) -> Result<Said, Error> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let failed = |error: std::io::Error| Error::Program { program: program.clone(), why: error.to_string() };
    let mut child = command.spawn().map_err(failed)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let read_out = async {
        let mut out = Vec::new();
        if let Some(mut stdout) = stdout {
            stdout.read_to_end(&mut out).await?;
        }
        Ok::<_, std::io::Error>(out)
    };
    let read_err = async {
        let mut err = String::new();
        if let Some(stderr) = stderr {
            let mut lines = BufReader::new(stderr);
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line).await? > 0 {
                let text = String::from_utf8_lossy(&line);
                told(text.trim_end());
                err.push_str(&text);
                line.clear();
            }
        }
        Ok::<_, std::io::Error>(err)
    };
    let (out, err) = tokio::try_join!(read_out, read_err).map_err(failed)?;
    let status = child.wait().await.map_err(failed)?;
    Ok(Said {
        success: status.success(),
        killed: status.signal().is_some(),
        end: end(&program, status),
        out,
        err,
    })
}

fn end(program: &str, status: std::process::ExitStatus) -> String {
    match status.signal() {
        // What the kernel does when memory is short.
        Some(9) => format!("{program} was killed (signal 9): by somebody, or because memory ran out"),
        Some(signal) => format!("{program} was ended by signal {signal}"),
        None => format!("{program} ended with {status} and said nothing"),
    }
}

/// Runs it to its end; a failure is an error with what it said.
pub(super) async fn output(command: Command, what: &str) -> Result<Vec<u8>, Error> {
    let said = run(command, &|_| ()).await?;
    if said.success {
        return Ok(said.out);
    }
    Err(Error::Program { program: what.to_owned(), why: said.why(said.err.clone()) })
}
