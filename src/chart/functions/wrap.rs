//! Abbreviating, wrapping and thinning, as the `goutils` library does it: by bytes.

use super::strings::find;
use crate::chart::template::Text;

/// `goutils.AbbreviateFull`: at most `width` bytes of the text from about `offset` on, with dots where it
/// was cut; nothing where the library gives an error.
pub(super) fn abbreviate(bytes: &[u8], offset: i64, width: i64) -> Vec<u8> {
    let len = bytes.len() as i64;
    if offset == 0 && width < 4 {
        // Sprig returns the text itself for widths that make no sense.
        return bytes.to_vec();
    }
    if bytes.is_empty() || width < 4 {
        return Vec::new();
    }
    if len <= width {
        return bytes.to_vec();
    }
    let mut offset = offset.min(len);
    if len - offset < width - 3 {
        offset = len - (width - 3);
    }
    if offset <= 4 {
        return [&bytes[..(width - 3) as usize], b"..."].concat();
    }
    if width < 7 {
        return Vec::new();
    }
    if offset + width - 3 < len {
        return [b"...".as_slice(), &abbreviate(&bytes[offset as usize..], 0, width - 3)].concat();
    }
    [b"...", &bytes[(len - (width - 3)) as usize..]].concat()
}

/// `goutils.WrapCustom`
pub(super) fn wrap(text: &Text, width: i64, separator: &[u8], break_words: bool) -> Vec<u8> {
    let bytes = text.as_bytes();
    let width = usize::try_from(width).unwrap_or(1).max(1);
    let mut offset = 0;
    let mut out = Vec::new();
    while bytes.len().saturating_sub(offset) > width {
        if bytes[offset] == b' ' {
            offset += 1;
            continue;
        }
        let window = &bytes[offset..offset + width + 1];
        if let Some(space) = window.iter().rposition(|byte| *byte == b' ') {
            out.extend_from_slice(&bytes[offset..offset + space]);
            out.extend_from_slice(separator);
            offset += space + 1;
        } else if break_words {
            out.extend_from_slice(&bytes[offset..offset + width]);
            out.extend_from_slice(separator);
            offset += width;
        } else if let Some(space) = find(&bytes[offset + width..], b" ") {
            out.extend_from_slice(&bytes[offset..offset + width + space]);
            out.extend_from_slice(separator);
            offset += width + space + 1;
        } else {
            out.extend_from_slice(&bytes[offset..]);
            offset = bytes.len();
        }
    }
    out.extend_from_slice(&bytes[offset..]);
    out
}

/// `goutils.DeleteWhiteSpace`: every byte counts as a Latin-1 character, so that text beyond ASCII is
/// mangled where there is any space to delete.
pub(super) fn without_space(text: &Text) -> Vec<u8> {
    let kept: String =
        text.as_bytes().iter().map(|byte| char::from(*byte)).filter(|rune| !rune.is_whitespace()).collect();
    if kept.chars().count() == text.len() { text.as_bytes().to_vec() } else { kept.into_bytes() }
}

/// `goutils.Initials`: the first byte of each word, as a Latin-1 character.
pub(super) fn initials(text: &Text) -> String {
    let mut gap = true;
    let mut out = String::new();
    for byte in text.as_bytes() {
        let rune = char::from(*byte);
        if rune.is_whitespace() {
            gap = true;
        } else if std::mem::take(&mut gap) {
            out.push(rune);
        }
    }
    out
}
