//! Objects of releases that Kubernetes would refuse.

use std::collections::{BTreeMap, BTreeSet};

use super::rendering::Rendering;
use crate::chart::api::{Finding, Schemas, check, learn};
use crate::model::{Address, Text};

/// What was found in the objects of releases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Misfits {
    /// What Kubernetes would refuse, by release.
    pub found: Vec<(Address, Finding)>,
    /// Kinds of others whose definitions are in no release: their objects were not judged.
    pub unjudged: BTreeSet<String>,
}

/// Holds the objects of those releases that are `written` against the schemas of a Kubernetes (`1.33`), and against those of
/// the kinds that any of the releases defines. Nothing is found for a Kubernetes that is newer than the schemas.
pub fn misfits(
    renderings: &BTreeMap<Address, Rendering>,
    kubernetes: &str,
    written: &dyn Fn(&Address) -> bool,
) -> Misfits {
    if !Schemas::know(kubernetes) {
        return Misfits::default();
    }
    let mut schemas = Schemas::default();
    for rendering in renderings.values() {
        learn(&rendering.rendered, &mut schemas);
    }
    let is_open = |text: &str| !Text::new(text).is_resolved();
    let mut misfits = Misfits::default();
    for (address, rendering) in renderings.iter().filter(|(address, _)| written(address)) {
        let checked = check(&rendering.rendered, &mut schemas, &is_open);
        misfits.found.extend(checked.findings.into_iter().map(|finding| (address.clone(), finding)));
        misfits.unjudged.extend(checked.unjudged);
    }
    misfits
}
