//! `exec`: another process of a container's image, with the container's variables.

use std::process::Stdio;
use std::rc::Rc;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};

use super::socket::{Came, Socket};
use crate::cluster::instance::Cluster;
use crate::cluster::json::{list, name, namespace, text, uid};
use crate::cluster::kubelet;
use crate::cluster::network;
use crate::cluster::refusal::Refusal;
use crate::cluster::request::Request;

/// The channels.
const INPUT: u8 = 0;
const OUTPUT: u8 = 1;
const ERRORS: u8 = 2;
const STATUS: u8 = 3;

/// Why a command is not run that wants a terminal.
const NO_TERMINAL: &str =
    "the sandbox has no terminals: what it runs are processes of this machine (exec without -t does)";

/// A command for a container.
pub(in crate::cluster) struct Exec {
    pod: Rc<Value>,
    container: Value,
    command: Vec<String>,
    input: bool,
    terminal: bool,
}

impl Exec {
    pub(super) fn read(pod: Rc<Value>, request: &Request) -> Result<Self, Refusal> {
        let all = list(&pod, "/spec/containers");
        let wanted = request.parameter("container");
        let found =
            all.iter().find(|one| text(one, "/name") == wanted || (wanted.is_empty() && all.len() == 1));
        let container = found
            .cloned()
            .ok_or_else(|| Refusal::bad(format!("container {wanted} is not valid for pod {}", name(&pod))))?;
        let command: Vec<String> = request.parameters("command").map(str::to_owned).collect();
        if command.is_empty() {
            return Err(Refusal::bad("you must specify at least 1 command for the container"));
        }
        Ok(Self { container, command, input: request.flag("stdin"), terminal: request.flag("tty"), pod })
    }

    pub(super) async fn serve(self, cluster: &Rc<Cluster>, mut socket: Socket) {
        let started =
            if self.terminal { Err(NO_TERMINAL.to_owned()) } else { self.start(cluster, &mut socket).await };
        let status = match started {
            Ok(mut child) => pass(&mut child, &mut socket).await,
            Err(why) => failure("InternalError", &why, json!([])),
        };
        if let Some(status) = status.as_object().map(|_| status.to_string()) {
            socket.send(STATUS, status.as_bytes()).await;
        }
        socket.close().await;
    }

    /// Starts the command; names that only the cluster knows are told as they are on loopback.
    async fn start(&self, cluster: &Rc<Cluster>, socket: &mut Socket) -> Result<Child, String> {
        let container = text(&self.container, "/name");
        let variables = cluster.kubelet.variables(uid(&self.pod), container);
        let variables = variables.ok_or_else(|| format!("container not found ({container:?})"))?;
        let program =
            cluster.kubelet.program(cluster, text(&self.container, "/image"), &self.command).await?;
        let mut arguments = self.command[1..].to_vec();
        for argument in &mut arguments {
            if let Some(here) = network::named_on_loopback(cluster, namespace(&self.pod), argument) {
                let told = format!("sandbox: {argument} is {here} here\n");
                socket.send(ERRORS, told.as_bytes()).await;
                *argument = here;
            }
        }
        let mut command = Command::new(&program);
        command.args(&arguments).env_clear().envs(variables).kill_on_drop(true);
        command.stdin(if self.input { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        kubelet::spawn(&mut command)
            .await
            .map_err(|error| format!("exec failed: {}: {error}", self.command[0]))
    }
}

/// Passes what a process says and hears until it ends or the other side is gone, and tells how it ended.
async fn pass(child: &mut Child, socket: &mut Socket) -> Value {
    let (mut out, mut errors) = (child.stdout.take(), child.stderr.take());
    let mut input = child.stdin.take();
    let (mut from_out, mut from_errors) = (vec![0; 16 << 10], vec![0; 16 << 10]);
    while out.is_some() || errors.is_some() {
        let going = tokio::select! {
            read = next(&mut out, &mut from_out), if out.is_some() => match read {
                0 => { out = None; true }
                read => socket.send(OUTPUT, &from_out[..read]).await,
            },
            read = next(&mut errors, &mut from_errors), if errors.is_some() => match read {
                0 => { errors = None; true }
                read => socket.send(ERRORS, &from_errors[..read]).await,
            },
            came = socket.next() => hear(came, &mut input).await,
        };
        if !going {
            let _ = child.start_kill();
            return Value::Null;
        }
    }
    drop(input);
    let ended = child.wait().await.ok();
    match ended.map(|ended| kubelet::exit_code(Some(ended))) {
        Some(0) => json!({ "metadata": {}, "status": "Success" }),
        Some(code) => {
            let message = format!("command terminated with non-zero exit code: exit status {code}");
            failure(
                "NonZeroExitCode",
                &message,
                json!([{ "reason": "ExitCode", "message": code.to_string() }]),
            )
        }
        None => failure("InternalError", "the process was lost", json!([])),
    }
}

async fn next(from: &mut Option<impl AsyncRead + Unpin>, buffer: &mut [u8]) -> usize {
    match from {
        Some(from) => from.read(buffer).await.unwrap_or(0),
        None => 0,
    }
}

/// Takes what came to a process; whether the other side is still there.
async fn hear(came: Came, input: &mut Option<ChildStdin>) -> bool {
    match came {
        Came::Bytes(INPUT, bytes) => {
            if let Some(to) = input
                && to.write_all(&bytes).await.is_err()
            {
                *input = None;
            }
            true
        }
        Came::Ended(INPUT) => {
            *input = None;
            true
        }
        Came::Closed => false,
        // The size of a terminal: there is none.
        Came::Bytes(..) | Came::Ended(_) => true,
    }
}

fn failure(reason: &str, message: &str, causes: Value) -> Value {
    json!({
        "metadata": {}, "status": "Failure", "reason": reason, "message": message, "details": { "causes": causes },
    })
}
