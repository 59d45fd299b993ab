//! Endpoints: the sandbox in process, and the peers when they are asked for (`PLATCTL_PEERS=1`).

use std::collections::BTreeSet;
use std::future::Future;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::FutureExt;

use super::world::World;

/// The laws of a kind, with their surroundings.
pub(crate) type Laws = for<'a> fn(&'a mut World) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// What a peer cannot judge, and why: `kind.field` (with its parts), `kind:phase`, or a whole kind.
pub(crate) type CannotJudge = &'static [(&'static str, &'static str)];

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

    /// A fresh sandbox.
    #[cfg(feature = "sandbox")]
    pub(crate) async fn sandbox() -> Self {
        match std::env::var("PLATCTL_TEST_ENDPOINT") {
            Ok(url) => Self::Given(url),
            Err(_) => Self::Sandbox(platctl_sandbox::Sandbox::start(Default::default()).await.unwrap()),
        }
    }
}

/// An emulator of AWS that is none of ours.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Peer {
    /// moto 5.2.
    Moto,
    /// ministack 1.5.
    Ministack,
}

/// Tries the laws of each kind on a peer, and each exclusion once more without it: one that is needed no longer is
/// a failure, as is one that no law asks about.
pub(crate) async fn agree(peer: Peer, cannot_judge: CannotJudge, all: &[(&'static str, Laws)]) {
    if std::env::var_os("PLATCTL_PEERS").is_none_or(|value| value != "1") {
        eprintln!("skipped: PLATCTL_PEERS=1 runs it against {peer:?}");
        return;
    }
    let only = std::env::var("PLATCTL_KINDS").ok();
    let server = Server::start(peer).await;
    let (mut broken, mut needless, mut tried) = (Vec::new(), Vec::new(), 0);
    for (kind, laws) in all.iter().filter(|(kind, _)| only.as_deref().is_none_or(|only| only == *kind)) {
        if cannot_judge.iter().any(|(cannot, _)| cannot == kind) {
            if holds(&server, *laws, cannot_judge, Some(kind)).await.is_some() {
                needless.push(*kind);
            }
            continue;
        }
        tried += 1;
        let Some(asked) = holds(&server, *laws, cannot_judge, None).await else {
            broken.push(*kind);
            continue;
        };
        let of_kind = |cannot: &str| cannot.split(['.', ':']).next() == Some(kind);
        for (cannot, _) in cannot_judge.iter().filter(|(cannot, _)| of_kind(cannot)) {
            let is_asked = asked.contains(*cannot);
            if !is_asked || holds(&server, *laws, cannot_judge, Some(cannot)).await.is_some() {
                needless.push(*cannot);
            }
        }
    }
    println!("{peer:?}: the laws of {tried} kinds hold, but for {} exclusions", cannot_judge.len());
    assert!(broken.is_empty(), "{peer:?} does not agree with {broken:?}");
    assert!(needless.is_empty(), "exclusions that are not needed (any more): {needless:?}");
}

/// The exclusions that the laws asked about, if they hold; with one of them lifted, if one is named.
async fn holds(
    server: &Server,
    laws: Laws,
    cannot_judge: CannotJudge,
    lifted: Option<&'static str>,
) -> Option<BTreeSet<&'static str>> {
    let mut world = World::at(&server.fresh(), "laws");
    world.cannot_judge = cannot_judge;
    world.lifted = lifted;
    let held = AssertUnwindSafe(laws(&mut world)).catch_unwind().await.is_ok();
    held.then(|| world.asked())
}

/// The process of a peer, stopped when dropped.
struct Server {
    peer: Peer,
    process: Child,
    port: u16,
}

impl Server {
    async fn start(peer: Peer) -> Self {
        let program = installed(peer);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(program);
        match peer {
            Peer::Moto => command
                .args(["-H", "127.0.0.1", "-p", &port.to_string()])
                // Without it the managed policies of AWS do not exist.
                .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true"),
            Peer::Ministack => command
                .args(["ministack.app:app", "--bind", &format!("127.0.0.1:{port}")])
                .env("GATEWAY_PORT", port.to_string()),
        };
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let server = Self { peer, process, port };
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return server;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{peer:?} does not start");
    }

    /// Its address, with an empty world behind it.
    fn fresh(&self) -> String {
        let reset = match self.peer {
            Peer::Moto => "/moto-api/reset",
            Peer::Ministack => "/_ministack/reset",
        };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let request = format!(
            "POST {reset} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            self.port
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.starts_with("HTTP/1.1 200"), "{:?} is not reset: {reply}", self.peer);
        format!("http://127.0.0.1:{}", self.port)
    }
}

fn installed(peer: Peer) -> String {
    let script = match peer {
        Peer::Moto => concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/peers/moto"),
        Peer::Ministack => concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/peers/ministack"),
    };
    let installed = Command::new(script).stdout(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    assert!(installed.status.success(), "{script} failed");
    BufReader::new(&*installed.stdout).lines().last().unwrap().unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
