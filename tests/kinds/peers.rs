//! Endpoints: the sandbox in process, and the peers when they are asked for (`PLATCTL_PEERS=1`).

use std::collections::BTreeSet;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;

use futures_util::FutureExt;

pub(crate) use super::server::Peer;
use super::server::{self, Server};
use super::world::World;

/// The laws of a kind, with their surroundings.
pub(crate) type Laws = for<'a> fn(&'a mut World) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// What a peer cannot judge: `kind.field` (with its parts), `kind:phase`, or a whole kind.
pub(crate) type CannotJudge = &'static [&'static str];

/// Where laws are tried.
pub(crate) enum Endpoint {
    /// The project's own.
    #[cfg(feature = "sandbox")]
    Sandbox(platctl_sandbox::Sandbox),
    /// One that runs elsewhere (`PLATCTL_TEST_ENDPOINT`).
    Given(String),
}

impl Endpoint {
    pub(crate) fn url(&self) -> String {
        match self {
            #[cfg(feature = "sandbox")]
            Self::Sandbox(sandbox) => sandbox.url(),
            Self::Given(url) => url.clone(),
        }
    }

    /// Host and port of where it is told to fail; a sandbox alone can be told.
    pub(crate) fn faults(&self) -> Option<String> {
        match self {
            #[cfg(feature = "sandbox")]
            Self::Sandbox(sandbox) => Some(format!("127.0.0.1:{}", sandbox.port())),
            Self::Given(_) => None,
        }
    }

    /// A fresh sandbox.
    #[cfg(feature = "sandbox")]
    pub(crate) async fn sandbox() -> Self {
        match std::env::var("PLATCTL_TEST_ENDPOINT") {
            Ok(url) => Self::Given(url),
            Err(_) => Self::Sandbox(platctl_sandbox::Sandbox::start(Default::default()).await.unwrap()),
        }
    }
}

impl Peer {
    /// What it cannot judge: a line each in `cannot_judge/NAME`, with the reason behind it.
    fn cannot_judge(self) -> CannotJudge {
        let path = format!("{}/tests/kinds/cannot_judge/{}", env!("CARGO_MANIFEST_DIR"), self.name());
        let text = std::fs::read_to_string(path).unwrap().leak();
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let read = lines.map(|line| {
            let (what, why) = line.split_once(' ').unwrap_or((line, ""));
            assert!(!why.trim().is_empty(), "{what}: why can {self:?} not judge it?");
            what
        });
        read.collect::<Vec<_>>().leak()
    }
}

/// Tries the laws of each kind on a peer, and each exclusion once more without it: one that is needed no longer is
/// a failure, as is one that no law asks about. `PLATCTL_DISCOVER=1` finds out what has to be excluded, instead.
pub(crate) async fn agree(peer: Peer, all: &[(&'static str, Laws)]) {
    if !server::is_asked_for(peer) {
        return;
    }
    let cannot_judge = peer.cannot_judge();
    let server = Server::start(peer).await;
    if std::env::var_os("PLATCTL_DISCOVER").is_some() {
        return discover(&server, all).await;
    }
    let (mut broken, mut needless, mut tried, mut excluded) = (Vec::new(), Vec::new(), 0, 0);
    for (kind, laws) in all {
        let of_kind = |cannot: &&&str| cannot.split(['.', ':']).next() == Some(kind);
        let exclusions: Vec<&'static str> = cannot_judge.iter().filter(of_kind).copied().collect();
        let whole = exclusions.contains(kind);
        let asked = if whole {
            BTreeSet::from([*kind])
        } else {
            holds(&server, *laws, cannot_judge, None).await.asked
        };
        if !whole && asked.is_empty() {
            broken.push(*kind);
            continue;
        }
        tried += usize::from(!whole);
        excluded += exclusions.len();
        for cannot in exclusions {
            let is_asked = asked.contains(cannot);
            if !is_asked || holds(&server, *laws, cannot_judge, Some(cannot)).await.held {
                needless.push(cannot);
            }
        }
    }
    println!("{peer:?}: the laws of {tried} kinds hold, but for {excluded} exclusions");
    assert!(broken.is_empty(), "{peer:?} does not agree with {broken:?}");
    assert!(needless.is_empty(), "exclusions that are not needed (any more): {needless:?}");
}

/// How laws went.
struct Went {
    held: bool,
    /// What they asked about; never empty when they held.
    asked: BTreeSet<&'static str>,
    /// The last thing that was judged.
    last: Option<String>,
}

/// Tries laws; with one exclusion lifted, if one is named.
async fn holds(server: &Server, laws: Laws, cannot_judge: CannotJudge, lifted: Option<&'static str>) -> Went {
    let mut world = World::at(&server.fresh(), "laws");
    world.cannot_judge = cannot_judge;
    world.lifted = lifted;
    let held = AssertUnwindSafe(laws(&mut world)).catch_unwind().await.is_ok();
    let mut asked = world.asked();
    if held {
        asked.insert("");
    } else {
        asked.clear();
    }
    Went { held, asked, last: world.last() }
}

/// Excludes whatever fails, until the rest holds, and prints it.
async fn discover(server: &Server, all: &[(&'static str, Laws)]) {
    for (kind, laws) in all {
        let mut excluded: Vec<&'static str> = Vec::new();
        let verdict = loop {
            let Went { held, last, .. } = holds(server, *laws, excluded.clone().leak(), None).await;
            match last {
                _ if held => break "holds",
                Some(last) if last.contains(['.', ':']) && !excluded.contains(&last.as_str()) => {
                    excluded.push(last.leak());
                }
                _ => break "cannot be judged",
            }
        };
        println!("DISCOVERED {kind} {verdict} {}", excluded.join(" "));
    }
}
