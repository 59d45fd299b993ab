//! What a look at the cloud found.

use super::{CloudId, Outputs, Spec};

/// What a look found.
#[derive(Clone, Debug, PartialEq)]
pub enum Observed {
    /// Not there.
    Absent,
    /// Still there, on its way out; why or what it waits for.
    Leaving(String),
    /// There.
    Present(Box<Live>),
}

/// A resource as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// Its id.
    pub id: CloudId,
    /// Reality in the terms of a spec. References are external (ids, ARNs): the engine turns those that are
    /// ours into managed ones. Fields that the cloud cannot tell (write-only, order-only) hold what the look's
    /// spec holds.
    pub spec: Spec,
    /// Its outputs.
    pub outputs: Outputs,
    /// Whether it can be used.
    pub readiness: Readiness,
}

/// Whether a resource can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Yes.
    Ready,
    /// Not yet; what it is doing, in the service's word (`CREATING`).
    Pending(String),
    /// Never: only a new one helps; why, in the service's words.
    Failed(String),
}
