//! The terminal at which a command that runs elsewhere is typed: raw for as long as that lasts, and its sizes.

use std::io::{self, IsTerminal, stdin};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Whether standard input is a terminal.
pub(super) fn is_there() -> bool {
    stdin().is_terminal()
}

/// The terminal in raw mode: every key goes to the other side as it is, and is shown only if that one echoes it. Dropped,
/// it is as it was before.
pub(super) struct Raw {
    before: Termios,
}

impl Raw {
    /// Makes the terminal of standard input raw.
    ///
    /// # Errors
    /// As the system says.
    pub(super) fn enter() -> io::Result<Self> {
        let before = tcgetattr(stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(stdin(), OptionalActions::Now, &raw)?;
        Ok(Self { before })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // A terminal that is gone cannot be as it was.
        let _gone = tcsetattr(stdin(), OptionalActions::Now, &self.before);
    }
}

/// The columns and rows of the terminal: as they are, and again after every change.
pub(super) fn sizes() -> mpsc::Receiver<(u16, u16)> {
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        let Ok(mut changes) = signal(SignalKind::window_change()) else { return };
        loop {
            // One that has no size tells zero.
            if let Ok(size) = tcgetwinsize(stdin())
                && size.ws_col > 0
                && size.ws_row > 0
                && sender.send((size.ws_col, size.ws_row)).await.is_err()
            {
                return;
            }
            if changes.recv().await.is_none() {
                return;
            }
        }
    });
    receiver
}

/// Returns when this process is told to end. Keys do not do that while the terminal is raw.
pub(super) async fn told_to_end() {
    let signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
    let mut waits: Vec<_> = signals
        .into_iter()
        .filter_map(Result::ok)
        .map(|mut signal| Box::pin(async move { signal.recv().await }))
        .collect();
    if waits.is_empty() {
        return std::future::pending().await;
    }
    futures_util::future::select_all(waits.drain(..)).await;
}
