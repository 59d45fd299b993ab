//! Text as Go has it: bytes that are usually, but not always, UTF-8.
//!
//! Templates meet other bytes too (`b64dec` of a binary file, `trunc` in the middle of a character), and
//! must pass them on unharmed.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::rc::Rc;

/// A shared, immutable Go string.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Rc<[u8]>);

impl Text {
    /// The bytes as they are.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text with every invalid byte shown as U+FFFD, as Go shows it.
    pub fn lossy(&self) -> Cow<'_, str> {
        lossy(&self.0)
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no byte at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this text is exactly `other`.
    pub fn is(&self, other: &str) -> bool {
        &*self.0 == other.as_bytes()
    }
}

/// `bytes` as text, each byte that is no part of UTF-8 replaced by one U+FFFD (Go's rule; Rust's own
/// conversion replaces a whole broken sequence by one).
pub fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(Runes::new(bytes).map(|(_, rune, _)| rune).collect()),
    }
}

/// Go's iteration over a string: offset, character (U+FFFD for a broken byte) and width in bytes.
pub(crate) struct Runes<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Runes<'a> {
    /// Starts at the first byte of `bytes`.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }
}

impl Iterator for Runes<'_> {
    type Item = (usize, char, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.bytes.get(self.offset..).filter(|rest| !rest.is_empty())?;
        let (rune, width) = decode(rest);
        let offset = self.offset;
        self.offset += width;
        Some((offset, rune, width))
    }
}

/// The first character of `bytes` and its width; a broken or missing one is U+FFFD, one byte wide.
pub(crate) fn decode(bytes: &[u8]) -> (char, usize) {
    let Some(&first) = bytes.first() else { return (char::REPLACEMENT_CHARACTER, 0) };
    if first < 0x80 {
        return (char::from(first), 1);
    }
    let width = match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return (char::REPLACEMENT_CHARACTER, 1),
    };
    let found = bytes.get(..width).and_then(|part| std::str::from_utf8(part).ok());
    found.and_then(|part| part.chars().next()).map_or((char::REPLACEMENT_CHARACTER, 1), |rune| (rune, width))
}

impl Borrow<[u8]> for Text {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.lossy())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl From<Rc<str>> for Text {
    fn from(text: Rc<str>) -> Self {
        Self(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text.into_bytes().into())
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        Self(text.as_bytes().into())
    }
}

impl From<Cow<'_, [u8]>> for Text {
    fn from(bytes: Cow<'_, [u8]>) -> Self {
        Self(bytes.into())
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_broken_byte_becomes_one_replacement() {
        assert_eq!(lossy(b"a\xff\xfeb"), "a\u{FFFD}\u{FFFD}b");
        assert_eq!(lossy(b"\xe2\x82"), "\u{FFFD}\u{FFFD}");
        assert_eq!(lossy("€".as_bytes()), "€");
    }

    #[test]
    fn order_is_by_byte() {
        assert!(Text::from("Z") < Text::from("a"));
        assert!(Text::from("a") < Text::from("aa"));
    }
}
