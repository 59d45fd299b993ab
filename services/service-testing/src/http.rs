//! A plain HTTP/1.1 client: what is sent is what the test wrote.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a reply may take; generous, for busy machines.
const PATIENCE: Duration = Duration::from_secs(120);

/// A response.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body without framing.
    pub body: Vec<u8>,
}

impl Reply {
    /// The first value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {} {}", self.status, self.text()))
    }
}

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Self {
        Self::try_open(address).await.expect("the service accepts connections")
    }

    /// Connects, if the service accepts.
    pub async fn try_open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::new() })
    }

    /// Sends bytes as they are.
    pub async fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).await.expect("the connection takes bytes");
    }

    /// Sends bytes, if the connection takes them.
    pub async fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Sends a request and reads the reply.
    pub async fn exchange(&mut self, bytes: &[u8]) -> Reply {
        self.send(bytes).await;
        self.reply().await.expect("a reply comes")
    }

    /// Reads a reply; none if the connection ends before it is whole.
    pub async fn reply(&mut self) -> Option<Reply> {
        timeout(PATIENCE, self.read_reply()).await.expect("a reply comes in time")
    }

    async fn read_reply(&mut self) -> Option<Reply> {
        let head = loop {
            if let Some(end) = find(&self.read, b"\r\n\r\n") {
                let head: Vec<u8> = self.read.drain(..end + 4).collect();
                break String::from_utf8_lossy(&head).into_owned();
            }
            self.more().await?;
        };
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut reply = Reply { status, headers, body: Vec::new() };
        let length = reply.header("content-length").and_then(|text| text.parse().ok());
        if reply.header("transfer-encoding") == Some("chunked") {
            while self.chunk(&mut reply.body).await? {}
        } else if let Some(length) = length {
            while self.read.len() < length {
                self.more().await?;
            }
            reply.body = self.read.drain(..length).collect();
        }
        Some(reply)
    }

    /// Reads a chunk; false after the last.
    async fn chunk(&mut self, body: &mut Vec<u8>) -> Option<bool> {
        let size = loop {
            if let Some(end) = find(&self.read, b"\r\n") {
                let line: Vec<u8> = self.read.drain(..end + 2).collect();
                let line = String::from_utf8_lossy(&line).into_owned();
                break usize::from_str_radix(line.trim().split(';').next()?, 16).ok()?;
            }
            self.more().await?;
        };
        while self.read.len() < size + 2 {
            self.more().await?;
        }
        body.extend(self.read.drain(..size));
        self.read.drain(..2);
        Some(size > 0)
    }

    /// Reads what comes next; none at the end.
    async fn more(&mut self) -> Option<()> {
        let mut bytes = [0; 16 << 10];
        let count = self.stream.read(&mut bytes).await.ok().filter(|count| *count > 0)?;
        self.read.extend_from_slice(&bytes[..count]);
        Some(())
    }

    /// Waits until some bytes of the reply are there.
    pub async fn first_bytes(&mut self) -> Vec<u8> {
        timeout(PATIENCE, self.more()).await.expect("bytes come in time");
        self.read.clone()
    }

    /// Whether the other side closes within the time.
    pub async fn closes_within(&mut self, time: Duration) -> bool {
        let mut byte = [0];
        matches!(timeout(time, self.stream.read(&mut byte)).await, Ok(Ok(0) | Err(_)))
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The bytes of a request.
#[must_use]
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    if !body.is_empty() || method == "POST" {
        bytes.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// A GET on a connection of its own.
pub async fn get(address: SocketAddr, path: &str) -> Reply {
    send(address, "GET", path, &[], b"").await
}

/// A POST of JSON on a connection of its own.
pub async fn post_json(address: SocketAddr, path: &str, body: impl AsRef<[u8]>) -> Reply {
    send(address, "POST", path, &[("content-type", "application/json")], body.as_ref()).await
}

/// A request on a connection of its own.
pub async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let mut connection = Connection::open(address).await;
    connection.exchange(&request(method, path, headers, body)).await
}
