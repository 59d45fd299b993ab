//! A proxy in front of a registry: it counts what is asked, and misbehaves on demand.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is passed on.
    Pass,
    /// The connection is cut after some bytes of the request's body.
    Cut(usize),
    /// It is answered with this status and not passed on.
    Answer(u16),
    /// It is passed on, and one byte of the answer's body is changed.
    Corrupt,
}

type Decide = Box<dyn FnMut(&str, usize) -> Fate + Send>;

struct Inner {
    upstream: SocketAddr,
    requests: Mutex<Vec<String>>,
    decide: Mutex<Decide>,
    /// Bearer tokens are wanted, and this basic login gives them.
    token_for: Option<String>,
}

/// A proxy.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    inner: Arc<Inner>,
}

impl Proxy {
    /// In front of `upstream`; `token_for` is what a login must send (base64 of user:password) to get a token.
    pub(crate) fn new(upstream: SocketAddr, token_for: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            upstream,
            requests: Mutex::default(),
            decide: Mutex::new(Box::new(|_, _| Fate::Pass)),
            token_for: token_for.map(str::to_owned),
        });
        let shared = Arc::clone(&inner);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || shared.serve(stream, address));
            }
        });
        Self { address, inner }
    }

    /// Decides about every request from now on, by its first line and its number.
    pub(crate) fn decide(&self, decide: impl FnMut(&str, usize) -> Fate + Send + 'static) {
        *self.inner.decide.lock().unwrap() = Box::new(decide);
    }

    /// The first lines of all requests since the last time.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.inner.requests.lock().unwrap())
    }
}

impl Inner {
    /// One request a connection: the answer says that it is the last.
    fn serve(&self, stream: TcpStream, address: SocketAddr) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut stream = stream;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let header = |name: &str| {
            head.lines().find_map(|line| {
                let (key, value) = line.split_once(": ")?;
                key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let first = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
        let number = {
            let mut requests = self.requests.lock().unwrap();
            requests.push(first.clone());
            requests.len()
        };
        let length: usize = header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        let fate = (self.decide.lock().unwrap())(&first, number);
        if let Fate::Cut(many) = fate {
            let _ = reader.read_exact(&mut vec![0; many.min(length)]);
            let _ = stream.shutdown(Shutdown::Both);
            return None;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        if let Fate::Answer(status) = fate {
            let _ = write!(stream, "HTTP/1.1 {status} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            return None;
        }
        let sent = header("authorization").unwrap_or_default();
        if let Some(answer) = self.want_token(&first, &sent, address) {
            let _ = stream.write_all(answer.as_bytes());
            return None;
        }
        let mut upstream = TcpStream::connect(self.upstream).ok()?;
        let tokens = self.token_for.is_some();
        let kept = head.trim_end().lines().filter(|line| {
            let lower = line.to_ascii_lowercase();
            let login = tokens && lower.starts_with("authorization:");
            !login && !lower.starts_with("connection:")
        });
        let head: String = kept.map(|line| format!("{line}\r\n")).collect();
        upstream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).ok()?;
        upstream.write_all(&body).ok()?;
        let mut answer = Vec::new();
        upstream.read_to_end(&mut answer).ok()?;
        if fate == Fate::Corrupt
            && let Some(last) = answer.last_mut()
        {
            *last ^= 1;
        }
        stream.write_all(&answer).ok()
    }

    /// What is answered in place of the registry, to ask for a token or to give one.
    fn want_token(&self, first: &str, sent: &str, address: SocketAddr) -> Option<String> {
        let wanted = self.token_for.as_ref()?;
        if first.starts_with("GET /token") {
            let right = sent == format!("Basic {wanted}");
            let (status, body) =
                if right { ("200 OK", r#"{"token":"let-me-in"}"#) } else { ("401 No", "{}") };
            let length = body.len();
            return Some(format!(
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            ));
        }
        if sent == "Bearer let-me-in" {
            return None;
        }
        let realm = format!("Bearer realm=\"http://{address}/token\",service=\"test\"");
        Some(format!(
            "HTTP/1.1 401 No\r\nwww-authenticate: {realm}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        ))
    }
}

/// How many requests change something.
pub(crate) fn writes(requests: &[String]) -> usize {
    requests.iter().filter(|line| !line.starts_with("GET ") && !line.starts_with("HEAD ")).count()
}
