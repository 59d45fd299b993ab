//! A name server whose records can be changed while it runs.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

type Records = Arc<Mutex<HashMap<String, (Ipv4Addr, u32)>>>;

/// A name server for IPv4 addresses; ends with the test.
pub struct NameServer {
    /// Where it answers.
    pub address: SocketAddr,
    records: Records,
    task: JoinHandle<()>,
}

impl NameServer {
    /// Starts one without records: every name does not exist.
    pub async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
        let address = socket.local_addr().expect("it is bound");
        let records = Records::default();
        let known = Arc::clone(&records);
        let task = tokio::spawn(async move {
            let mut question = [0; 512];
            while let Ok((count, client)) = socket.recv_from(&mut question).await {
                if let Some(answer) = answer(&question[..count], &known) {
                    let _ = socket.send_to(&answer, client).await;
                }
            }
        });
        Self { address, records, task }
    }

    /// Sets the address of a name and its time to live in seconds.
    pub fn set(&self, name: &str, address: Ipv4Addr, seconds: u32) {
        let mut records = self.records.lock().expect("not poisoned");
        records.insert(name.to_owned(), (address, seconds));
    }

    /// Forgets a name.
    pub fn remove(&self, name: &str) {
        self.records.lock().expect("not poisoned").remove(name);
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers a question by RFC 1035: A records, an empty answer for other types of a known name, and
/// "no such name" for the rest.
fn answer(question: &[u8], records: &Records) -> Option<Vec<u8>> {
    let mut labels = Vec::new();
    let mut at = 12;
    loop {
        let length = usize::from(*question.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(question.get(at..at + length)?).to_lowercase());
        at += length;
    }
    let kind = question.get(at..at + 2)?;
    let asked = question.get(12..at + 4)?;
    let record = records.lock().expect("not poisoned").get(&labels.join(".")).copied();
    let found = record.filter(|_| kind == [0, 1]);
    let code = if record.is_some() { 0 } else { 3 };
    let mut bytes = question[..2].to_vec();
    bytes.extend_from_slice(&[0x85, 0x80 | code, 0, 1, 0, u8::from(found.is_some()), 0, 0, 0, 0]);
    bytes.extend_from_slice(asked);
    if let Some((address, seconds)) = found {
        bytes.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1]);
        bytes.extend_from_slice(&seconds.to_be_bytes());
        bytes.extend_from_slice(&[0, 4]);
        bytes.extend_from_slice(&address.octets());
    }
    Some(bytes)
}
