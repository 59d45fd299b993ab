//! A peer that answers by a script.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Received {
    /// The first line.
    pub line: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Which request of its connection it is, from 1.
    pub turn: usize,
}

impl Received {
    /// The first value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Holds scripts up until the test opens it; what happens meanwhile does not hang on time.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    /// Opens it for good.
    pub fn open(&self) {
        self.0.close();
    }

    async fn passed(&self) {
        // Nobody gives permits: this ends when the gate is opened.
        let _ = self.0.acquire().await;
    }
}

/// What the peer does with a request, step by step.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Waits.
    Wait(Duration),
    /// Waits until a gate is open.
    Await(Gate),
    /// Closes the connection.
    Close,
    /// Says that no more will come, and waits until the other side has seen it and closed too.
    HangUp,
}

/// A whole response.
#[must_use]
pub fn response(status: &str, headers: &[(&str, &str)], body: &str) -> Vec<Step> {
    let mut head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    vec![Step::Send(format!("{head}\r\n{body}").into_bytes())]
}

/// A whole response in JSON with status 200.
#[must_use]
pub fn json(body: &str) -> Vec<Step> {
    response("200 OK", &[("content-type", "application/json")], body)
}

/// A scripted peer; ends with the test.
pub struct Upstream {
    /// Where it listens.
    pub address: SocketAddr,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

/// What a peer has seen.
#[derive(Default)]
struct Seen {
    received: Mutex<Vec<Received>>,
    hung_up: AtomicUsize,
}

impl Upstream {
    /// Starts a peer that answers each request by `script`.
    pub async fn start(script: impl Fn(&Received) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::at(SocketAddr::from(([127, 0, 0, 1], 0)), script).await
    }

    /// The same at a certain address.
    pub async fn at(
        address: SocketAddr,
        script: impl Fn(&Received) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.expect("the address is free");
        let address = listener.local_addr().expect("it listens");
        let seen = Arc::new(Seen::default());
        let kept = Arc::clone(&seen);
        let script = Arc::new(script);
        let task = tokio::spawn(async move {
            // The connections end with the listener, as those of a process would.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, script) = (Arc::clone(&kept), Arc::clone(&script));
                connections.spawn(async move { serve(stream, &kept, &*script).await });
            }
        });
        Self { address, seen, task }
    }

    /// The peer's address as a URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.seen.received.lock().expect("not poisoned").clone()
    }

    /// Connections that the other side has closed after [`Step::HangUp`].
    #[must_use]
    pub fn hung_up(&self) -> usize {
        self.seen.hung_up.load(Ordering::SeqCst)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, seen: &Seen, script: &(dyn Fn(&Received) -> Vec<Step> + Send + Sync)) {
    let mut read = Vec::new();
    for turn in 1.. {
        let Some(request) = receive(&mut stream, &mut read, turn).await else { return };
        seen.received.lock().expect("not poisoned").push(request.clone());
        for step in script(&request) {
            match step {
                Step::Send(bytes) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Step::Wait(time) => sleep(time).await,
                Step::Await(gate) => gate.passed().await,
                Step::Close => return,
                Step::HangUp => {
                    if stream.shutdown().await.is_ok() {
                        while more(&mut stream, &mut read).await.is_some() {}
                        seen.hung_up.fetch_add(1, Ordering::SeqCst);
                    }
                    return;
                }
            }
        }
    }
}

async fn receive(stream: &mut TcpStream, read: &mut Vec<u8>, turn: usize) -> Option<Received> {
    let end = loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        more(stream, read).await?;
    };
    let head: Vec<u8> = read.drain(..end).collect();
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next()?.to_owned();
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut request = Received { line, headers, body: Vec::new(), turn };
    let length = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    while read.len() < length {
        more(stream, read).await?;
    }
    request.body = read.drain(..length).collect();
    Some(request)
}

async fn more(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<()> {
    let mut bytes = [0; 16 << 10];
    let count = stream.read(&mut bytes).await.ok().filter(|count| *count > 0)?;
    read.extend_from_slice(&bytes[..count]);
    Some(())
}
