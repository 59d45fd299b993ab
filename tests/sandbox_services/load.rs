//! Clients that ask without a pause, and know of every request what became of it.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

/// Clients of each sort.
const CLIENTS: usize = 3;

/// How long a client waits after each request where no number of them is asked for.
const PACE: Duration = Duration::from_millis(10);

/// What clients saw.
#[derive(Default)]
pub(crate) struct Seen {
    /// How many requests were answered as they should.
    pub(crate) answered: usize,
    /// How many of them were POSTs.
    pub(crate) posts: usize,
    /// How many connections were made by those that keep theirs.
    pub(crate) kept: usize,
    /// The pods that answered.
    pub(crate) pods: BTreeSet<String>,
    /// The requests that were not, and why.
    pub(crate) lost: Vec<String>,
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.answered += other.answered;
        self.posts += other.posts;
        self.kept += other.kept;
        self.pods.extend(other.pods);
        self.lost.extend(other.lost);
    }

    /// Whether a pod of a colour answered.
    pub(crate) fn has(&self, color: &str) -> bool {
        self.pods.iter().any(|pod| pod.starts_with(&format!("backend-service-{color}-")))
    }
}

/// Asks while `work` runs: as much as it can until there were so many requests, or at an easy pace when none is asked
/// for.
pub(crate) fn beside(url: &str, least: usize, work: impl FnOnce()) -> Seen {
    let (stop, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let (stop, count) = (&stop, &count);
        let goes_on = move || !stop.load(Ordering::Relaxed) || count.load(Ordering::Relaxed) < least;
        let pace = if least == 0 { PACE } else { Duration::ZERO };
        let clients: Vec<_> = (0..2 * CLIENTS)
            .map(|number| {
                scope.spawn(move || {
                    client(url, number % 2 == 0, || {
                        std::thread::sleep(pace);
                        goes_on().then(|| count.fetch_add(1, Ordering::Relaxed))
                    })
                })
            })
            .collect();
        // Whatever `work` does, the clients end.
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        stop.store(true, Ordering::Relaxed);
        let mut seen = Seen::default();
        clients.into_iter().for_each(|client| seen.add(client.join().unwrap()));
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        seen
    })
}

/// One client: it keeps its connection for as long as it may, or makes one for each request. `next` numbers them.
fn client(url: &str, keeps: bool, next: impl Fn() -> Option<usize>) -> Seen {
    let mut seen = Seen::default();
    let mut kept: Option<TcpStream> = None;
    while let Some(number) = next().filter(|_| seen.lost.len() < 10) {
        let post = number % 3 == 0;
        let fresh = kept.is_none();
        let asked = match kept.take() {
            Some(stream) => ask(stream, keeps, post),
            None => connect(url).and_then(|stream| ask(stream, keeps, post)),
        };
        seen.kept += usize::from(fresh && keeps);
        match asked {
            Ok((stream, pod)) => {
                kept = stream;
                seen.answered += 1;
                seen.posts += usize::from(post);
                seen.pods.extend(pod);
            }
            Err(why) => seen.lost.push(format!("post {post}, kept {}: {why}", !fresh)),
        }
    }
    seen
}

fn connect(url: &str) -> Result<TcpStream, String> {
    let stream = TcpStream::connect(url.trim_start_matches("http://"));
    let stream = stream.map_err(|error| format!("no connection: {error}"))?;
    let set = stream.set_read_timeout(Some(Duration::from_secs(30))).and_then(|()| stream.set_nodelay(true));
    set.map(|()| stream).map_err(|error| error.to_string())
}

/// One request: its connection, when that is kept, and the pod that tells its name.
fn ask(
    mut stream: TcpStream,
    keeps: bool,
    post: bool,
) -> Result<(Option<TcpStream>, Option<String>), String> {
    let body =
        if post { json!({"data": "words", "operation": "uppercase"}).to_string() } else { String::new() };
    let (method, path) = if post { ("POST", "/api/backend/process") } else { ("GET", "/api/info") };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: demo\r\nConnection: {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        if keeps { "keep-alive" } else { "close" },
        body.len()
    );
    stream.write_all(request.as_bytes()).map_err(|error| format!("not sent: {error}"))?;
    let (head, body) = answer(&mut stream)?;
    let told: Value = serde_json::from_slice(&body).map_err(|error| format!("{head}: {error}"))?;
    if !head.starts_with("HTTP/1.1 200") || (post && told["result"] != "WORDS") {
        return Err(format!("{head}: {told}"));
    }
    let closes = head.to_lowercase().contains("connection: close");
    Ok(((keeps && !closes).then_some(stream), told["pod"].as_str().map(str::to_owned)))
}

/// The head of an answer, and its body by its length.
fn answer(stream: &mut TcpStream) -> Result<(String, Vec<u8>), String> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                line.to_lowercase()
                    .strip_prefix("content-length:")
                    .and_then(|it| it.trim().parse::<usize>().ok())
            });
            let length = length.ok_or_else(|| format!("no length: {head}"))?;
            if bytes.len() >= end + 4 + length {
                return Ok((head, bytes[end + 4..end + 4 + length].to_vec()));
            }
        }
        match stream.read(&mut part) {
            Ok(0) => return Err(format!("closed after {} bytes", bytes.len())),
            Ok(read) => bytes.extend_from_slice(&part[..read]),
            Err(error) => return Err(format!("no answer: {error}")),
        }
    }
}
