//! Ctrl-C and SIGTERM: once stops starting, twice ends at once.

use tokio::sync::watch;

use crate::apply::{Cancel, Level};

/// Listens for the rest of the process's life. Gives what a run is told by, and the level for whoever asks.
pub(super) fn listen() -> Cancel {
    let (level, cancel) = Cancel::channel();
    tokio::spawn(raise(level));
    cancel
}

async fn raise(level: watch::Sender<Level>) {
    for next in [Level::Stop, Level::Abort] {
        signal().await;
        level.send_replace(next);
    }
    signal().await;
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => {
            let _ended = tokio::signal::ctrl_c().await;
        }
    }
}
