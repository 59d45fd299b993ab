//! Laws of the fold and of the reader, on anything.

use std::path::Path;

use jiff::Timestamp;
use platctl::model::Outputs;
use platctl::model::ec2::VpcOutputs;
use platctl::state::store::{decode, encode_header, encode_line};
use platctl::state::{Done, Entry, Intent, Line, Snapshot, State};
use proptest::prelude::*;

use crate::{address, spec};

fn entry() -> impl Strategy<Value = Entry> {
    let token = (0..2_u8).prop_map(|token| token.to_string());
    let id = prop::sample::select(vec!["vpc-1", "vpc-2"]);
    let name = prop::sample::select(vec!["a", "b", "c"]);
    let outputs = || Outputs::Vpc(VpcOutputs { arn: "arn".to_owned() });
    prop_oneof![
        token.prop_map(|token| Entry::Intent(Intent::Create { token, spec: spec() })),
        Just(Entry::Intent(Intent::Converge { spec: spec() })),
        Just(Entry::Intent(Intent::Delete)),
        id.clone().prop_map(|id| Entry::Done(Done::Created { id: id.into() })),
        Just(Entry::Done(Done::Converged { outputs: outputs() })),
        Just(Entry::Done(Done::Deleted)),
        id.prop_map(move |id| Entry::Done(Done::Adopted { id: id.into(), spec: spec(), outputs: outputs() })),
        Just(Entry::Done(Done::Forgotten)),
        name.prop_map(|name| Entry::Done(Done::Moved { to: address(name) })),
        Just(Entry::Failed { error: "refused".to_owned() }),
    ]
}

fn entries() -> impl Strategy<Value = Vec<(&'static str, Entry, Option<u64>)>> {
    let name = prop::sample::select(vec!["a", "b", "c"]);
    proptest::collection::vec((name, entry(), proptest::option::of(0..9_000_u64)), 0..40)
}

/// The lines of these entries that may follow each other, and their fold. What may not changes nothing.
fn folded(entries: Vec<(&str, Entry, Option<u64>)>) -> (Vec<Line>, State) {
    let (mut lines, mut state) = (Vec::new(), State::new("lineage"));
    for (name, entry, took_ms) in entries {
        let (serial, at, run) = (state.serial + 1, Timestamp::UNIX_EPOCH, "run".to_owned());
        let line = Line { serial, at, run, address: address(name), entry, took_ms };
        let before = state.clone();
        match state.fold(&line) {
            Ok(()) => lines.push(line),
            Err(_) => assert_eq!(state, before, "a refused line changes nothing"),
        }
    }
    (lines, state)
}

fn written(lines: &[Line]) -> Vec<u8> {
    let lines: String = lines.iter().map(encode_line).collect();
    format!("{}{lines}", encode_header("dev", "lineage")).into_bytes()
}

proptest! {
    #[test]
    fn a_snapshot_and_the_lines_after_it_fold_to_the_same(
        entries in entries(),
        cut in any::<prop::sample::Index>(),
    ) {
        let (lines, state) = folded(entries);
        let cut = cut.index(lines.len() + 1);
        let mut early = State::new("lineage");
        for line in &lines[..cut] {
            early.fold(line).unwrap();
        }
        let kept = serde_json::to_vec(&Snapshot::of("dev", &early)).unwrap();
        let mut late = serde_json::from_slice::<Snapshot>(&kept).unwrap().into_state();
        prop_assert_eq!(&late, &early);
        for line in &lines[cut..] {
            late.fold(line).unwrap();
        }
        prop_assert_eq!(late, state);
    }

    #[test]
    fn what_is_known_is_what_exists(entries in entries()) {
        let (_, state) = folded(entries);
        let known = state.known();
        for (address, record) in state.records() {
            prop_assert_eq!(known.id(address), Some(&record.id));
        }
        let existing = state.records().count();
        prop_assert!(existing <= state.resources.len());
    }

    /// Whatever became of the bytes: a prefix of what was written, or a refusal; never a panic, never another line.
    #[test]
    fn a_damaged_journal_reads_as_a_prefix_or_not_at_all(
        entries in entries(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..4),
    ) {
        let (lines, _) = folded(entries);
        let mut bytes = written(&lines);
        for (at, byte, how) in damage {
            let at = at.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match how {
                _ if bytes.is_empty() => {}
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(at),
            }
        }
        if let Ok(decoded) = decode(&bytes, Path::new("journal")) {
            prop_assert_eq!(&decoded.lines[..], &lines[..decoded.lines.len()]);
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _refused_or_empty = decode(&bytes, Path::new("journal"));
    }
}
