//! The crash matrix: every call and every write of the journal, killed at each of its moments.

use std::sync::Arc;

use platctl::model::Desired;
use platctl::plan::Purpose;
use platctl::provider::Class;
use platctl::provider::fake::{Fake, Fault};
use tokio::sync::Notify;

use crate::support::{Death, Disk, network, planned, verb, world};

/// Runs a verb that is expected to die, or not.
async fn run_until_crash(
    fake: &Fake,
    disk: &mut Disk,
    desired: &Desired,
    purpose: Purpose,
    crash: &Notify,
) -> bool {
    tokio::select! {
        biased;
        () = crash.notified() => true,
        _outcome = verb(fake, disk, desired, purpose) => false,
    }
}

/// After a crash: the same verb again ends in the same world, with no twin, and nothing left to do.
async fn rerun(fake: &Fake, disk: &mut Disk, desired: &Desired, purpose: Purpose, point: &str) {
    fake.script(|_, _| Fault::None);
    disk.dies = None;
    let outcome = verb(fake, disk, desired, purpose).await.unwrap();
    let failed: Vec<String> = outcome.report.failed.iter().map(|f| format!("{:?}", f.error)).collect();
    assert!(outcome.report.is_complete(), "{point}: {failed:?}");
    let expected = if purpose == Purpose::Up { world(desired) } else { world(&Desired::default()) };
    assert_eq!(fake.inventory(), expected, "{point}");
    let again = planned(fake, &disk.load(), desired, purpose).await.unwrap();
    assert!(again.is_empty(), "{point}: {:?}", again.steps);
}

/// A world to start from, and how many calls and writes the verb takes in it.
async fn start(purpose: Purpose) -> (Fake, Disk) {
    let (fake, mut disk) = (Fake::default(), Disk::default());
    if purpose == Purpose::Destroy {
        assert!(verb(&fake, &mut disk, &network(), Purpose::Up).await.unwrap().report.is_complete());
    }
    (fake, disk)
}

/// An `up` that dies right after a call took effect; `None` when it makes fewer calls.
async fn killed_after(at: usize) -> Option<(Fake, Disk, Arc<Notify>)> {
    let (fake, mut disk) = start(Purpose::Up).await;
    let crash = Arc::new(Notify::new());
    fake.on_crash(Arc::clone(&crash));
    fake.script(move |number, _| if number == at { Fault::DieAfter } else { Fault::None });
    run_until_crash(&fake, &mut disk, &network(), Purpose::Up, &crash).await.then_some((fake, disk, crash))
}

async fn killed_at_every_call(purpose: Purpose) -> usize {
    let mut points = 0;
    for fault in [Fault::DieBefore, Fault::DieAfter] {
        for at in 0.. {
            let (fake, mut disk) = start(purpose).await;
            let crash = Arc::new(Notify::new());
            fake.on_crash(Arc::clone(&crash));
            let first = fake.calls().len();
            fake.script(move |number, _| if number == first + at { fault } else { Fault::None });
            if !run_until_crash(&fake, &mut disk, &network(), purpose, &crash).await {
                break;
            }
            points += 1;
            rerun(&fake, &mut disk, &network(), purpose, &format!("{purpose:?} {fault:?} call {at}")).await;
        }
    }
    points
}

async fn killed_at_every_write(purpose: Purpose) -> usize {
    let mut points = 0;
    for death in [Death::Before, Death::Torn, Death::After] {
        for at in 0.. {
            let (fake, mut disk) = start(purpose).await;
            let crash = Arc::new(Notify::new());
            let first = disk.writes.load(std::sync::atomic::Ordering::SeqCst);
            disk.dies = Some((first + at, death, Arc::clone(&crash)));
            if !run_until_crash(&fake, &mut disk, &network(), purpose, &crash).await {
                break;
            }
            points += 1;
            rerun(&fake, &mut disk, &network(), purpose, &format!("{purpose:?} {death:?} write {at}")).await;
        }
    }
    points
}

#[tokio::test]
async fn killed_at_every_call_the_rerun_ends_in_the_same_world() {
    let up = killed_at_every_call(Purpose::Up).await;
    let destroy = killed_at_every_call(Purpose::Destroy).await;
    println!("{up} points of up, {destroy} points of destroy");
    assert!(up >= 2 * 9 && destroy >= 2 * 9);
}

#[tokio::test]
async fn killed_at_every_write_the_rerun_ends_in_the_same_world() {
    let up = killed_at_every_write(Purpose::Up).await;
    let destroy = killed_at_every_write(Purpose::Destroy).await;
    println!("{up} points of up, {destroy} points of destroy");
    assert!(up >= 3 * 7 && destroy >= 3 * 7);
}

/// Killed right after a call took effect, and what it made is removed by somebody before the next run: its token then
/// stands for something that is gone.
#[tokio::test]
async fn what_a_killed_run_made_may_be_gone_before_the_next_one() {
    for at in 0.. {
        let Some((fake, mut disk, _crash)) = killed_after(at).await else {
            assert!(at >= 9, "only {at} calls");
            break;
        };
        let made = fake.calls()[at].address.clone();
        assert!(fake.remove(&made), "{made} is not there");
        rerun(&fake, &mut disk, &network(), Purpose::Up, &format!("{made} removed after call {at}")).await;
    }
}

/// A tag that a killed run set, wanted no more, and the call that takes it away is lost: it is ours still.
#[tokio::test]
async fn what_a_killed_run_set_is_taken_away_after_another_failure_too() {
    let (fake, mut disk) = start(Purpose::Destroy).await;
    let mut tagged = network();
    for spec in tagged.resources.values_mut() {
        spec.tags_mut().unwrap().insert("team".to_owned(), "a".to_owned());
    }
    for (desired, fault) in [(&tagged, Fault::DieAfter), (&network(), Fault::LoseCall)] {
        let crash = Arc::new(Notify::new());
        fake.on_crash(Arc::clone(&crash));
        let first = fake.calls().len();
        fake.script(move |number, _| if number == first { fault } else { Fault::None });
        run_until_crash(&fake, &mut disk, desired, Purpose::Up, &crash).await;
    }
    rerun(&fake, &mut disk, &network(), Purpose::Up, "a tag set, then lost").await;
}

/// Every call once without an answer, with and without effect: the same run finds out and goes on, or the next
/// one does.
#[tokio::test]
async fn every_lost_answer_is_found_out() {
    for purpose in [Purpose::Up, Purpose::Destroy] {
        for fault in [Fault::LoseAnswer, Fault::LoseCall] {
            for at in 0.. {
                let (fake, mut disk) = start(purpose).await;
                let first = fake.calls().len();
                fake.script(move |number, _| if number == first + at { fault } else { Fault::None });
                verb(&fake, &mut disk, &network(), purpose).await.unwrap();
                if fake.calls().len() <= first + at {
                    break;
                }
                rerun(&fake, &mut disk, &network(), purpose, &format!("{purpose:?} {fault:?} call {at}"))
                    .await;
            }
        }
    }
}

/// Every call refused once for each reason: what fails is told, the rest goes on, and the next run ends it.
#[tokio::test]
async fn every_refusal_is_made_good_by_the_next_run() {
    for class in [Class::Denied, Class::Quota, Class::Invalid, Class::Conflict, Class::Unavailable] {
        for at in 0.. {
            let (fake, mut disk) = start(Purpose::Up).await;
            fake.script(move |number, _| if number == at { Fault::Refuse(class) } else { Fault::None });
            let outcome = verb(&fake, &mut disk, &network(), Purpose::Up).await.unwrap();
            if fake.calls().len() <= at {
                break;
            }
            assert_eq!(outcome.report.failed.len(), 1, "{class:?} call {at}");
            assert!(outcome.report.left.is_empty());
            rerun(&fake, &mut disk, &network(), Purpose::Up, &format!("{class:?} call {at}")).await;
        }
    }
}

/// Dying twice, at every pair of a first call and the first call of the rerun.
#[tokio::test]
async fn dying_again_in_the_rerun_changes_nothing() {
    for at in 0.. {
        let Some((fake, mut disk, crash)) = killed_after(at).await else {
            assert!(at >= 9, "only {at} calls");
            break;
        };
        let again = fake.calls().len();
        fake.script(move |number, _| if number == again { Fault::DieAfter } else { Fault::None });
        run_until_crash(&fake, &mut disk, &network(), Purpose::Up, &crash).await;
        rerun(&fake, &mut disk, &network(), Purpose::Up, &format!("twice from call {at}")).await;
    }
}

/// A create that two runs made says nothing of how long one takes.
#[tokio::test]
async fn what_two_runs_did_is_not_measured() {
    let (fake, mut disk, _crash) = killed_after(0).await.unwrap();
    let begun = disk.load().resources;
    assert!(!begun.is_empty());
    rerun(&fake, &mut disk, &network(), Purpose::Up, "after the first create").await;
    let measured = disk.load().durations;
    for address in network().resources.keys() {
        assert_eq!(measured.contains_key(address), !begun.contains_key(address), "{address}");
    }
}
