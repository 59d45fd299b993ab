//! `strconv.Quote` and its like.

use crate::chart::template::text::Runes;

/// Whether Go calls a character printable: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub(crate) fn is_print(rune: char) -> bool {
    if rune.is_ascii() {
        return matches!(rune, ' '..='~');
    }
    // Rust escapes what is not printable by the same categories; only at the start of a text does it
    // escape combining marks as well.
    let mut text = String::from("a");
    text.push(rune);
    text.escape_debug().nth(1).is_none_or(|first| first != '\\')
}

/// `"text"` with Go's escapes; with `ascii`, everything else escaped too.
pub(crate) fn quote(bytes: &[u8], ascii: bool) -> String {
    let mut quoted = String::with_capacity(bytes.len() + 2);
    quoted.push('"');
    for (at, rune, width) in Runes::new(bytes) {
        if rune == char::REPLACEMENT_CHARACTER && width == 1 {
            quoted.push_str(&format!("\\x{:02x}", bytes[at]));
        } else {
            push_rune(&mut quoted, rune, '"', ascii);
        }
    }
    quoted.push('"');
    quoted
}

/// `'x'` with Go's escapes.
pub(crate) fn quote_rune(rune: char, ascii: bool) -> String {
    let mut quoted = String::from("'");
    push_rune(&mut quoted, rune, '\'', ascii);
    quoted.push('\'');
    quoted
}

/// Whether a text can stand between back quotes.
pub(crate) fn can_back_quote(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        text.chars().all(|rune| {
            rune != '\u{feff}'
                && (!rune.is_ascii() || rune == '\t' || (rune >= ' ' && rune != '`' && rune != '\x7f'))
        })
    })
}

fn push_rune(quoted: &mut String, rune: char, quote: char, ascii: bool) {
    if rune == quote || rune == '\\' {
        quoted.push('\\');
        quoted.push(rune);
        return;
    }
    if if ascii { matches!(rune, ' '..='~') } else { is_print(rune) } {
        quoted.push(rune);
        return;
    }
    match rune {
        '\x07' => quoted.push_str("\\a"),
        '\x08' => quoted.push_str("\\b"),
        '\x0c' => quoted.push_str("\\f"),
        '\n' => quoted.push_str("\\n"),
        '\r' => quoted.push_str("\\r"),
        '\t' => quoted.push_str("\\t"),
        '\x0b' => quoted.push_str("\\v"),
        _ if rune < ' ' || rune == '\x7f' => quoted.push_str(&format!("\\x{:02x}", u32::from(rune))),
        _ if u32::from(rune) < 0x1_0000 => quoted.push_str(&format!("\\u{:04x}", u32::from(rune))),
        _ => quoted.push_str(&format!("\\U{:08x}", u32::from(rune))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_is_go_s() {
        assert_eq!(quote("a\"b\\\n\u{7f}é\u{200b}😀".as_bytes(), false), "\"a\\\"b\\\\\\n\\x7fé\\u200b😀\"");
        assert_eq!(quote("é😀".as_bytes(), true), "\"\\u00e9\\U0001f600\"");
        assert_eq!(quote(b"\xff", false), "\"\\xff\"");
        assert!(is_print('\u{301}') && !is_print('\u{a0}') && !is_print('\u{3000}'));
        assert!(can_back_quote(b"a\tb") && !can_back_quote(b"a`b") && !can_back_quote(b"a\nb"));
    }
}
