//! Emulators of AWS that are none of ours: installed by `scripts/peers`, started on a free port of loopback, stopped
//! with what started them.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// An emulator of AWS that is none of ours.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Peer {
    /// moto 5.2.
    Moto,
    /// ministack 1.5.
    Ministack,
}

impl Peer {
    /// Its name, also of the script that installs it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Moto => "moto",
            Self::Ministack => "ministack",
        }
    }
}

/// True when peers are asked for (`PLATCTL_PEERS=1`).
pub(crate) fn is_asked_for(peer: Peer) -> bool {
    let asked = std::env::var_os("PLATCTL_PEERS").is_some_and(|value| value == "1");
    if !asked {
        eprintln!("skipped: PLATCTL_PEERS=1 runs it against {peer:?}");
    }
    asked
}

/// The process of a peer, stopped when dropped.
pub(crate) struct Server {
    peer: Peer,
    process: Child,
    port: u16,
}

impl Server {
    pub(crate) async fn start(peer: Peer) -> Self {
        let program = installed(peer);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(program);
        match peer {
            Peer::Moto => command
                .args(["-H", "127.0.0.1", "-p", &port.to_string()])
                // Without it the managed policies of AWS do not exist.
                .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true"),
            Peer::Ministack => command
                .args(["ministack.app:app", "--workers", "0", "--bind", &format!("127.0.0.1:{port}")])
                .env("GATEWAY_PORT", port.to_string())
                // The one that the shipped environments name.
                .env("MINISTACK_ACCOUNT_ID", "123456789012"),
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
    pub(crate) fn fresh(&self) -> String {
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
    let script = format!("{}/scripts/peers/{}", env!("CARGO_MANIFEST_DIR"), peer.name());
    let installed = Command::new(&script).stdout(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    assert!(installed.status.success(), "{script} failed");
    BufReader::new(&*installed.stdout).lines().last().unwrap().unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
