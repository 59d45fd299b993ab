//! Stopping a run from outside.

use tokio::sync::watch;

/// How far a run is to be stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Go on.
    #[default]
    Run,
    /// Start nothing more; let what runs end (the first Ctrl-C).
    Stop,
    /// End now; open intents stay for the next run (the second Ctrl-C).
    Abort,
}

/// The receiving end of a request to stop.
#[derive(Clone, Debug)]
pub struct Cancel(watch::Receiver<Level>);

impl Cancel {
    /// A request channel: the sender raises the level.
    pub fn channel() -> (watch::Sender<Level>, Self) {
        let (sender, receiver) = watch::channel(Level::Run);
        (sender, Self(receiver))
    }

    /// The level now.
    pub fn level(&self) -> Level {
        *self.0.borrow()
    }

    /// Waits until the level is above this one; for ever when nobody can raise it any more.
    pub(super) async fn above(&mut self, level: Level) -> Level {
        match self.0.wait_for(|now| *now > level).await {
            Ok(now) => *now,
            Err(_) => std::future::pending().await,
        }
    }
}
