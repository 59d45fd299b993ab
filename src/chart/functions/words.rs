//! `SomeWords` to `some_words` and `some-words`, as the `xstrings` library takes texts apart.

use unicode_properties::GeneralCategoryGroup;

use super::case::{group, is_connector, is_upper, to_lower};
use crate::chart::template::{Runes, Text, decode};

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

/// The words in small letters with `connector` between them.
pub(super) fn connected(text: &Text, connector: char) -> Vec<u8> {
    let mut state =
        Words { rest: text.as_bytes(), kind: Word::Invalid, word: &[], out: Vec::new(), connector };
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
    rest: &'a [u8],
    kind: Word,
    word: &'a [u8],
    out: Vec<u8>,
    connector: char,
}

impl<'a> Words<'a> {
    fn advance(&mut self) {
        let end;
        (self.kind, end) = next_word(self.rest);
        (self.word, self.rest) = self.rest.split_at(end);
    }

    fn write(&mut self) {
        self.write_word(self.kind, self.word);
    }

    fn write_word(&mut self, kind: Word, word: &[u8]) {
        if kind != Word::Upper && kind != Word::Connector {
            self.out.extend_from_slice(word);
            return;
        }
        for (_, rune, _) in Runes::new(word) {
            self.push(match rune {
                _ if is_connector(rune) => self.connector,
                _ if is_upper(rune) => to_lower(rune),
                _ => rune,
            });
        }
    }

    fn push(&mut self, rune: char) {
        self.out.extend_from_slice(rune.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn connect_unless(&mut self, none: &[Word]) {
        if !none.contains(&self.kind) {
            self.push(self.connector);
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
    fn follow(&mut self, previous: Word, last: &'a [u8]) {
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
                    self.push(self.connector);
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
    group(rune) == GeneralCategoryGroup::Punctuation
}

fn is_number(rune: char) -> bool {
    group(rune) == GeneralCategoryGroup::Number
}

/// A letter of a script that has words: the common Chinese ones are none.
fn is_alphabet(rune: char) -> bool {
    let is_chinese =
        matches!(rune, '\u{3400}'..='\u{4D85}' | '\u{4E00}'..='\u{9FCC}' | '\u{20000}'..='\u{2B81D}');
    group(rune) == GeneralCategoryGroup::Letter && !is_chinese
}

/// The first character that can be read, and its width with all that is broken before it (U+FFFD counts as
/// broken). If there is none, it is as if what stood before went on.
fn next_rune(text: &[u8], before: char) -> (char, usize) {
    let mut width = 0;
    while width < text.len() {
        let (rune, own) = decode(&text[width..]);
        width += own;
        if rune != char::REPLACEMENT_CHARACTER {
            return (rune, width);
        }
    }
    (before, width)
}

/// Where the characters from `start` on, of which `matches` holds, end; and the first that is different.
fn run(text: &[u8], start: usize, before: char, matches: impl Fn(char) -> bool) -> (usize, Option<char>) {
    let (mut end, mut rune) = (start, before);
    while end < text.len() {
        let width;
        (rune, width) = next_rune(&text[end..], rune);
        if !matches(rune) {
            return (end, Some(rune));
        }
        end += width;
    }
    (end, None)
}

/// What the next word is, and its width.
fn next_word(text: &[u8]) -> (Word, usize) {
    let (first, width) = next_rune(text, char::REPLACEMENT_CHARACTER);
    if first == char::REPLACEMENT_CHARACTER {
        (Word::Invalid, width)
    } else if is_connector(first) {
        (Word::Connector, run(text, width, first, is_connector).0)
    } else if is_punctuation(first) {
        (Word::Punctuation, run(text, width, first, is_punctuation).0)
    } else if is_upper(first) {
        (Word::Upper, upper_word(text, first, width))
    } else if is_alphabet(first) {
        (Word::Alphabet, run(text, width, first, |rune| is_alphabet(rune) && !is_upper(rune)).0)
    } else if is_number(first) {
        (Word::Number, run(text, width, first, is_number).0)
    } else {
        let other =
            |rune| !(is_connector(rune) || is_alphabet(rune) || is_number(rune) || is_punctuation(rune));
        (Word::Other, run(text, width, first, other).0)
    }
}

/// The width of a word that starts with a capital: `Status`, or `HTTP` of `HTTPStatus`.
fn upper_word(text: &[u8], first: char, width: usize) -> usize {
    let (end, after) = run(text, width, first, is_upper);
    if end == width {
        return run(text, width, first, |rune| is_alphabet(rune) && !is_upper(rune)).0;
    }
    if !after.is_some_and(is_alphabet) {
        return end;
    }
    // The last capital begins the next word.
    let (mut last, mut at, mut rune) = (width, width, first);
    while at < end {
        last = at;
        let own;
        (rune, own) = next_rune(&text[at..], rune);
        at += own;
    }
    last
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
            assert_eq!(connected(&text.into(), '_'), snake.as_bytes(), "{text}");
        }
    }
}
