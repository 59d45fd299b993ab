//! Writing of ASN.1 in DER, as far as keys and certificates need it, and of PEM.

use super::encoding::{decode64, encode64};

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const UTF8_STRING: u8 = 0x0c;
pub(super) const PRINTABLE_STRING: u8 = 0x13;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// A value with its tag and length.
pub(super) fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
        out.push(0x80 | (bytes.len() - start) as u8);
        out.extend_from_slice(&bytes[start..]);
    }
    out.extend_from_slice(content);
    out
}

/// A sequence of encoded values.
pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(SEQUENCE, &parts.concat())
}

/// A positive integer from its bytes, the highest first.
pub(super) fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len().saturating_sub(1));
    let mut content = bytes[start..].to_vec();
    if content.first().is_none_or(|first| first & 0x80 != 0) {
        content.insert(0, 0);
    }
    value(INTEGER, &content)
}

/// An object identifier from its encoded content.
pub(super) fn identifier(content: &[u8]) -> Vec<u8> {
    value(OBJECT_IDENTIFIER, content)
}

/// A string of whole bytes as a string of bits.
pub(super) fn bits(bytes: &[u8]) -> Vec<u8> {
    value(BIT_STRING, &[&[0], bytes].concat())
}

/// The text form of a block of data.
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let mut out = format!("-----BEGIN {label}-----\n");
    let text = encode64(der);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, left) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = left;
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// The first block of a PEM text: its label and data. Text around it and headers in it are skipped.
pub(super) fn read_pem(text: &str) -> Option<(String, Vec<u8>)> {
    let mut rest = text;
    loop {
        let start = rest.find("-----BEGIN ")?;
        let at_line_start = start == 0 || rest.as_bytes()[start - 1] == b'\n';
        let after = &rest[start + 11..];
        rest = after;
        let (label, body) = after.split_once("-----")?;
        let Some(end) = body.find(&format!("-----END {label}-----")) else { continue };
        let headers_end = body[..end].find("\n\n").filter(|_| body[..end].contains(':'));
        let body = &body[headers_end.map_or(0, |at| at + 2)..end];
        let compact: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        if let (true, Ok(data)) = (at_line_start, decode64(&compact)) {
            return Some((label.to_owned(), data));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pem_is_read_back() {
        let data: Vec<u8> = (0..=255).collect();
        let text = pem("X", &data);
        assert_eq!(read_pem(&format!("before\n{text}after")), Some(("X".to_owned(), data)));
        assert!(read_pem("-----BEGIN X-----\nAAAA\n").is_none());
    }

    #[test]
    fn integers_stay_positive() {
        assert_eq!(integer(&[0, 0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[0, 0]), [2, 1, 0]);
        assert_eq!(value(OCTET_STRING, &[0; 200])[..3], [4, 0x81, 200]);
    }
}
