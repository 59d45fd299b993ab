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
        _ => match std::str::from_utf8(text) {
            Ok(text) => text.into(),
            Err(error) => return Err(broken(text, error.valid_up_to())),
        },
    };
    // Bytes that may start a forbidden character: controls, DEL, and the first bytes of C1 and of U+FFFE.
    let suspicious = |byte: u8| {
        (byte < b' ') & (byte != b'\t') & (byte != b'\n') & (byte != b'\r')
            | (byte == 0x7f)
            | (byte == 0xc2)
            | (byte == 0xef)
    };
    // Without an early end inside a piece, so that the compiler can look at many bytes at once.
    let found = |piece: &[u8]| piece.iter().fold(false, |found, byte| found | suspicious(*byte));
    if text.as_bytes().chunks(4096).any(found)
        && let Some(error) = forbidden(&text)
    {
        return Err(error);
    }
    Ok(text)
}

fn forbidden(text: &str) -> Option<YamlError> {
    let at = text.find(is_forbidden)?;
    let line = text[..at].matches('\n').count() + 1;
    Some(YamlError::decode("control characters are not allowed").on_line(line))
}

/// What libyaml says of a text that is UTF-8 up to `good`.
fn broken(text: &[u8], good: usize) -> YamlError {
    let before = std::str::from_utf8(&text[..good]).unwrap_or_default();
    if let Some(error) = forbidden(before) {
        return error;
    }
    let width = match text[good] {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => return YamlError::decode("invalid leading UTF-8 octet"),
    };
    let Some(trailing) = text.get(good + 1..good + width) else {
        return YamlError::decode("incomplete UTF-8 octet sequence");
    };
    if trailing.iter().any(|byte| byte & 0xC0 != 0x80) {
        return YamlError::decode("invalid trailing UTF-8 octet");
    }
    let first = u32::from(text[good]) & (0x7F >> width);
    let value = trailing.iter().fold(first, |value, byte| value << 6 | u32::from(byte & 0x3F));
    let least = [0x80, 0x800, 0x1_0000][width - 2];
    YamlError::decode(if value < least {
        "invalid length of a UTF-8 sequence"
    } else {
        "invalid Unicode character"
    })
}

fn is_forbidden(character: char) -> bool {
    !matches!(character, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}
