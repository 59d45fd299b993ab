//! The journal's written form: a header and one line an entry, each with a checksum before it.
//!
//! `<16 hexadecimal digits of SHA-256 of the rest> <JSON>\n`. A last line without its newline is
//! a write that a crash cut; a wrong checksum anywhere else is damage.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Error;
use crate::state::Line;

/// The version of the journal's form that this program writes; it reads this one.
pub const JOURNAL_VERSION: u32 = 1;

/// The first line of a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) version: u32,
    pub(super) environment: String,
    pub(super) lineage: String,
}

/// The written form of a journal's first line.
pub fn encode_header(environment: &str, lineage: &str) -> String {
    let (environment, lineage) = (environment.to_owned(), lineage.to_owned());
    encode(&Header { version: JOURNAL_VERSION, environment, lineage })
}

/// The written form of a line, its newline included.
pub fn encode_line(line: &Line) -> String {
    encode(line)
}

fn encode(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("entries hold nothing that JSON cannot");
    format!("{} {json}\n", checksum(json.as_bytes()))
}

fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// What a journal's bytes hold.
#[derive(Debug, Default)]
pub struct Decoded {
    pub(super) header: Option<Header>,
    /// The whole lines.
    pub lines: Vec<Line>,
    /// How many bytes of a torn last line follow them.
    pub torn: usize,
    /// How many bytes are whole.
    pub whole: usize,
}

/// Reads a journal's bytes. A torn last line is counted and left out.
///
/// # Errors
/// [`Error::Corrupt`] when a line that is not the last is damaged; [`Error::Version`] when a newer program
/// wrote it.
pub fn decode(bytes: &[u8], path: &Path) -> Result<Decoded, Error> {
    let mut decoded = Decoded::default();
    let mut pieces = bytes.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
    while let Some((at, piece)) = pieces.next() {
        let last = pieces.peek().is_none();
        let Some(json) = intact(piece) else {
            // A write that a crash cut is a prefix: it has no newline. Anything else was damaged later.
            if last && !piece.ends_with(b"\n") {
                decoded.torn = piece.len();
                return Ok(decoded);
            }
            return Err(corrupt(path, at, "the checksum does not match".to_owned()));
        };
        if at == 0 {
            let header: Header = parse(json, path, at)?;
            if header.version > JOURNAL_VERSION {
                let (path, found) = (path.to_owned(), header.version);
                return Err(Error::Version { path, found, known: JOURNAL_VERSION });
            }
            decoded.header = Some(header);
        } else {
            decoded.lines.push(parse(json, path, at)?);
        }
        decoded.whole += piece.len();
    }
    Ok(decoded)
}

/// The JSON of a line whose newline is there and whose checksum is right.
fn intact(piece: &[u8]) -> Option<&[u8]> {
    let line = piece.strip_suffix(b"\n")?;
    let (sum, rest) = line.split_at_checked(16)?;
    let json = rest.strip_prefix(b" ")?;
    (checksum(json).as_bytes() == sum).then_some(json)
}

fn parse<T: for<'de> Deserialize<'de>>(json: &[u8], path: &Path, at: usize) -> Result<T, Error> {
    serde_json::from_slice(json).map_err(|error| corrupt(path, at, error.to_string()))
}

fn corrupt(path: &Path, at: usize, why: String) -> Error {
    Error::Corrupt { path: path.to_owned(), line: at + 1, why }
}
