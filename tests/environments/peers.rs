//! The shipped environments on emulators of AWS that are none of ours, as far as each of these goes.
//!
//! `peers/NAME.cannot-judge` names what never stands there, with the reason; all else of an environment has to stand,
//! be found unchanged, and go, in one of two lives: one under `peers/NAME.toml`, which is laid over the environment's
//! file and leaves out what the emulator cannot bear beside a cluster, and one of the file as it is shipped, without a
//! cluster.

use std::collections::BTreeSet;
use std::fs;

use crate::emulator::{self, Peer, Server};
use crate::ground::Ground;
use crate::life::{changes, drifts_and_heals, replaces};
use crate::listing::listing;

/// Settings that both take in place, one thing at a time.
const CHANGES: &[&str] = &[
    "[network]\ns3_endpoint = false",
    "[registry]\nkeep_images = 7\nuntagged_days = 3\nimmutable_tags = false",
    "[registry]\npull_principals = []",
];

/// The same of clusters: moto has node groups that can be changed, ministack has add-ons and access entries.
const CHANGES_ON_MOTO: &[&str] = &[
    "[cluster.logs]\ntypes = ['api', 'scheduler']\nretention_days = 60",
    "[[cluster.node_groups]]\nname = 'general'\nmin = 1\nmax = 5\nlabels = { role = 'other' }",
];
const CHANGES_ON_MINISTACK: &[&str] = &[
    "[[cluster.addons]]\nname = 'coredns'\nconfiguration = { replicaCount = 3 }",
    "[[cluster.access_entries]]\nname = 'developer'\npolicy = 'edit'\nnamespaces = ['web']",
];

fn beside(file: &str) -> String {
    let path = format!("{}/tests/environments/peers/{file}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The addresses of all that an environment's file asks of AWS.
fn resources(ground: &Ground) -> BTreeSet<String> {
    let (out, _) = ground.run("graph --json", 0);
    let graph: serde_json::Value = serde_json::from_str(&out).unwrap();
    graph["needs"].as_object().unwrap().keys().cloned().collect()
}

/// The addresses of all that stands, ready and recorded.
fn standing(ground: &Ground) -> BTreeSet<String> {
    let (out, _) = ground.run("status --json", 0);
    let status: serde_json::Value = serde_json::from_str(&out).unwrap();
    let resources = status["resources"].as_array().unwrap().iter();
    let stands = resources.filter(|one| one["health"] == "ready" && one["recorded"] == "yes");
    stands.map(|one| one["address"].as_str().unwrap().to_owned()).collect()
}

/// From nothing to standing, through drift, to nothing again; changed and replaced meanwhile, where it has a cluster to
/// change. Gives what stood.
async fn lives(ground: &Ground, of_cluster: Option<&[&str]>) -> BTreeSet<String> {
    let before = listing(&ground.other_client()).await;
    ground.run("up", 0);
    ground.stands();
    let stood = standing(ground);
    drifts_and_heals(ground).await;
    if let Some(more) = of_cluster {
        for settings in more.iter().chain(CHANGES) {
            changes(ground, settings);
        }
        replaces(ground, "[dns]\nzone = 'another.internal'", "hosted_zone.main");
    } else if ground.environment() == "prod" {
        let (_, err) = ground.run("destroy", 1);
        assert!(err.contains("protect = false"), "{err}");
        ground.set("protect = false");
        ground.run("up", 0);
    }
    let (_, err) = ground.run("destroy", 0);
    assert!(err.contains("0 left"), "{err}");
    let after = listing(&ground.other_client()).await;
    let left: Vec<&String> = after.difference(&before).collect();
    assert!(left.is_empty(), "another client finds {left:?}");
    stood
}

/// What a peer cannot judge: addresses and kinds.
fn cannot_judge(peer: Peer) -> BTreeSet<String> {
    let list = beside(&format!("{}.cannot-judge", peer.name()));
    let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let read = lines.map(|line| {
        let (what, why) = line.split_once(' ').unwrap_or((line, ""));
        assert!(!why.trim().is_empty(), "{what}: why can {peer:?} not judge it?");
        what.to_owned()
    });
    read.collect()
}

async fn agree(peer: Peer, environment: &str, of_cluster: &[&str]) {
    if !emulator::is_asked_for(peer) {
        return;
    }
    let server = Server::start(peer).await;
    let cannot_judge = cannot_judge(peer);
    let kind = |address: &str| address.split('.').next().map(str::to_owned).unwrap_or_default();
    let is_listed =
        |address: &String| cannot_judge.contains(address) || cannot_judge.contains(&kind(address));
    let all = resources(&Ground::peer(environment, &server.fresh()));
    let mut stood = BTreeSet::new();
    for whole in [true, false] {
        let mut ground = Ground::peer(environment, &server.fresh());
        if whole {
            ground.set(&beside(&format!("{}.toml", peer.name())));
        }
        let mut left_out: Vec<String> = resources(&ground).into_iter().filter(is_listed).collect();
        if !whole {
            left_out.push("cluster.main".to_owned());
        }
        ground.leave_out(left_out);
        stood.append(&mut lives(&ground, whole.then_some(of_cluster)).await);
    }
    println!("{} of {} resources of {environment} are judged by {peer:?}", stood.len(), all.len());
    let missing: Vec<&String> = all.difference(&stood).filter(|address| !is_listed(address)).collect();
    assert!(missing.is_empty(), "{peer:?}, {environment}: never stood, and not listed: {missing:?}");
    // There is nothing that prod does not have.
    let is_there = |what: &&String| all.iter().any(|address| address == *what || kind(address) == **what);
    let needless: Vec<&String> = cannot_judge.iter().filter(|what| !is_there(what)).collect();
    assert!(environment != "prod" || needless.is_empty(), "{peer:?}: in no environment: {needless:?}");
}

async fn moto_agrees(environment: &str) {
    agree(Peer::Moto, environment, CHANGES_ON_MOTO).await;
}

async fn ministack_agrees(environment: &str) {
    agree(Peer::Ministack, environment, CHANGES_ON_MINISTACK).await;
}

macro_rules! agreements {
    ($($name:ident: $agrees:ident($environment:literal);)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                $agrees($environment).await;
            }
        )*
    };
}

agreements! {
    moto_about_dev: moto_agrees("dev");
    moto_about_staging: moto_agrees("staging");
    moto_about_prod: moto_agrees("prod");
    ministack_about_dev: ministack_agrees("dev");
    ministack_about_staging: ministack_agrees("staging");
    ministack_about_prod: ministack_agrees("prod");
}
