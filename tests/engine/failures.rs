//! What stops, what goes on, and what is told.

use std::sync::Arc;

use platctl::apply::{Cancel, Event, Events, Level, Run, StepError, Writer};
use platctl::plan::Purpose;
use platctl::provider::Class;
use platctl::provider::fake::{Fake, Fault};

use tokio::sync::Notify;

use crate::support::{Disk, address, network, planned, settings, verb, world};

#[tokio::test]
async fn a_failure_blocks_what_is_behind_it_and_nothing_else() {
    let (fake, mut disk) = (Fake::default(), Disk::default());
    let failing = address("nat_gateway.main");
    fake.script(move |_, call| match call.address == failing {
        true => Fault::Refuse(Class::Quota),
        false => Fault::None,
    });
    let outcome = verb(&fake, &mut disk, &network(), Purpose::Up).await.unwrap();
    let [failure] = outcome.report.failed.as_slice() else { panic!("{:?}", outcome.report.failed) };
    assert_eq!(failure.error.class(), Some(Class::Quota));
    let blocked: Vec<String> =
        failure.blocked.iter().map(|&step| outcome.plan.steps[step].address.to_string()).collect();
    assert_eq!(blocked, ["route_table.private"]);
    assert_eq!(outcome.report.done.len(), 7);
    let report = &outcome.report;
    assert!(report.done.iter().all(|ended| ended.took <= ended.at && ended.at <= report.took), "{report:?}");
    assert!(report.done.is_sorted_by_key(|ended| ended.at) && !report.took.is_zero(), "{report:?}");
}

#[tokio::test]
async fn what_changed_since_the_plan_is_not_touched() {
    let (fake, mut disk) = (Fake::default(), Disk::default());
    verb(&fake, &mut disk, &network(), Purpose::Up).await.unwrap();
    let subnet = address("subnet.public");
    let untagged = |spec: &mut platctl::model::Spec| {
        spec.tags_mut().unwrap().remove("Name");
    };
    fake.meddle(&subnet, untagged);
    let mut state = disk.load();
    let plan = planned(&fake, &state, &network(), Purpose::Up).await.unwrap();
    fake.meddle(&subnet, |spec| {
        spec.tags_mut().unwrap().insert("Name".to_owned(), "meanwhile".to_owned());
    });
    let settings = settings();
    let mut writer = Writer::new(&mut disk, &mut state, "run", settings.clock.clone());
    let (_level, cancel) = Cancel::channel();
    let before = fake.calls().len();
    let provider = Arc::new(fake.clone());
    let run = Run { plan: &plan, provider, events: Events::nobody(), cancel, settings };
    let report = run.apply(&mut writer).await;
    assert!(matches!(report.failed.as_slice(), [failure] if matches!(failure.error, StepError::Stale)));
    assert_eq!(fake.calls().len(), before);
}

#[tokio::test]
async fn a_stop_lets_what_runs_end_and_starts_nothing_more() {
    let (fake, mut disk) = (Fake::default(), Disk::default());
    let mut state = disk.load();
    let plan = planned(&fake, &state, &network(), Purpose::Up).await.unwrap();
    let settings = settings();
    let (events, mut heard) = Events::channel();
    let (level, cancel) = Cancel::channel();
    let provider = Arc::new(fake.clone());
    let run = Run { plan: &plan, provider, events, cancel, settings: settings.clone() };
    let listener = tokio::spawn(async move {
        let mut told = Vec::new();
        while let Some(event) = heard.recv().await {
            if told.is_empty() {
                level.send_replace(Level::Stop);
            }
            told.push(event);
        }
        told
    });
    let mut writer = Writer::new(&mut disk, &mut state, "run", settings.clock.clone());
    let report = run.apply(&mut writer).await;
    let told = listener.await.unwrap();
    assert!(told.iter().any(|event| matches!(event, Event::Stopping { .. })));
    assert!(report.failed.is_empty() && !report.left.is_empty() && !report.done.is_empty());
    assert_eq!(report.left.len() + report.done.len(), plan.steps.len());
    assert!(verb(&fake, &mut disk, &network(), Purpose::Up).await.unwrap().report.is_complete());
    assert_eq!(fake.inventory(), world(&network()));
}

#[tokio::test]
async fn an_abort_ends_at_once_and_the_next_run_ends_the_work() {
    let (fake, mut disk) = (Fake::default(), Disk::default());
    fake.script(|number, _| if number == 3 { Fault::DieAfter } else { Fault::None });
    let mut state = disk.load();
    let plan = planned(&fake, &state, &network(), Purpose::Up).await.unwrap();
    let settings = settings();
    let (level, cancel) = Cancel::channel();
    let provider = Arc::new(fake.clone());
    let run = Run { plan: &plan, provider, events: Events::nobody(), cancel, settings: settings.clone() };
    let crash = Arc::new(Notify::new());
    fake.on_crash(Arc::clone(&crash));
    let asked = tokio::spawn(async move {
        crash.notified().await;
        level.send_replace(Level::Stop);
        tokio::task::yield_now().await;
        level.send_replace(Level::Abort);
    });
    let mut writer = Writer::new(&mut disk, &mut state, "run", settings.clock.clone());
    let report = run.apply(&mut writer).await;
    asked.await.unwrap();
    assert!(!report.aborted.is_empty(), "{report:?}");
    fake.script(|_, _| Fault::None);
    assert!(verb(&fake, &mut disk, &network(), Purpose::Up).await.unwrap().report.is_complete());
    assert_eq!(fake.inventory(), world(&network()));
}
