//! Releases in a cluster: what is recorded of them is read, revisions are applied, and what came of them is recorded.
//!
//! `release` decides what a revision is and in which order its objects go, `provider::kube` makes the calls, and here
//! is what happens between them: `clusters` is the provider of the kind, which finds the cluster that a release is
//! in, `look` sees a release as it is, `deploy` and `rollback` bring a revision to stand, `remove` takes a release
//! away, `made` keeps what a chart makes only once; `trial` has the API server try what a plan would write; `colors`
//! knows which pods of a blue-green release serve, and `switch` has Services lead to others. A revision is recorded
//! as pending before the first call and as deployed or failed after the last; one that an interrupted run left
//! pending is told as failed by the next run, and its objects count as possibly standing, so that nothing of it is
//! forgotten.

mod clusters;
mod colors;
mod deploy;
mod error;
mod hooks;
mod look;
mod made;
mod objects;
mod records;
mod releases;
mod remove;
mod rollback;
mod switch;
mod trial;
mod work;

pub use clusters::Clusters;
pub use error::DeployError;
pub use records::{find, histories, history};
pub use releases::{Charts, Rules};
pub use rollback::{Order, Outcome, roll_back};
pub use trial::{Coming, Refusal, Trial, Tried};

use crate::provider::kube::Change;

/// What happens while a release is worked on, for whoever watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// An object was applied.
    Applied {
        /// The object.
        object: String,
        /// What that did.
        change: Change,
    },
    /// An object is ready.
    Ready(String),
    /// An object that the release no longer has was deleted.
    Pruned(String),
    /// An object that the release no longer has stays, because it asks for that.
    Kept(String),
    /// A hook ran.
    Hook(String),
}
