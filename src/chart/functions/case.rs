//! Changes of case, with Go's one-to-one mappings of characters.

use std::sync::LazyLock;

use regex::Regex;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::chart::template::{Runes, Text, decode};

/// The characters that Go's tables know: those of Unicode 15.0.
static KNOWN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\p{Age=15.0}").expect("a class of Unicode's"));

fn is_known(rune: char) -> bool {
    rune.is_ascii() || KNOWN.is_match(rune.encode_utf8(&mut [0; 4]))
}

/// What Unicode says a character is, as Go's tables have it.
fn category(rune: char) -> GeneralCategory {
    if is_known(rune) { rune.general_category() } else { GeneralCategory::Unassigned }
}

/// The kinds of characters that the category belongs to.
pub(super) fn group(rune: char) -> GeneralCategoryGroup {
    if is_known(rune) { rune.general_category_group() } else { GeneralCategoryGroup::Other }
}

/// One character for one, where both are known; otherwise it stays.
fn mapped(rune: char, mut to: impl Iterator<Item = char>) -> char {
    match (to.next(), to.next()) {
        (Some(other), None) if is_known(rune) && is_known(other) => other,
        _ => rune,
    }
}

/// Go's `unicode.ToUpper`: one character, or the same where Unicode has only a longer form.
fn to_upper(rune: char) -> char {
    let above = match rune {
        // Greek with a small iota below: Go takes the form with a small iota beside.
        '\u{1F80}'..='\u{1F87}' | '\u{1F90}'..='\u{1F97}' | '\u{1FA0}'..='\u{1FA7}' => 8,
        '\u{1FB3}' | '\u{1FC3}' | '\u{1FF3}' => 9,
        _ => return mapped(rune, rune.to_uppercase()),
    };
    char::from_u32(u32::from(rune) + above).unwrap_or(rune)
}

/// Go's `unicode.ToLower`.
pub(super) fn to_lower(rune: char) -> char {
    if rune == 'İ' { 'i' } else { mapped(rune, rune.to_lowercase()) }
}

/// Go's `unicode.ToTitle`.
fn to_title(rune: char) -> char {
    match rune {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        // Georgian has capitals for whole words only.
        '\u{10D0}'..='\u{10FF}' => rune,
        _ => to_upper(rune),
    }
}

/// Go's `unicode.IsUpper`; Rust's own counts letters in circles and Roman numerals too.
pub(super) fn is_upper(rune: char) -> bool {
    category(rune) == GeneralCategory::UppercaseLetter
}

/// Go's `unicode.IsSpace`.
pub(super) fn is_space(rune: char) -> bool {
    rune.is_whitespace()
}

/// `strings.ToUpper`
pub(super) fn upper(text: &Text) -> String {
    runes(text).map(to_upper).collect()
}

/// `strings.ToLower`
pub(super) fn lower(text: &Text) -> String {
    runes(text).map(to_lower).collect()
}

fn runes(text: &Text) -> impl Iterator<Item = char> + '_ {
    Runes::new(text.as_bytes()).map(|(_, rune, _)| rune)
}

/// `strings.Title`: the first letter of each word in title case.
pub(super) fn title(text: &Text) -> String {
    let mut previous = ' ';
    let mut out = String::new();
    for rune in runes(text) {
        out.push(if is_separator(previous) { to_title(rune) } else { rune });
        previous = rune;
    }
    out
}

fn is_separator(rune: char) -> bool {
    if rune.is_ascii() {
        return !(rune.is_ascii_alphanumeric() || rune == '_');
    }
    !rune.is_alphanumeric() && is_space(rune)
}

/// The first letter of each word in lower case.
pub(super) fn untitle(text: &Text) -> String {
    let mut pending = true;
    let mut out = String::new();
    for rune in runes(text) {
        if is_space(rune) {
            pending = true;
            out.push(rune);
        } else if std::mem::take(&mut pending) {
            out.push(to_lower(rune));
        } else {
            out.push(rune);
        }
    }
    out
}

/// Upper to lower, lower to upper, and lower to title at the start of a word.
pub(super) fn swap(text: &Text) -> String {
    let mut after_space = true;
    let mut out = String::new();
    for rune in runes(text) {
        out.push(match category(rune) {
            GeneralCategory::UppercaseLetter | GeneralCategory::TitlecaseLetter => to_lower(rune),
            GeneralCategory::LowercaseLetter if after_space => to_title(rune),
            GeneralCategory::LowercaseLetter => to_upper(rune),
            _ => rune,
        });
        after_space = is_space(rune);
    }
    out
}

pub(super) fn is_connector(rune: char) -> bool {
    rune == '-' || rune == '_' || is_space(rune)
}

/// `some_words` to `SomeWords`, as the `xstrings` library does it.
pub(super) fn pascal(text: &Text) -> String {
    let mut rest = text.as_bytes();
    let mut out = String::new();
    let mut current = '\0';
    let mut first_is_upper = false;
    let mut width = 0;
    while !rest.is_empty() {
        (current, width) = decode(rest);
        rest = &rest[width..];
        if !is_connector(current) {
            first_is_upper = is_upper(current);
            current = to_upper(current);
            break;
        }
        out.push(current);
    }
    if rest.is_empty() {
        if width > 0 {
            out.push(current);
        }
        return out;
    }
    while !rest.is_empty() {
        let previous = current;
        (current, width) = decode(rest);
        rest = &rest[width..];
        if is_connector(current) && is_connector(previous) {
            out.push(previous);
            continue;
        }
        if is_connector(previous) {
            first_is_upper = is_upper(current);
            current = to_upper(current);
        } else {
            if first_is_upper {
                if is_upper(current) {
                    current = to_lower(current);
                } else {
                    first_is_upper = false;
                }
            }
            out.push(previous);
        }
    }
    out.push(current);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_joined_as_in_xstrings() {
        assert_eq!(pascal(&"_complex__case_".into()), "_Complex_Case_");
        assert_eq!(pascal(&"http_server".into()), "HttpServer");
    }
}
