//! Into a pod: commands, and connections to its ports.
//! <https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.33/#read-pod-exec>

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kube::Api;
use kube::api::{AttachParams, TerminalSize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

use super::cluster::Cluster;
use super::failure::{failed, local};
use super::reader::ClusterReader;
use crate::provider::{Class, Error};

const EXEC: &str = "run a command in a pod";

/// A container of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// The pod's namespace.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// The container in it.
    pub name: String,
}

/// What a command is given of the place where it was typed.
#[derive(Debug, Default)]
pub struct Typed {
    /// What comes on its standard input, where it has one.
    pub input: Option<mpsc::Receiver<Vec<u8>>>,
    /// The columns and rows of its terminal, the first ones at once, where it has one. All that it says comes on standard
    /// output then.
    pub sizes: Option<mpsc::Receiver<(u16, u16)>>,
}

/// What a command said, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// Its exit code.
    pub code: i32,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

/// Which of a command's streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

impl Cluster {
    /// Runs a command in a container, to its end; `tell` gets what it says, as it comes. Gives its exit code.
    ///
    /// # Errors
    /// The classified error; that of a command that cannot be started says why.
    pub async fn exec(
        &self,
        at: &Container,
        command: &[String],
        Typed { input, sizes }: Typed,
        tell: &mut (dyn FnMut(Stream, &[u8]) + Send),
    ) -> Result<i32, Error> {
        let how = AttachParams::default().container(at.name.as_str()).stdin(input.is_some());
        let how = how.tty(sizes.is_some()).stderr(sizes.is_none());
        let process = self.with_client(|client| {
            let pods: Api<Pod> = Api::namespaced(client, &at.namespace);
            let how = &how;
            async move { pods.exec(&at.pod, command.to_vec(), how).await }
        });
        let mut process = process.await?.map_err(|error| failed(EXEC, error))?;
        let (out, err, status) = (process.stdout(), process.stderr(), process.take_status());
        let sending = input.zip(process.stdin()).map(|(mut input, mut to)| {
            tokio::spawn(async move {
                while let Some(bytes) = input.recv().await {
                    if to.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                let _closed = to.shutdown().await;
            })
        });
        let resizing = sizes.zip(process.terminal_size()).map(|(mut sizes, mut to)| {
            tokio::spawn(async move {
                while let Some((width, height)) = sizes.recv().await {
                    // The next size is as good as one for which there was no room.
                    if to.try_send(TerminalSize { width, height }).is_err_and(|lost| lost.is_disconnected()) {
                        return;
                    }
                }
            })
        });
        let heard = hear(out, err, tell).await;
        sending.into_iter().chain(resizing).for_each(|task| task.abort());
        heard.map_err(|error| local(EXEC, error.to_string()))?;
        let status = match status {
            Some(status) => status.await,
            None => None,
        };
        ended(status)
    }

    /// A connection to a port of a pod.
    ///
    /// # Errors
    /// The classified error. That nothing listens there shows when it is used.
    pub async fn connect_to(
        &self,
        namespace: &str,
        pod: &str,
        port: u16,
    ) -> Result<impl AsyncRead + AsyncWrite + Unpin + Send + use<>, Error> {
        const NAME: &str = "connect to a pod";
        let forwarder = self.with_client(|client| {
            let pods: Api<Pod> = Api::namespaced(client, namespace);
            async move { pods.portforward(pod, &[port]).await }
        });
        let mut forwarder = forwarder.await?.map_err(|error| failed(NAME, error))?;
        forwarder.take_stream(port).ok_or_else(|| local(NAME, "the API server gave no stream"))
    }
}

impl ClusterReader {
    /// Runs the `probe` verb of one of our services in its container: it asks a question and changes nothing.
    ///
    /// # Errors
    /// The classified error; a probe that finds nothing is none.
    pub async fn probe(&self, at: &Container, binary: &str, question: &[&str]) -> Result<Ran, Error> {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let command: Vec<String> =
            [binary, "probe"].iter().chain(question).map(|word| (*word).to_owned()).collect();
        let mut tell = |stream, bytes: &[u8]| match stream {
            Stream::Out => out.extend_from_slice(bytes),
            Stream::Err => err.extend_from_slice(bytes),
        };
        let code = self.inner().exec(at, &command, Typed::default(), &mut tell).await?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim_end().to_owned();
        Ok(Ran { code, out: text(out), err: text(err) })
    }
}

/// Tells what comes on either stream until both have ended.
async fn hear(
    out: Option<impl AsyncRead + Unpin>,
    err: Option<impl AsyncRead + Unpin>,
    tell: &mut (dyn FnMut(Stream, &[u8]) + Send),
) -> std::io::Result<()> {
    let (mut out, mut err) = (out, err);
    let (mut from_out, mut from_err) = (vec![0; 16 << 10], vec![0; 16 << 10]);
    while out.is_some() || err.is_some() {
        tokio::select! {
            read = next(&mut out, &mut from_out), if out.is_some() => match read? {
                0 => out = None,
                read => tell(Stream::Out, &from_out[..read]),
            },
            read = next(&mut err, &mut from_err), if err.is_some() => match read? {
                0 => err = None,
                read => tell(Stream::Err, &from_err[..read]),
            },
        }
    }
    Ok(())
}

async fn next(from: &mut Option<impl AsyncRead + Unpin>, buffer: &mut [u8]) -> std::io::Result<usize> {
    match from {
        Some(from) => from.read(buffer).await,
        None => Ok(0),
    }
}

/// The exit code that a status tells of. (`k8s.io/apimachinery/pkg/util/remotecommand`: the cause `ExitCode`.)
fn ended(status: Option<Status>) -> Result<i32, Error> {
    let lost =
        || Error { class: Class::Unavailable, ..local(EXEC, "the connection ended before the command") };
    let status = status.ok_or_else(lost)?;
    if status.status.as_deref() == Some("Success") {
        return Ok(0);
    }
    let causes = status.details.and_then(|details| details.causes).unwrap_or_default();
    let code = causes.iter().find(|cause| cause.reason.as_deref() == Some("ExitCode"));
    let code = code.and_then(|cause| cause.message.as_deref()?.parse().ok());
    code.ok_or_else(|| local(EXEC, status.message.unwrap_or_else(|| "it was not started".to_owned())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_exit_code_is_the_one_that_the_status_tells() {
        let status = |value: serde_json::Value| Some(serde_json::from_value::<Status>(value).unwrap());
        assert_eq!(ended(status(json!({"status": "Success"}))), Ok(0));
        let failed = json!({"status": "Failure", "reason": "NonZeroExitCode", "message": "exit code 3",
            "details": {"causes": [{"reason": "ExitCode", "message": "3"}]}});
        assert_eq!(ended(status(failed)), Ok(3));
        let missing = json!({"status": "Failure", "reason": "InternalError", "message": "no such file"});
        assert_eq!(ended(status(missing)).unwrap_err().message, "no such file");
        assert_eq!(ended(None).unwrap_err().class, Class::Unavailable);
    }
}
