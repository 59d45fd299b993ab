//! A peer that answers by a script.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
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

/// What the peer does with a request, step by step.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Waits.
    Wait(Duration),
    /// Closes the connection.
    Close,
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
    received: Arc<Mutex<Vec<Received>>>,
    task: JoinHandle<()>,
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
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&received);
        let script = Arc::new(script);
        let task = tokio::spawn(async move {
            // The connections end with the listener, as those of a process would.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, script) = (Arc::clone(&kept), Arc::clone(&script));
                connections.spawn(async move { serve(stream, &kept, &*script).await });
            }
        });
        Self { address, received, task }
    }

    /// The peer's address as a URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("not poisoned").clone()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    kept: &Mutex<Vec<Received>>,
    script: &(dyn Fn(&Received) -> Vec<Step> + Send + Sync),
) {
    let mut read = Vec::new();
    for turn in 1.. {
        let Some(request) = receive(&mut stream, &mut read, turn).await else { return };
        kept.lock().expect("not poisoned").push(request.clone());
        for step in script(&request) {
            match step {
                Step::Send(bytes) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Step::Wait(time) => sleep(time).await,
                Step::Close => return,
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
