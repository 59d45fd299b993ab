//! Policy documents as IAM gives them back: percent-encoded JSON (RFC 3986).

use crate::model::Document;
use crate::provider::Error;

/// Reads a document out of an answer.
///
/// # Errors
/// When it is not JSON.
pub(super) fn read(text: &str, operation: &'static str) -> Result<Document, Error> {
    // A document that was not encoded starts with its brace: nothing to decode, and a `%` in it means itself.
    let text = if text.trim_start().starts_with('{') { text.to_owned() } else { decoded(text) };
    Document::parse(&text)
        .map_err(|error| Error::local("iam", operation, format!("the policy document is not JSON: {error}")))
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = match bytes[at] {
            b'%' => text.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok()),
            _ => None,
        };
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_decoded_once() {
        let document = read("%7B%22a%22%3A%20%22%C3%A4%2B%25%22%7D", "GetRole").unwrap();
        assert_eq!(document.value(), &serde_json::json!({"a": "ä+%"}));
        let plain = read("{\"a\": \"%41\"}", "GetRole").unwrap();
        assert_eq!(plain.value(), &serde_json::json!({"a": "%41"}));
        assert!(read("%7B", "GetRole").is_err());
        assert!(read("%", "GetRole").is_err());
    }
}
