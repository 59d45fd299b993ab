//! Scalars with an explicit tag.

use super::resolve::{Scalar, resolve};

const PREFIX: &str = "tag:yaml.org,2002:";

/// The value of `text` under `tag`; tags YAML does not define leave it text.
///
/// The error is go-yaml's, for a text that does not have the type its tag names.
pub(super) fn resolve_tagged(tag: &str, text: &str) -> Result<Scalar, String> {
    let Some(name) = tag.strip_prefix(PREFIX) else { return Ok(Scalar::Text) };
    if !matches!(name, "bool" | "int" | "float" | "null" | "timestamp") {
        return Ok(Scalar::Text);
    }
    let resolved = resolve(text);
    let found = match (&resolved, name) {
        (Scalar::Int(number), "float") => return Ok(Scalar::Float(*number as f64)),
        (Scalar::Null, _) => "null",
        (Scalar::Bool(_), _) => "bool",
        (Scalar::Int(_) | Scalar::Uint(_), _) => "int",
        (Scalar::Float(_), _) => "float",
        (Scalar::Timestamp, _) => "timestamp",
        (Scalar::Text, _) => "str",
    };
    if found == name {
        return Ok(resolved);
    }
    Err(format!("cannot decode !!{found} `{text}` as a !!{name}"))
}

/// Standard base64 with padding; line breaks in it are skipped, as Go skips them.
pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let bytes: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    if !bytes.len().is_multiple_of(4) {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let groups = bytes.len() / 4;
    for (index, group) in bytes.chunks(4).enumerate() {
        let padding = group.iter().rev().take_while(|byte| **byte == b'=').count();
        if padding > 2 || padding > 0 && index + 1 < groups {
            return None;
        }
        let mut number: u32 = 0;
        for byte in &group[..4 - padding] {
            number = number << 6 | u32::from(digit(*byte)?);
        }
        number <<= 6 * padding;
        out.extend_from_slice(&number.to_be_bytes()[1..4 - padding]);
    }
    Some(out)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
