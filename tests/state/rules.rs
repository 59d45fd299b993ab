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

#[test]
fn each_entry_after_each_status() {
    let converge = || Entry::Intent(Intent::Converge { spec: changed() });
    let delete = || Entry::Intent(Intent::Delete);
    let created = || Entry::Done(Done::Created { id: "vpc-1".into() });
    let converged = || Entry::Done(Done::Converged { outputs: outputs("new") });
    let deleted = || Entry::Done(Done::Deleted);
    let forgotten = || Entry::Done(Done::Forgotten);
    let failed = || Entry::Failed { error: "no".to_owned() };

    let nothing = || None;
    let open = || Some(creating("t", 5, spec()));
    let stands = || Some(present(settled()));
    let changing = || Some(present(begun()));
    let ending = || Some(present(going()));
    let taken_over = Record {
        id: "vpc-1".into(),
        spec: changed(),
        intended: None,
        outputs: Some(outputs("new")),
        deleting: false,
    };
    let finished = |spec| Some(present(Record { spec, outputs: Some(outputs("new")), ..settled() }));
    let made = Record { intended: Some(spec()), outputs: None, ..settled() };

    let rules: Vec<(Option<Status>, Entry, Result<Option<Status>, &str>)> = vec![
        (nothing(), create("t"), Ok(Some(creating("t", 9, changed())))),
        (nothing(), converge(), Err("it is not recorded as existing")),
        (nothing(), delete(), Err("it is not recorded as existing")),
        (nothing(), created(), Err("no create is open")),
        (nothing(), converged(), Err("it is not recorded as existing")),
        (nothing(), deleted(), Err("no delete is open")),
        (nothing(), adopted("vpc-1"), Ok(Some(present(taken_over.clone())))),
        (nothing(), forgotten(), Err("nothing is recorded")),
        (nothing(), failed(), Err("nothing was announced")),
        // The same create, announced again, is as old as it was.
        (open(), create("t"), Ok(Some(creating("t", 5, changed())))),
        (open(), create("another"), Err("another create of it is open")),
        (open(), converge(), Err("it is not recorded as existing")),
        (open(), delete(), Err("it is not recorded as existing")),
        (open(), created(), Ok(Some(present(made)))),
        (open(), converged(), Err("it is not recorded as existing")),
        (open(), deleted(), Err("no delete is open")),
        (open(), adopted("vpc-1"), Ok(Some(present(taken_over.clone())))),
        (open(), forgotten(), Ok(None)),
        (open(), failed(), Ok(None)),
        (stands(), create("t"), Err("it exists")),
        (stands(), converge(), Ok(changing())),
        (stands(), delete(), Ok(ending())),
        (stands(), created(), Err("no create is open")),
        (stands(), converged(), Ok(finished(spec()))),
        (stands(), deleted(), Err("no delete is open")),
        (stands(), adopted("vpc-1"), Ok(Some(present(taken_over)))),
        (stands(), adopted("vpc-2"), Err("another one is recorded under this address")),
        (stands(), forgotten(), Ok(None)),
        (stands(), failed(), Ok(stands())),
        (changing(), converged(), Ok(finished(changed()))),
        (changing(), failed(), Ok(changing())),
        (changing(), delete(), Ok(Some(present(Record { deleting: true, ..begun() })))),
        // Whoever makes it anew, or could not remove it, takes the announced end back.
        (ending(), converge(), Ok(changing())),
        (ending(), failed(), Ok(stands())),
        (ending(), deleted(), Ok(None)),
        (ending(), converged(), Ok(finished(spec()))),
    ];
    for (before, entry, expected) in rules {
        let (run, at) = ("run".to_owned(), Timestamp::from_second(9).unwrap());
        let line = Line { serial: 1, at, run, address: address("main"), entry, took_ms: None };
        let after = next(before.as_ref(), &line).map_err(|(_, why)| why);
        assert_eq!(after, expected, "{:?} after {before:?}", line.entry);
    }
}
