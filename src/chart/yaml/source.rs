//! Texts before they are read: their encoding, and where one document ends and the next begins.

use super::error::YamlError;

/// Cuts `text` at lines of `---` as Kubernetes' `YAMLReader` does; each part with its first line, from one.
///
/// A `---` before any content stays in the part; text or a directive after `---` keeps it from cutting.
pub fn documents(text: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let (mut start, mut first_line, mut at) = (0, 1, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let cuts = line.strip_prefix("---").is_some_and(|rest| {
            let rest = rest.trim();
            rest.is_empty() || rest.starts_with('#')
        });
        if cuts && at > start {
            parts.push((first_line, &text[start..at]));
            start = at + line.len();
            first_line = number + 2;
        }
        at += line.len();
    }
    if start < text.len() {
        parts.push((first_line, &text[start..]));
    }
    parts
}

/// The text as UTF-8, checked for the characters YAML allows.
pub(super) fn decode(text: &[u8]) -> Result<std::borrow::Cow<'_, str>, YamlError> {
    let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units = bytes[2..].chunks(2).map(|pair| match pair {
            &[first, second] => read([first, second]),
            _ => 0xFFFF,
        });
        char::decode_utf16(units).collect::<Result<String, _>>()
    };
    let text: std::borrow::Cow<'_, str> = match text {
        [0xFF, 0xFE, ..] => wide(text, u16::from_le_bytes)
            .map_err(|_| YamlError::decode("unexpected low surrogate area"))?
            .into(),
        [0xFE, 0xFF, ..] => wide(text, u16::from_be_bytes)
            .map_err(|_| YamlError::decode("unexpected low surrogate area"))?
            .into(),
        _ => std::str::from_utf8(text).map_err(|_| YamlError::decode("invalid leading UTF-8 octet"))?.into(),
    };
    // Bytes that may start a forbidden character: controls, DEL, and the first bytes of C1 and of U+FFFE.
    let suspicious = |byte: &u8| matches!(byte, 0..=8 | 0xb | 0xc | 0xe..=0x1f | 0x7f | 0xc2 | 0xef);
    if text.as_bytes().iter().any(suspicious)
        && let Some(at) = text.find(is_forbidden)
    {
        let line = text[..at].matches('\n').count() + 1;
        return Err(YamlError::decode("control characters are not allowed").on_line(line));
    }
    Ok(text)
}

fn is_forbidden(character: char) -> bool {
    !matches!(character, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}
