//! Endpoints: the sandbox in process, and moto when peers are asked for.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Something that answers as AWS does, stopped when dropped.
pub(crate) enum Endpoint {
    /// The project's own.
    #[cfg(feature = "sandbox")]
    Sandbox(platctl_sandbox::Sandbox),
    /// One that runs elsewhere (`PLATCTL_TEST_ENDPOINT`).
    Given(String),
    /// moto, a process of its own.
    Moto(Moto),
}

impl Endpoint {
    pub(crate) fn url(&self) -> String {
        match self {
            #[cfg(feature = "sandbox")]
            Self::Sandbox(sandbox) => sandbox.url(),
            Self::Given(url) => url.clone(),
            Self::Moto(moto) => format!("http://127.0.0.1:{}", moto.port),
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

    /// moto, where peers are asked for. It is installed by `scripts/peers/moto`.
    pub(crate) async fn moto() -> Option<Self> {
        if std::env::var_os("PLATCTL_PEERS").is_none_or(|value| value != "1") {
            eprintln!("skipped: PLATCTL_PEERS=1 runs it against moto");
            return None;
        }
        Some(Self::Moto(Moto::start().await))
    }
}

/// A moto server.
pub(crate) struct Moto {
    process: Child,
    port: u16,
}

impl Moto {
    async fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/peers/moto");
        let installed =
            Command::new(script).stdout(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        assert!(installed.status.success(), "scripts/peers/moto failed");
        let server = BufReader::new(&*installed.stdout).lines().last().unwrap().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(server)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            // Without it the managed policies of AWS do not exist.
            .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Self { process, port };
        for _ in 0..600 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return moto;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("moto does not start");
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
