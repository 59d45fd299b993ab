//! Bringing what is there into a form that can be compared with what is wanted.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::step::PlannedChange;
use crate::model::{Change, Document, Kind, Known, Origin, Spec, Target, Text, Visitor};
use crate::state::Record;

/// A live spec made comparable: ids of ours become references, what has no order gets one, tags that others put
/// there are taken out, and what the cloud cannot tell is as it was recorded.
pub fn comparable(live: &Spec, want: Option<&Spec>, record: Option<&Record>, known: &Known) -> Spec {
    let mut live = ours(live, want, record);
    known.relink(&mut live);
    live.sort_sets();
    if let Some(record) = record.filter(|record| record.is_settled()) {
        live.recall(&record.spec);
    }
    live
}

/// A live spec without the tags of others.
///
/// A tag is ours when we want it or once set it; AWS services and companies' own tools tag resources too, and
/// those tags are left alone.
fn ours(live: &Spec, want: Option<&Spec>, record: Option<&Record>) -> Spec {
    let mut live = live.clone();
    if let Some(tags) = live.tags_mut() {
        let recorded = record.into_iter().flat_map(|r| std::iter::once(&r.spec).chain(&r.intended));
        let ours: BTreeSet<&str> = want
            .into_iter()
            .chain(recorded)
            .filter_map(Spec::tags)
            .flat_map(|tags| tags.keys().map(String::as_str))
            .collect();
        tags.retain(|key, _| ours.contains(key.as_str()));
    }
    live
}

/// A digest of a live spec, of all but the tags of others. Ids stay ids in it: which of them are ours changes while
/// a plan is carried out, and is no change of the resource. Documents count by their meaning, sets in any order.
pub fn fingerprint(live: &Spec, want: Option<&Spec>, record: Option<&Record>) -> String {
    struct ByMeaning;
    impl Visitor for ByMeaning {
        fn target(&mut self, _: Kind, _: &mut Target) {}
        fn text(&mut self, _: &mut Text) {}
        fn document(&mut self, document: &mut Document) {
            *document = document.canonical();
        }
    }
    let mut live = ours(live, want, record);
    live.sort_sets();
    live.visit(&mut ByMeaning);
    let json = serde_json::to_vec(&live).expect("a spec holds nothing that JSON cannot");
    Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Tells for each change whether the configuration changed or reality did.
pub(super) fn origins(
    changes: Vec<Change>,
    want: &Spec,
    record: Option<&Record>,
    replaced: &dyn Fn(&Change) -> bool,
) -> Vec<PlannedChange> {
    let configured: BTreeMap<String, Change> = record
        .and_then(|record| want.changes(&record.spec))
        .into_iter()
        .flatten()
        .map(|change| (change.field.clone(), change))
        .collect();
    let origin = |change: &Change| {
        if replaced(change) {
            Origin::Replacement
        } else if record.is_none() || configured.contains_key(&change.field) {
            Origin::Configuration
        } else {
            Origin::Drift
        }
    };
    changes.into_iter().map(|change| PlannedChange { origin: origin(&change), change }).collect()
}
