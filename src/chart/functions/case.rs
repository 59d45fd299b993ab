//! Changes of case, with Go's one-to-one mappings of characters.

use crate::chart::template::{Runes, Text, decode};

/// Go's `unicode.ToUpper`: one character, or the same where Unicode has only a longer form.
fn to_upper(rune: char) -> char {
    let mut mapped = rune.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(upper), None) => upper,
        _ => rune,
    }
}

/// Go's `unicode.ToLower`.
fn to_lower(rune: char) -> char {
    if rune == 'İ' {
        return 'i';
    }
    let mut mapped = rune.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(lower), None) => lower,
        _ => rune,
    }
}

/// Go's `unicode.ToTitle`.
fn to_title(rune: char) -> char {
    match rune {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        _ => to_upper(rune),
    }
}

/// Whether Unicode calls a character a title-case letter (`ǅ` and its like).
fn is_title(rune: char) -> bool {
    matches!(rune, 'ǅ' | 'ǈ' | 'ǋ' | 'ǲ' | '\u{1F88}'..='\u{1F8F}' | '\u{1F98}'..='\u{1F9F}' | '\u{1FA8}'..='\u{1FAF}' | '\u{1FBC}' | '\u{1FCC}' | '\u{1FFC}')
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
        if rune.is_uppercase() || is_title(rune) {
            out.push(to_lower(rune));
            after_space = false;
        } else if rune.is_lowercase() {
            out.push(if after_space { to_title(rune) } else { to_upper(rune) });
            after_space = false;
        } else {
            out.push(rune);
            after_space = is_space(rune);
        }
    }
    out
}

fn is_connector(rune: char) -> bool {
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
            first_is_upper = current.is_uppercase();
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
            first_is_upper = current.is_uppercase();
            current = to_upper(current);
        } else {
            if first_is_upper {
                if current.is_uppercase() {
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

/// What a word is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Invalid,
    Number,
    Upper,
    Alphabet,
    Connector,
    Punctuation,
    Other,
}

/// `SomeWords` to `some_words`, as the `xstrings` library does it.
pub(super) fn connected(text: &Text, connector: char) -> String {
    let lossy = text.lossy();
    if lossy.is_empty() {
        return String::new();
    }
    let mut state = Words { rest: &lossy, kind: Word::Invalid, word: "", out: String::new(), connector };
    state.advance();
    while !state.rest.is_empty() {
        if state.kind != Word::Connector {
            state.write();
        }
        let (previous, last) = (state.kind, state.word);
        state.advance();
        state.follow(previous, last);
    }
    state.write();
    state.out
}

struct Words<'a> {
    rest: &'a str,
    kind: Word,
    word: &'a str,
    out: String,
    connector: char,
}

impl<'a> Words<'a> {
    fn advance(&mut self) {
        (self.kind, self.word, self.rest) = next_word(self.rest);
    }

    fn write(&mut self) {
        self.write_word(self.kind, self.word);
    }

    fn write_word(&mut self, kind: Word, word: &str) {
        if kind != Word::Upper && kind != Word::Connector {
            self.out.push_str(word);
            return;
        }
        for rune in word.chars() {
            self.out.push(if is_connector(rune) { self.connector } else { to_lower(rune) });
        }
    }

    fn connect_unless(&mut self, none: &[Word]) {
        if !none.contains(&self.kind) {
            self.out.push(self.connector);
        }
    }

    fn take_while_number_or_letters(&mut self) {
        while matches!(self.kind, Word::Alphabet | Word::Number) {
            self.write();
            self.advance();
        }
        self.connect_unless(&[Word::Invalid, Word::Punctuation, Word::Connector]);
    }

    /// What stands between the word just written and the one just read.
    fn follow(&mut self, previous: Word, last: &'a str) {
        match previous {
            Word::Number => self.take_while_number_or_letters(),
            Word::Connector => self.write_word(previous, last),
            Word::Punctuation => {}
            _ if self.kind != Word::Number => self.connect_unless(&[Word::Connector, Word::Punctuation]),
            _ if self.rest.is_empty() => {}
            _ => {
                let number = self.word;
                self.advance();
                if self.kind == Word::Alphabet {
                    // Small letters after a number: the number starts the next word ("HTTP2xx").
                    self.out.push(self.connector);
                    self.write_word(Word::Number, number);
                    self.take_while_number_or_letters();
                } else {
                    // The number belongs to the word before it ("Bld4Floor").
                    self.write_word(Word::Number, number);
                    self.connect_unless(&[Word::Connector, Word::Punctuation]);
                }
            }
        }
    }
}

fn is_punctuation(rune: char) -> bool {
    if rune.is_ascii() {
        // Unicode counts `$+<=>^`|~` as symbols.
        return rune.is_ascii_punctuation() && !"$+<=>^`|~".contains(rune);
    }
    super::regular_class::is_category(rune, "P")
}

fn is_alphabet(rune: char) -> bool {
    rune.is_alphabetic() && super::regular_class::is_letter(rune)
}

fn next_word(text: &str) -> (Word, &str, &str) {
    let Some(first) = text.chars().next() else { return (Word::Invalid, "", "") };
    let width = |matches: &dyn Fn(char) -> bool| -> usize {
        text.chars().take_while(|rune| matches(*rune)).map(char::len_utf8).sum()
    };
    let (kind, end) = if first == char::REPLACEMENT_CHARACTER {
        (Word::Invalid, first.len_utf8())
    } else if is_connector(first) {
        (Word::Connector, width(&is_connector))
    } else if is_punctuation(first) {
        (Word::Punctuation, width(&is_punctuation))
    } else if first.is_uppercase() {
        (Word::Upper, upper_word(text))
    } else if is_alphabet(first) {
        (Word::Alphabet, width(&|rune| is_alphabet(rune) && !rune.is_uppercase()))
    } else if first.is_numeric() {
        (Word::Number, width(&char::is_numeric))
    } else {
        let other = |rune: char| {
            !(is_connector(rune) || is_alphabet(rune) || rune.is_numeric() || is_punctuation(rune))
        };
        (
            Word::Other,
            first.len_utf8()
                + text[first.len_utf8()..]
                    .chars()
                    .take_while(|r| other(*r))
                    .map(char::len_utf8)
                    .sum::<usize>(),
        )
    };
    let (word, rest) = text.split_at(end);
    (kind, word, rest)
}

/// The width of a word that starts with a capital: `Status`, or `HTTP` of `HTTPStatus`.
fn upper_word(text: &str) -> usize {
    let runes: Vec<char> = text.chars().collect();
    let capitals = runes.iter().take_while(|rune| rune.is_uppercase()).count();
    let count = if capitals > 1 {
        let then_letter = runes.get(capitals).is_some_and(|rune| is_alphabet(*rune));
        capitals - usize::from(then_letter)
    } else {
        1 + runes[1..].iter().take_while(|rune| is_alphabet(**rune) && !rune.is_uppercase()).count()
    };
    runes[..count].iter().map(|rune| rune.len_utf8()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_connected_as_in_xstrings() {
        for (text, snake) in [
            ("FirstName", "first_name"),
            ("HTTPServer", "http_server"),
            ("NoHTTPS", "no_https"),
            ("GO_PATH", "go_path"),
            ("GO PATH", "go_path"),
            ("GO-PATH", "go_path"),
            ("HTTP20XX", "http20_xx"),
            ("Bld4Floor3rd", "bld4_floor_3rd"),
            ("a1b", "a_1b"),
        ] {
            assert_eq!(connected(&text.into(), '_'), snake, "{text}");
        }
        assert_eq!(pascal(&"_complex__case_".into()), "_Complex_Case_");
        assert_eq!(pascal(&"http_server".into()), "HttpServer");
    }
}
