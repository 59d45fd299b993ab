//! What tests of the shipped binary share: the shipped environments in a folder of their own, and the control calls of
//! the sandbox of a folder. A test takes it in by `#[path]`.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use serde_json::Value;

/// Copies the files of all shipped environments into `environments/` of a folder.
pub(crate) fn ship_environments(folder: &Path) {
    let environments = folder.join("environments");
    fs::create_dir(&environments).unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("environments");
    for file in fs::read_dir(shipped).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, environments.join(file.file_name().unwrap())).unwrap();
    }
}

/// The port of the sandbox that runs for a folder.
pub(crate) fn sandbox_port(folder: &Path) -> u16 {
    let endpoint = fs::read(folder.join("state/sandbox/endpoint.json")).unwrap();
    let endpoint: Value = serde_json::from_slice(&endpoint).unwrap();
    u16::try_from(endpoint["port"].as_u64().unwrap()).unwrap()
}

/// A control call of the sandbox at a port, which must succeed.
pub(crate) fn control_at(port: u16, method: &str, path: &str, body: &Value) -> Value {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let request = format!(
        "{method} /_sandbox{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{method} {path}: {answer}");
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}
