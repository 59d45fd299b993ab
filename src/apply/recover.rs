//! Resolving creates that were announced and whose outcome a crash kept from the journal.

use std::time::Duration;

use super::clock::Clock;
use super::error::StepError;
use super::observe::observe_one;
use super::scribe::Writer;
use super::wait::{Ended, Look, Pace, until};
use crate::model::{Address, Observed, Recovery, Spec};
use crate::provider::{Class, Observe};
use crate::state::store::Journal;
use crate::state::{Done, Entry, Status};

/// Looks for what every open create may have made, and writes down what is found. `wanted` tells what the
/// coming plan will make (again).
///
/// - Found by tag, name or relation: it was made; its id is recorded.
/// - Not found, and its service remembers tokens, and it is still wanted: the open intent stays, and the plan's
///   create replays the call with the same token.
/// - Not found otherwise: looked for again until `window` after the intent has passed, since a new resource may
///   take a while to be listed; then it was not made, and the record is dropped.
///
/// # Errors
/// When a look fails or the journal cannot be written.
pub async fn recover<O: Observe, J: Journal>(
    provider: &O,
    writer: &mut Writer<'_, J>,
    wanted: &dyn Fn(&Address) -> bool,
    window: Duration,
    clock: &Clock,
) -> Result<Vec<(Address, bool)>, StepError> {
    let open: Vec<(Address, Spec, jiff::Timestamp)> = writer
        .state()
        .resources
        .iter()
        .filter_map(|(address, status)| match status {
            Status::Creating { spec, since, .. } => Some((address.clone(), spec.clone(), *since)),
            Status::Present(_) => None,
        })
        .collect();
    let mut resolved = Vec::new();
    for (address, mut spec, since) in open {
        let known = writer.known();
        known.fill(&mut spec);
        let replayable = address.kind.recovery() == Recovery::Token && wanted(&address);
        let age = Duration::try_from(clock.of_day().duration_since(since)).unwrap_or_default();
        let unlisted = address.kind.recovery() != Recovery::Edge && !replayable;
        let timeout = if unlisted { window.saturating_sub(age) } else { Duration::ZERO };
        let pace = Pace { interval: Duration::from_secs(2), timeout };
        let look = async || match observe_one(provider, &address, None, &spec, &known).await? {
            Observed::Present(live) => Ok(Look::Done(Some(live.id))),
            Observed::Leaving(_) => Ok(Look::Done(None)),
            Observed::Absent => Ok(Look::Again("not listed".to_owned())),
        };
        let found = match until(clock, pace, look, |_| {}).await {
            Ok(found) => found,
            Err(Ended::TimedOut(..)) => None,
            Err(Ended::Error(error)) => return Err(StepError::Call(error)),
        };
        let done = match found {
            Some(id) => Done::Created { id },
            None if replayable => continue,
            None => Done::Forgotten,
        };
        resolved.push((address.clone(), matches!(done, Done::Created { .. })));
        writer.write(&address, Entry::Done(done)).await?;
    }
    Ok(resolved)
}

/// True for errors after which it is not known whether a create took effect.
pub(super) fn leaves_open(class: Class) -> bool {
    class == Class::Unanswered
}
