//! Accepting and serving connections until told to close.

use std::io;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::app::App;

/// Largest head of a request; larger ones are answered with 431.
const LARGEST_HEAD: usize = 64 << 10;
/// Pause after a failed accept, or a shortage of files would become a busy loop.
const PAUSE: Duration = Duration::from_millis(50);
/// How long requests that already wait in the socket of a connection have to be noticed.
const NOTICE: Duration = Duration::from_millis(100);

/// Serves until `close`, then until all running requests are finished.
pub(super) async fn serve(listener: TcpListener, app: App, mut close: oneshot::Receiver<()>) {
    let connections = GracefulShutdown::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => spawn(stream, &app, &connections),
                Err(error) => failed_accept(&error).await,
            },
            _ = &mut close => break,
        }
    }
    // Connections that the kernel has accepted count as ours: clients may have sent requests.
    if let Ok(listener) = listener.into_std() {
        while let Ok((stream, _)) = listener.accept() {
            if stream.set_nonblocking(true).is_ok()
                && let Ok(stream) = TcpStream::from_std(stream)
            {
                spawn(stream, &app, &connections);
            }
        }
    }
    sleep(NOTICE).await;
    tracing::debug!(connections = connections.count(), "finishing");
    connections.shutdown().await;
}

async fn failed_accept(error: &io::Error) {
    use io::ErrorKind;
    // The client has gone before it was accepted.
    if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) {
        return;
    }
    tracing::warn!(%error, "a connection was not accepted");
    sleep(PAUSE).await;
}

fn spawn(stream: TcpStream, app: &App, connections: &GracefulShutdown) {
    // Without it small responses may wait for acknowledgements; a socket that refuses it is gone.
    let _ = stream.set_nodelay(true);
    let counted = app.context().requests().connected();
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(app.context().settings().idle_timeout)
        .max_buf_size(LARGEST_HEAD)
        // Our responses are small: one buffer costs less than two parts of a vectored write.
        .writev(false)
        .serve_connection(TokioIo::new(stream), app.clone());
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            // Malformed requests (answered with 400) and clients that went away.
            tracing::debug!(%error, "a connection ended");
        }
        drop(counted);
    });
}
