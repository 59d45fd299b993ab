//! Go's string and character literals, read back (`strconv.Unquote`).

use std::borrow::Cow;

/// The bytes of a literal in double quotes, which are part of `literal`.
pub(super) fn quoted(literal: &str) -> Option<Cow<'_, [u8]>> {
    let mut rest = literal.strip_prefix('"')?.strip_suffix('"')?;
    if !rest.bytes().any(|byte| matches!(byte, b'\n' | b'"' | b'\\')) {
        return Some(Cow::Borrowed(rest.as_bytes()));
    }
    let mut bytes = Vec::with_capacity(rest.len());
    while let Some(rune) = rest.chars().next() {
        if matches!(rune, '\n' | '"') {
            return None;
        }
        if rune == '\\' {
            let (piece, left) = escape(&rest[1..], '"')?;
            piece.append_to(&mut bytes);
            rest = left;
        } else {
            let (plain, left) = rest.split_at(rune.len_utf8());
            bytes.extend_from_slice(plain.as_bytes());
            rest = left;
        }
    }
    Some(Cow::Owned(bytes))
}

/// The bytes of a literal in back quotes: all but carriage returns.
pub(super) fn raw(literal: &str) -> Option<Cow<'_, [u8]>> {
    let inner = literal.strip_prefix('`')?.strip_suffix('`')?;
    Some(if inner.contains('\r') {
        Cow::Owned(inner.bytes().filter(|byte| *byte != b'\r').collect())
    } else {
        Cow::Borrowed(inner.as_bytes())
    })
}

/// The one character of a literal in single quotes.
pub(super) fn character(literal: &str) -> Option<char> {
    let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    let first = inner.chars().next()?;
    if first == '\\' {
        let (piece, rest) = escape(&inner[1..], '\'')?;
        return match piece {
            _ if !rest.is_empty() => None,
            Piece::Rune(rune) => Some(rune),
            Piece::Byte(byte) => Some(char::from(byte)),
        };
    }
    (first != '\'' && first.len_utf8() == inner.len()).then_some(first)
}

enum Piece {
    Rune(char),
    Byte(u8),
}

impl Piece {
    fn append_to(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Rune(rune) => bytes.extend_from_slice(rune.encode_utf8(&mut [0; 4]).as_bytes()),
            Self::Byte(byte) => bytes.push(*byte),
        }
    }
}

/// Reads what follows a backslash.
fn escape(rest: &str, quote: char) -> Option<(Piece, &str)> {
    let kind = rest.chars().next()?;
    let after = &rest[kind.len_utf8()..];
    let simple = match kind {
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '\\' => '\\',
        '\'' | '"' if kind == quote => kind,
        'x' => return digits(after, 2, 16).map(|(value, left)| (Piece::Byte(value as u8), left)),
        'u' | 'U' => {
            let (value, left) = digits(after, if kind == 'u' { 4 } else { 8 }, 16)?;
            return Some((Piece::Rune(char::from_u32(value)?), left));
        }
        '0'..='7' => {
            let (value, left) = digits(rest, 3, 8)?;
            return Some((Piece::Byte(u8::try_from(value).ok()?), left));
        }
        _ => return None,
    };
    Some((Piece::Rune(simple), after))
}

fn digits(text: &str, count: usize, radix: u32) -> Option<(u32, &str)> {
    let part = text.get(..count).filter(|part| part.bytes().all(|byte| byte.is_ascii_alphanumeric()))?;
    Some((u32::from_str_radix(part, radix).ok()?, &text[count..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_as_go_reads_them() {
        assert_eq!(quoted(r#""a\n\x41\u20ac\101""#).unwrap(), "a\nA€A".as_bytes());
        assert_eq!(quoted("\"a€\"").unwrap(), "a€".as_bytes());
        assert!(quoted("\"a\nb\"").is_none());
        assert_eq!(&*quoted(r#""\xff""#).unwrap(), [0xff]);
        assert!(quoted(r#""\'""#).is_none());
        assert!(quoted(r#""\400""#).is_none());
        assert!(quoted(r#""\ud800""#).is_none());
        assert_eq!(character(r"'\''"), Some('\''));
        assert_eq!(character("'ab'"), None);
        assert_eq!(&*raw("`a\r\nb`").unwrap(), b"a\nb");
    }
}
