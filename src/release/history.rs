//! What the recorded revisions of a release mean for the next one.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::revision::{APPLY_METHOD, Revision, Status};

/// A rollback that cannot be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// Nothing is recorded.
    #[error("no revision of {0} is recorded")]
    NoRelease(String),
    /// That one is not recorded.
    #[error("{release} has no revision {revision}; it has {}", list(known))]
    NoRevision {
        /// The release.
        release: String,
        /// What was asked for.
        revision: u64,
        /// What there is.
        known: Vec<u64>,
    },
    /// There is no earlier one that ever stood.
    #[error("no revision of {0} before the last one ever stood")]
    NothingBefore(String),
}

fn list(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

/// The revision that rolls a release back: a new one, pending, with the objects of an earlier one; and the number of
/// that. Without `to`, the newest before the last that stood; or, when the last is a rollback that was cut, where that one
/// led.
///
/// # Errors
/// When there is nothing to roll back to.
pub fn rollback(
    release: &str,
    history: &[Revision],
    to: Option<u64>,
    at: Timestamp,
) -> Result<(Revision, u64), HistoryError> {
    let last = history.iter().max_by_key(|revision| revision.number());
    let last = last.ok_or_else(|| HistoryError::NoRelease(release.to_owned()))?;
    let target = match to {
        Some(number) => history.iter().find(|revision| revision.number() == number).ok_or_else(|| {
            let mut known: Vec<u64> = history.iter().map(Revision::number).collect();
            known.sort_unstable();
            HistoryError::NoRevision { release: release.to_owned(), revision: number, known }
        })?,
        None => {
            let stood =
                history.iter().filter(|revision| revision.number() < last.number() && has_stood(revision));
            stood
                .max_by_key(|revision| (leads_to(last) == Some(revision.number()), revision.number()))
                .ok_or_else(|| HistoryError::NothingBefore(release.to_owned()))?
        }
    };
    let mut document = target.document.clone();
    document["version"] = json!(last.number() + 1);
    document["namespace"] = json!(last.namespace());
    document["apply_method"] = json!(APPLY_METHOD);
    let mut info = json!({
        "last_deployed": at.to_string(),
        "description": format!("Rollback to {}", target.number()),
        "status": Status::PendingRollback.name(),
    });
    for (key, from) in [("first_deployed", last), ("notes", target)] {
        let value = &from.document["info"][key];
        if *value != Value::Null {
            info[key] = value.clone();
        }
    }
    document["info"] = info;
    Ok((Revision { document, labels: target.labels.clone() }, target.number()))
}

/// Where a rollback that is pending leads; its description says so, as of Helm's.
fn leads_to(revision: &Revision) -> Option<u64> {
    let told = revision.description().strip_prefix("Rollback to ");
    told.filter(|_| revision.status() == Status::PendingRollback)?.parse().ok()
}

fn has_stood(revision: &Revision) -> bool {
    matches!(revision.status(), Status::Deployed | Status::Superseded)
}

/// The revision that stood last: the one that is deployed, or else, where a deploy was cut between the words for the old
/// one and for its own, the newest that was.
pub fn stood_last(history: &[Revision]) -> Option<&Revision> {
    let deployed = |revision: &&Revision| revision.status() == Status::Deployed;
    let newest = |revision: &&Revision| revision.number();
    let last = history.iter().filter(deployed).max_by_key(newest);
    last.or_else(|| history.iter().filter(|revision| has_stood(revision)).max_by_key(newest))
}

/// The revisions whose objects may stand: the last that was deployed, and whatever was tried after it.
pub fn standing(history: &[Revision]) -> Vec<&Revision> {
    let deployed = history.iter().filter(|revision| revision.status() == Status::Deployed);
    let since = deployed.map(Revision::number).max().unwrap_or_default();
    let standing = |revision: &&Revision| {
        revision.number() >= since && !matches!(revision.status(), Status::Uninstalled)
    };
    history.iter().filter(standing).collect()
}

/// The numbers of the revisions to drop, oldest first, so that `keep` are left with the one that is about to be
/// recorded. What stands is never dropped.
pub fn excess(history: &[Revision], keep: usize) -> Vec<u64> {
    let standing: Vec<u64> = standing(history).iter().map(|revision| revision.number()).collect();
    let mut numbers: Vec<u64> = history.iter().map(Revision::number).collect();
    numbers.sort_unstable();
    let surplus = numbers.len().saturating_sub(keep.saturating_sub(1));
    numbers.into_iter().filter(|number| !standing.contains(number)).take(surplus).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn history(statuses: &[Status]) -> Vec<Revision> {
        let revision = |(at, status): (usize, &Status)| {
            let number = at as u64 + 1;
            let info = json!({"first_deployed": "first", "notes": format!("notes {number}"),
                "last_deployed": "then", "status": status.name(), "description": "x", "deleted": ""});
            let document = json!({"name": "web", "namespace": "frontend", "version": number, "info": info,
                "manifest": format!("m{number}"), "config": {"number": number}});
            Revision { document, labels: BTreeMap::new() }
        };
        statuses.iter().enumerate().map(revision).collect()
    }

    #[test]
    fn a_rollback_is_a_new_revision_with_the_objects_of_an_old_one() {
        use Status::{Deployed, Failed, Superseded};
        let at: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let history = self::history(&[Superseded, Superseded, Deployed, Failed]);
        let (new, from) = rollback("web", &history, Some(1), at).unwrap();
        assert_eq!((new.number(), from, new.manifest(), new.status()), (5, 1, "m1", Status::PendingRollback));
        assert_eq!((new.first_deployed(), new.last_deployed()), ("first", "2026-01-02T03:04:05Z"));
        assert_eq!(new.description(), "Rollback to 1");
        assert_eq!(new.document["info"]["notes"], "notes 1");
        assert_eq!(new.document["config"], json!({"number": 1}));
        // A failed upgrade is rolled back to what stood before it.
        assert_eq!(rollback("web", &history, None, at).unwrap().1, 3);
        assert_eq!(rollback("web", &history[..3], None, at).unwrap().1, 2);
        // One that was cut is gone on with, and not turned back.
        let mut cut = self::history(&[Superseded, Superseded, Deployed, Status::PendingRollback]);
        cut[3].document["info"]["description"] = json!("Rollback to 1");
        assert_eq!(rollback("web", &cut, None, at).unwrap().1, 1);
        let missing = rollback("web", &history, Some(9), at).unwrap_err();
        assert_eq!(missing.to_string(), "web has no revision 9; it has 1, 2, 3, 4");
        assert!(matches!(rollback("web", &history[..1], None, at), Err(HistoryError::NothingBefore(_))));
        assert!(matches!(rollback("web", &[], None, at), Err(HistoryError::NoRelease(_))));
    }

    #[test]
    fn what_stands_is_known_and_never_dropped() {
        use Status::{Deployed, Failed, PendingUpgrade, Superseded, Uninstalled};
        let last = |statuses: &[Status]| stood_last(&history(statuses)).map(Revision::number);
        assert_eq!(last(&[Superseded, Deployed, Failed, PendingUpgrade]), Some(2));
        assert_eq!(last(&[Superseded, Superseded, Failed, PendingUpgrade]), Some(2));
        assert_eq!(last(&[Failed, PendingUpgrade]), None);
        let numbers = |history: &[Revision]| -> Vec<u64> {
            standing(history).iter().map(|revision| revision.number()).collect()
        };
        let tried = history(&[Superseded, Deployed, Failed, PendingUpgrade]);
        assert_eq!(numbers(&tried), [2, 3, 4]);
        assert_eq!(numbers(&history(&[Failed, PendingUpgrade])), [1, 2]);
        assert_eq!(numbers(&history(&[Superseded, Uninstalled])), [1]);
        assert_eq!(excess(&tried, 3), [1]);
        assert_eq!(excess(&tried, 1), [1]);
        assert_eq!(excess(&tried, 5), [] as [u64; 0]);
        let many = history(&[Superseded, Superseded, Superseded, Superseded, Deployed]);
        assert_eq!(excess(&many, 3), [1, 2, 3]);
    }
}
