//! What may follow what, in full: each entry after each status, with what becomes of it.

use jiff::Timestamp;
use platctl::model::ec2::{Vpc, VpcOutputs};
use platctl::model::{Outputs, Spec};
use platctl::state::{Done, Entry, Intent, Line, Record, Status, next};

use crate::{address, spec};

fn changed() -> Spec {
    let Spec::Vpc(vpc) = spec() else { panic!("a VPC") };
    Vpc { dns_hostnames: false, ..*vpc }.into()
}

fn outputs(arn: &str) -> Outputs {
    Outputs::Vpc(VpcOutputs { arn: arn.to_owned() })
}

fn creating(token: &str, since: i64, spec: Spec) -> Status {
    Status::Creating { token: token.to_owned(), since: Timestamp::from_second(since).unwrap(), spec }
}

fn present(record: Record) -> Status {
    Status::Present(Box::new(record))
}

/// A resource of which all is done.
fn settled() -> Record {
    Record {
        id: "vpc-1".into(),
        spec: spec(),
        intended: None,
        outputs: Some(outputs("old")),
        deleting: false,
    }
}

fn begun() -> Record {
    Record { intended: Some(changed()), ..settled() }
}

fn going() -> Record {
    Record { deleting: true, ..settled() }
}

fn create(token: &str) -> Entry {
    Entry::Intent(Intent::Create { token: token.to_owned(), spec: changed() })
}

fn adopted(id: &str) -> Entry {
    Entry::Done(Done::Adopted { id: id.into(), spec: changed(), outputs: outputs("new") })
}

fn converge() -> Entry {
    Entry::Intent(Intent::Converge { spec: changed() })
}

fn delete() -> Entry {
    Entry::Intent(Intent::Delete)
}

fn created() -> Entry {
    Entry::Done(Done::Created { id: "vpc-1".into() })
}

fn converged() -> Entry {
    Entry::Done(Done::Converged { outputs: outputs("new") })
}

fn deleted() -> Entry {
    Entry::Done(Done::Deleted)
}

fn forgotten() -> Entry {
    Entry::Done(Done::Forgotten)
}

fn failed() -> Entry {
    Entry::Failed { error: "no".to_owned() }
}

/// What an adoption makes of whatever may be adopted.
fn taken_over() -> Option<Status> {
    let outputs = Some(outputs("new"));
    Some(present(Record { spec: changed(), outputs, ..settled() }))
}

/// An entry, and what becomes of a resource or why it may not follow.
type Rule = (Entry, Result<Option<Status>, &'static str>);

fn hold(before: Option<&Status>, rules: Vec<Rule>) {
    for (entry, expected) in rules {
        let (run, at) = ("run".to_owned(), Timestamp::from_second(9).unwrap());
        let line = Line { serial: 1, at, run, address: address("main"), entry, took_ms: None };
        let after = next(before, &line).map_err(|(_, why)| why);
        assert_eq!(after, expected, "{:?} after {before:?}", line.entry);
    }
}

#[test]
fn each_entry_after_nothing_and_after_an_announced_create() {
    let rules = vec![
        (create("t"), Ok(Some(creating("t", 9, changed())))),
        (converge(), Err("it is not recorded as existing")),
        (delete(), Err("it is not recorded as existing")),
        (created(), Err("no create is open")),
        (converged(), Err("it is not recorded as existing")),
        (deleted(), Err("no delete is open")),
        (adopted("vpc-1"), Ok(taken_over())),
        (forgotten(), Err("nothing is recorded")),
        (failed(), Err("nothing was announced")),
    ];
    hold(None, rules);
    let made = Record { intended: Some(spec()), outputs: None, ..settled() };
    let rules = vec![
        // The same create, announced again, is as old as it was.
        (create("t"), Ok(Some(creating("t", 5, changed())))),
        (create("another"), Err("another create of it is open")),
        (converge(), Err("it is not recorded as existing")),
        (delete(), Err("it is not recorded as existing")),
        (created(), Ok(Some(present(made)))),
        (converged(), Err("it is not recorded as existing")),
        (deleted(), Err("no delete is open")),
        (adopted("vpc-1"), Ok(taken_over())),
        (forgotten(), Ok(None)),
        (failed(), Ok(None)),
    ];
    hold(Some(&creating("t", 5, spec())), rules);
}

#[test]
fn each_entry_after_what_exists() {
    let (stands, changing, ending) = (present(settled()), present(begun()), present(going()));
    let finished = |spec| Ok(Some(present(Record { spec, outputs: Some(outputs("new")), ..settled() })));
    let rules = vec![
        (create("t"), Err("it exists")),
        (converge(), Ok(Some(changing.clone()))),
        (delete(), Ok(Some(ending.clone()))),
        (created(), Err("no create is open")),
        (converged(), finished(spec())),
        (deleted(), Err("no delete is open")),
        (adopted("vpc-1"), Ok(taken_over())),
        (adopted("vpc-2"), Err("another one is recorded under this address")),
        (forgotten(), Ok(None)),
        (failed(), Ok(Some(stands.clone()))),
    ];
    hold(Some(&stands), rules);
    let rules = vec![
        (converged(), finished(changed())),
        (failed(), Ok(Some(changing.clone()))),
        (delete(), Ok(Some(present(Record { deleting: true, ..begun() })))),
        (adopted("vpc-1"), Ok(taken_over())),
    ];
    hold(Some(&changing), rules);
    let rules = vec![
        // Whoever makes it anew, or could not remove it, takes the announced end back.
        (converge(), Ok(Some(changing.clone()))),
        (failed(), Ok(Some(stands))),
        (deleted(), Ok(None)),
        (converged(), finished(spec())),
        (adopted("vpc-1"), Ok(taken_over())),
        (adopted("vpc-2"), Err("another one is recorded under this address")),
    ];
    hold(Some(&ending), rules);
}
