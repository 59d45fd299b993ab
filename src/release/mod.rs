//! Releases: what a chart becomes in a cluster, in which order, and what is recorded of it.
//!
//! Pure: a chart is rendered (`rendering`) and taken apart into objects (`object`; `scope` knows which stand outside
//! namespaces), those are staged (`stage`), and a revision is recorded (`revision`, `compose`) in Helm 4's own
//! storage format (`storage`), so that `helm list`, `history`, `rollback` and `get` read our releases and we read
//! theirs. `history` decides what a rollback makes, what may still stand of earlier revisions, and which of them are
//! dropped; `recolor` gives a recorded revision in its other colour; `misfit` finds what Kubernetes would refuse. Who
//! may use it: `cli`. It uses `model`, `chart` and `config`, and knows no cluster: applying, waiting and reading
//! Secrets are `provider::kube`'s.
//!
//! Laws: whatever Helm stored is given back whole when only its status changes; nothing that is over the size that a
//! Secret may have is ever applied.

mod builtin;
mod compare;
mod complete;
mod compose;
mod history;
mod misfit;
mod object;
mod recolor;
mod rendering;
mod revision;
mod scope;
mod stage;
mod storage;

pub use crate::chart::manifest::HookEvent;
pub use builtin::Builtin;
pub use compare::{has_all_of, merged, restate, seen_as};
pub use complete::{CompleteError, Completed, complete};
pub use compose::{Composition, compose};
pub use history::{HistoryError, excess, rollback, standing, stood_last};
pub use misfit::{Misfits, misfits};
pub use object::{Key, ManifestError, Object, objects};
pub use recolor::in_color;
pub use rendering::{Rendering, RenderingError, Subject, has_stand_in, render, render_on};
pub use revision::{Hook, Revision, Status};
pub use stage::{Stage, staged};
pub use storage::{LIMIT, SECRET_TYPE, Stamp, StorageError, read, secret};
