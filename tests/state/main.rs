//! The store on disk: torn and damaged journals, locks, snapshots.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod laws;
mod rules;

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use platctl::model::ec2::{Vpc, VpcOutputs};
use platctl::model::{Action, Address, Name, Outputs, Spec, Tags};
use platctl::state::store::{Error, Journal, LocalSession, LocalStore, Owner};
use platctl::state::{Done, Durations, Entry, Intent, Line, Measured, State};
use sha2::{Digest, Sha256};

fn owner(host: &str) -> Owner {
    let (user, host, command) = ("ana".to_owned(), host.to_owned(), "platctl up dev".to_owned());
    Owner { user, host, pid: 1, since: Timestamp::UNIX_EPOCH, command }
}

fn spec() -> Spec {
    let cidr = "10.0.0.0/16".parse().unwrap();
    Vpc { cidr, dns_support: true, dns_hostnames: true, tags: Tags::new() }.into()
}

fn address(name: &str) -> Address {
    format!("vpc.{name}").parse().unwrap()
}

fn line(state: &State, name: &str, entry: Entry) -> Line {
    let (serial, at, run) = (state.serial + 1, Timestamp::UNIX_EPOCH, "run".to_owned());
    Line { serial, at, run, address: address(name), entry, took_ms: None }
}

/// Writes the entries of a VPC that was made and finished.
async fn make(session: &mut LocalSession, state: &mut State, name: &str) {
    let create = Intent::Create { token: "t".to_owned(), spec: spec() };
    let outputs = Outputs::Vpc(VpcOutputs { arn: "arn".to_owned() });
    let done = [Done::Created { id: "vpc-1".into() }, Done::Converged { outputs }];
    for entry in std::iter::once(Entry::Intent(create)).chain(done.map(Entry::Done)) {
        let line = line(state, name, entry);
        state.fold(&line).unwrap();
        session.append(&[line]).await.unwrap();
    }
}

async fn filled(root: &Path) -> (LocalStore, State) {
    let store = LocalStore::new(root, "dev");
    let (mut session, loaded) = store.lock(&owner("here"), "lineage").unwrap();
    let mut state = loaded.state;
    make(&mut session, &mut state, "main").await;
    (store, state)
}

#[tokio::test]
async fn what_was_written_is_read_back_and_nothing_is_made_by_reading() {
    let root = tempfile::tempdir().unwrap();
    let store = LocalStore::new(root.path(), "dev");
    assert_eq!(store.load("lineage").unwrap().state, State::new("lineage"));
    assert!(!store.folder().exists());
    let (store, state) = filled(root.path()).await;
    let loaded = store.load("another lineage").unwrap();
    assert_eq!((loaded.state, loaded.torn), (state, 0));
}

#[tokio::test]
async fn a_journal_cut_anywhere_folds_to_a_prefix_or_is_refused_whole() {
    let root = tempfile::tempdir().unwrap();
    let (store, state) = filled(root.path()).await;
    let path = store.folder().join("journal.jsonl");
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let loaded = store.load("lineage").unwrap();
        let lines = whole[..length].iter().filter(|b| **b == b'\n').count().saturating_sub(1);
        assert_eq!(loaded.state.serial, lines as u64, "cut at {length}");
        assert_eq!(loaded.torn > 0, whole[..length].last().is_some_and(|b| *b != b'\n'));
        // The next holder of the lock cuts the torn line off and can go on.
        let (mut session, loaded) = store.lock(&owner("here"), "lineage").unwrap();
        let mut state = loaded.state;
        make(&mut session, &mut state, "other").await;
        drop(session);
        assert_eq!(store.load("lineage").unwrap().state, state, "cut at {length}");
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(store.load("lineage").unwrap().state, state);
}

#[tokio::test]
async fn a_changed_byte_is_never_taken_for_truth() {
    let root = tempfile::tempdir().unwrap();
    let (store, state) = filled(root.path()).await;
    let path = store.folder().join("journal.jsonl");
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&path, &bytes).unwrap();
        match store.load("lineage") {
            // Without its newline the last line looks as if a crash had cut it: it counts as not written.
            Ok(loaded) => assert_eq!((at, loaded.state.serial), (whole.len() - 1, state.serial - 1)),
            Err(Error::Corrupt { .. }) => assert!(at < whole.len() - 1, "byte {at}"),
            Err(other) => panic!("byte {at}: {other}"),
        }
    }
}

#[tokio::test]
async fn a_lock_that_lives_is_respected_and_a_dead_one_of_this_host_freed() {
    let root = tempfile::tempdir().unwrap();
    let store = LocalStore::new(root.path(), "dev");
    let (session, _) = store.lock(&owner("here"), "lineage").unwrap();
    let Err(Error::Locked { owner: held, .. }) = store.lock(&owner("here"), "lineage") else {
        panic!("not locked")
    };
    assert_eq!(held.to_string(), "ana@here, process 1, since 1970-01-01T00:00:00Z: platctl up dev");
    drop(session);
    let (session, _) = store.lock(&owner("here"), "lineage").unwrap();
    assert!(session.freed().is_none());
    drop(session);
    // As a killed process leaves it: the system has freed the lock, the owner's words are still there.
    fs::write(store.folder().join("lock"), serde_json::to_vec(&owner("here")).unwrap()).unwrap();
    let (session, _) = store.lock(&owner("here"), "lineage").unwrap();
    assert_eq!(session.freed(), Some(&owner("here")));
    drop(session);
    fs::write(store.folder().join("lock"), serde_json::to_vec(&owner("elsewhere")).unwrap()).unwrap();
    assert!(matches!(store.lock(&owner("here"), "lineage"), Err(Error::Locked { .. })));
    store.unlock().unwrap();
    assert!(store.lock(&owner("here"), "lineage").is_ok());
}

#[tokio::test]
async fn a_snapshot_takes_the_place_of_the_journal_whenever_it_is_cut() {
    let root = tempfile::tempdir().unwrap();
    let (store, mut state) = filled(root.path()).await;
    let path = store.folder().join("journal.jsonl");
    let old_journal = fs::read(&path).unwrap();
    let (mut session, _) = store.lock(&owner("here"), "lineage").unwrap();
    session.compact(&state).await.unwrap();
    assert_eq!(store.load("lineage").unwrap().state, state);
    assert!(store.folder().join("backups/journal-0000000003.jsonl").exists());
    // Cut between the new snapshot and the new journal: the old lines are in the snapshot already.
    fs::write(&path, &old_journal).unwrap();
    assert_eq!(store.load("lineage").unwrap().state, state);
    fs::write(&path, b"").unwrap();
    assert_eq!(store.load("lineage").unwrap().state, state);
    make(&mut session, &mut state, "second").await;
    assert_eq!(state.resources.len(), 2);
}

#[tokio::test]
async fn what_follows_a_snapshot_is_read_too_and_some_old_journals_are_kept() {
    let root = tempfile::tempdir().unwrap();
    let (store, mut state) = filled(root.path()).await;
    let (mut session, _) = store.lock(&owner("here"), "lineage").unwrap();
    for number in 0..22 {
        session.compact(&state).await.unwrap();
        make(&mut session, &mut state, &format!("after-{number}")).await;
        assert_eq!(store.load("lineage").unwrap().state, state);
    }
    let kept = fs::read_dir(store.folder().join("backups")).unwrap();
    let mut kept: Vec<_> = kept.map(|kept| kept.unwrap().file_name().into_string().unwrap()).collect();
    kept.sort();
    let wanted: Vec<_> = (2..22).map(|number| format!("journal-{:010}.jsonl", 3 + 3 * number)).collect();
    assert_eq!(kept, wanted);
}

#[tokio::test]
async fn who_holds_a_lock_is_told_and_what_cannot_be_read_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let store = LocalStore::new(root.path(), "dev");
    assert_eq!(store.owner().unwrap(), None);
    store.unlock().unwrap();
    let (session, _) = store.lock(&owner("here"), "lineage").unwrap();
    assert_eq!(store.owner().unwrap(), Some(owner("here")));
    drop(session);
    assert_eq!(store.owner().unwrap(), None);
    store.unlock().unwrap();
    assert!(!store.folder().join("lock").exists());
    // A folder is no lock and no journal.
    for name in ["lock", "journal.jsonl"] {
        let path = store.folder().join(name);
        drop(fs::remove_file(&path));
        fs::create_dir(&path).unwrap();
    }
    let said = |error: Error| error.to_string();
    assert!(said(store.unlock().unwrap_err()).contains("cannot remove"));
    assert!(said(store.load("lineage").unwrap_err()).contains("cannot read"));
    fs::remove_dir_all(store.folder()).unwrap();
    fs::write(store.folder(), "a file where the folder would be").unwrap();
    assert!(said(store.owner().unwrap_err()).contains("cannot open the lock"));
}

#[tokio::test]
async fn damage_is_told_by_its_line_and_a_newer_journal_by_its_version() {
    let root = tempfile::tempdir().unwrap();
    let (store, _) = filled(root.path()).await;
    let path = store.folder().join("journal.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    for damaged in 0..lines.len() {
        let spoiled = |(at, line): (usize, &&str)| {
            if at == damaged { line.replace(' ', "_") } else { (*line).to_owned() }
        };
        fs::write(&path, lines.iter().enumerate().map(spoiled).collect::<String>()).unwrap();
        let Err(Error::Corrupt { line, .. }) = store.load("lineage") else {
            panic!("line {damaged} was taken")
        };
        assert_eq!(line, damaged + 1);
    }
    let newer = lines[0].split_once(' ').unwrap().1.trim_end().replace("\"version\":1", "\"version\":2");
    let sum: String =
        Sha256::digest(newer.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    fs::write(&path, format!("{sum} {newer}\n")).unwrap();
    assert!(matches!(store.load("lineage"), Err(Error::Version { found: 2, .. })));
}

#[tokio::test]
async fn what_is_of_another_environment_or_a_newer_program_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let (store, state) = filled(root.path()).await;
    let (mut session, _) = store.lock(&owner("here"), "lineage").unwrap();
    session.compact(&state).await.unwrap();
    fs::rename(store.folder(), root.path().join("prod")).unwrap();
    let other = LocalStore::new(root.path(), "prod").load("lineage");
    assert!(matches!(other, Err(Error::Environment { .. })));
    fs::rename(root.path().join("prod"), store.folder()).unwrap();
    let path = store.folder().join("snapshot.json");
    let newer = fs::read_to_string(&path).unwrap().replace("\"version\": 1", "\"version\": 2");
    fs::write(&path, newer).unwrap();
    assert!(matches!(store.load("lineage"), Err(Error::Version { found: 2, .. })));
}

#[test]
fn entries_that_may_not_follow_are_refused_and_change_nothing() {
    let outputs = || Outputs::Vpc(VpcOutputs { arn: "arn".to_owned() });
    let entries = [
        Entry::Intent(Intent::Create { token: "t".to_owned(), spec: spec() }),
        Entry::Intent(Intent::Converge { spec: spec() }),
        Entry::Intent(Intent::Delete),
        Entry::Done(Done::Created { id: "vpc-1".into() }),
        Entry::Done(Done::Converged { outputs: outputs() }),
        Entry::Done(Done::Deleted),
        Entry::Done(Done::Adopted { id: "vpc-1".into(), spec: spec(), outputs: outputs() }),
        Entry::Done(Done::Forgotten),
        Entry::Failed { error: "no".to_owned() },
        Entry::Done(Done::Moved { to: Address::new(platctl::model::Kind::Vpc, Name::new("b").unwrap()) }),
    ];
    // Every sequence of four: legal or refused, never a panic, and a refusal leaves the state as it was.
    let (mut legal, mut refused) = (0, 0);
    for code in 0..entries.len().pow(4) {
        let mut state = State::new("lineage");
        for place in 0..4 {
            let entry = entries[code / entries.len().pow(place) % entries.len()].clone();
            let before = state.clone();
            match state.fold(&line(&before, "a", entry)) {
                Ok(()) => legal += 1,
                Err(_) => {
                    assert_eq!(state, before);
                    refused += 1;
                    break;
                }
            }
        }
    }
    assert!(legal > 1000 && refused > 1000, "{legal} legal, {refused} refused");
    let fresh = State::new("lineage");
    assert!(fresh.clone().fold(&line(&fresh, "a", entries[1].clone())).is_err());
}

#[test]
fn a_record_moves_to_a_free_name_of_its_kind_alone() {
    let made = |state: &mut State, name: &str| {
        for entry in [
            Entry::Intent(Intent::Create { token: name.to_owned(), spec: spec() }),
            Entry::Done(Done::Created { id: name.into() }),
        ] {
            state.fold(&line(state, name, entry)).unwrap();
        }
    };
    let mut state = State::new("lineage");
    made(&mut state, "a");
    made(&mut state, "b");
    let standing = state.clone();
    let moved =
        |from: &str, to: &str| line(&standing, from, Entry::Done(Done::Moved { to: to.parse().unwrap() }));
    for (from, to, why) in
        [("a", "vpc.b", "taken"), ("a", "subnet.c", "another kind"), ("c", "vpc.d", "nothing is recorded")]
    {
        let refused = state.fold(&moved(from, to)).unwrap_err();
        assert!(refused.to_string().contains(why), "{refused}");
        assert_eq!(state, standing);
    }
    state.fold(&moved("a", "vpc.c")).unwrap();
    assert_eq!(state.record(&address("c")), standing.record(&address("a")));
    assert_eq!(state.record(&address("a")), None);
}

#[tokio::test]
async fn how_long_steps_took_is_kept_by_what_they_were() {
    let root = tempfile::tempdir().unwrap();
    let store = LocalStore::new(root.path(), "dev");
    let (mut session, mut state) = {
        let (session, loaded) = store.lock(&owner("here"), "lineage").unwrap();
        (session, loaded.state)
    };
    let outputs = || Outputs::Vpc(VpcOutputs { arn: "arn".to_owned() });
    let create = || Entry::Intent(Intent::Create { token: "t".to_owned(), spec: spec() });
    let converge = || Entry::Intent(Intent::Converge { spec: spec() });
    let created = || Entry::Done(Done::Created { id: "vpc-1".into() });
    let converged = || Entry::Done(Done::Converged { outputs: outputs() });
    let [gone, going] = [Entry::Done(Done::Deleted), Entry::Intent(Intent::Delete)];
    let script = [
        // What a create sets at once is a part of it.
        [(create(), None), (created(), None), (converge(), None), (converged(), Some(4_000))].to_vec(),
        [(converge(), None), (converged(), Some(300))].to_vec(),
        [(going, None), (gone, Some(70))].to_vec(),
        [(create(), None), (created(), None), (converged(), Some(2_000))].to_vec(),
        // An outcome of what an earlier run began says nothing.
        [(converge(), None), (converged(), None)].to_vec(),
    ];
    for (entry, took_ms) in script.into_iter().flatten() {
        let line = Line { took_ms, ..line(&state, "main", entry) };
        state.fold(&line).unwrap();
        session.append(&[line]).await.unwrap();
    }
    // What a cluster leaves is another thing each time.
    let adopted = Done::Adopted { id: "vol-1".into(), spec: spec(), outputs: outputs() };
    for (entry, took_ms) in [
        (Entry::Done(adopted), None),
        (Entry::Intent(Intent::Delete), None),
        (Entry::Done(Done::Deleted), Some(5)),
    ] {
        let address = "leftover.volume-1".parse().unwrap();
        let line = Line { took_ms, address, ..line(&state, "main", entry) };
        state.fold(&line).unwrap();
        session.append(&[line]).await.unwrap();
    }
    let took = Durations { create: Some(3_000), update: Some(300), delete: Some(70) };
    assert_eq!(state.durations, [(address("main"), took)].into());
    let moved = line(&state, "main", Entry::Done(Done::Moved { to: address("other") }));
    state.fold(&moved).unwrap();
    session.append(&[moved]).await.unwrap();
    session.compact(&state).await.unwrap();
    drop(session);
    let kept = store.load("lineage").unwrap().state;
    assert_eq!(kept.durations, [(address("other"), took)].into());
    let mut durations = kept.durations;
    durations.insert(address("third"), Durations { create: Some(1_000), ..Durations::default() });
    let measured = Measured::of(&durations);
    assert_eq!(measured.step(&address("other"), Action::Update), Some(300));
    assert_eq!(measured.step(&address("third"), Action::Delete), Some(70), "its kind's");
    assert_eq!(measured.step(&address("new"), Action::Create), Some(2_000), "the mean of its kind's");
    assert_eq!(measured.step(&"subnet.new".parse().unwrap(), Action::Create), None);
    assert_eq!(measured.step(&address("other"), Action::Adopt), None);
}
