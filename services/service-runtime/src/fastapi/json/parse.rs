//! The grammar of CPython's `_json.c` and `json/decoder.py` (up to 3.12; from
//! 3.13 on a trailing comma has a message of its own there).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::decode::decode;
use super::value::{Text, Value};

/// Nesting beyond this makes Python's parser give up, roughly: its limit is 1000 calls, of which
/// the server has used some.
const DEEPEST: usize = 900;
/// `sys.int_info.default_max_str_digits`.
const MOST_DIGITS: usize = 4300;

/// Why a document is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::fastapi) enum JsonError {
    /// Not JSON: Python's message and the code point where it is.
    Syntax(&'static str, usize),
    /// Not text, nested too deeply, or with an integer too long: Python raises another error than
    /// for bad syntax, which FastAPI answers with 400.
    Unreadable,
}

/// Reads a document.
pub(in crate::fastapi) fn loads(bytes: &[u8]) -> Result<Value, JsonError> {
    let points = decode(bytes).map_err(|_| JsonError::Unreadable)?;
    let mut parser = Parser { points: &points, at: 0 };
    parser.skip_whitespace();
    let value = parser.value(0)?;
    parser.skip_whitespace();
    match parser.peek() {
        None => Ok(value),
        Some(_) => parser.fault("Extra data"),
    }
}

struct Parser<'a> {
    points: &'a [u32],
    at: usize,
}

const fn point(character: char) -> u32 {
    character as u32
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.peek_at(self.at)
    }

    /// The code point there; a surrogate shows as U+FFFD, which no rule of the grammar names.
    fn peek_at(&self, at: usize) -> Option<char> {
        let point = self.points.get(at)?;
        Some(char::from_u32(*point).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn fault<T>(&self, message: &'static str) -> Result<T, JsonError> {
        Err(JsonError::Syntax(message, self.at))
    }

    fn skip_whitespace(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    /// Goes past a character if it comes next.
    fn eat(&mut self, character: char) -> bool {
        let found = self.peek() == Some(character);
        self.at += usize::from(found);
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let points = word.chars().map(u32::from);
        let found = self.points[self.at..].iter().copied().take(word.len()).eq(points);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn value(&mut self, depth: usize) -> Result<Value, JsonError> {
        if depth > DEEPEST {
            return Err(JsonError::Unreadable);
        }
        match self.peek() {
            Some('"') => Ok(Value::String(self.string()?)),
            Some('{') => self.object(depth),
            Some('[') => self.array(depth),
            Some('n') if self.eat_word("null") => Ok(Value::Null),
            Some('t') if self.eat_word("true") => Ok(Value::Bool(true)),
            Some('f') if self.eat_word("false") => Ok(Value::Bool(false)),
            Some('N') if self.eat_word("NaN") => Ok(Value::NotFinite),
            Some('I') if self.eat_word("Infinity") => Ok(Value::NotFinite),
            Some('-') if self.eat_word("-Infinity") => Ok(Value::NotFinite),
            Some('-' | '0'..='9') => self.number(),
            _ => self.fault("Expecting value"),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.at += 1;
        let mut members: Vec<(Text, Value)> = Vec::new();
        let mut places: HashMap<Text, usize> = HashMap::new();
        self.skip_whitespace();
        if self.eat('}') {
            return Ok(Value::Object(members));
        }
        loop {
            if self.peek() != Some('"') {
                return self.fault("Expecting property name enclosed in double quotes");
            }
            let name = self.string()?;
            self.skip_whitespace();
            if !self.eat(':') {
                return self.fault("Expecting ':' delimiter");
            }
            self.skip_whitespace();
            let value = self.value(depth + 1)?;
            match places.entry(name.clone()) {
                Entry::Occupied(place) => members[*place.get()].1 = value,
                Entry::Vacant(place) => {
                    place.insert(members.len());
                    members.push((name, value));
                }
            }
            self.skip_whitespace();
            if self.eat('}') {
                return Ok(Value::Object(members));
            }
            if !self.eat(',') {
                return self.fault("Expecting ',' delimiter");
            }
            self.skip_whitespace();
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_whitespace();
        if self.eat(']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_whitespace();
            if self.eat(']') {
                return Ok(Value::Array(items));
            }
            if !self.eat(',') {
                return self.fault("Expecting ',' delimiter");
            }
            self.skip_whitespace();
        }
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let start = self.at;
        self.eat('-');
        if !self.eat('0') && self.digits() == 0 {
            self.at = start;
            return self.fault("Expecting value");
        }
        let whole_ends = self.at;
        self.try_part(|parser| parser.eat('.') && parser.digits() > 0);
        self.try_part(|parser| {
            let exponent = parser.eat('e') || parser.eat('E');
            exponent && {
                let _ = parser.eat('+') || parser.eat('-');
                parser.digits() > 0
            }
        });
        let text: String =
            self.points[start..self.at].iter().filter_map(|point| char::from_u32(*point)).collect();
        if self.at == whole_ends {
            // An integer of Python has no negative zero.
            if text == "-0" {
                return Ok(Value::Number("0".to_owned()));
            }
            let digits = text.trim_start_matches('-').len();
            return if digits > MOST_DIGITS { Err(JsonError::Unreadable) } else { Ok(Value::Number(text)) };
        }
        let finite = text.parse::<f64>().is_ok_and(f64::is_finite);
        Ok(if finite { Value::Number(text) } else { Value::NotFinite })
    }

    /// Goes past a part of a number if it is whole.
    fn try_part(&mut self, part: impl Fn(&mut Self) -> bool) {
        let start = self.at;
        if !part(self) {
            self.at = start;
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some('0'..='9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Result<Text, JsonError> {
        let start = self.at;
        self.at += 1;
        let mut content = Vec::new();
        loop {
            let Some(next) = self.points.get(self.at).copied() else {
                return Err(JsonError::Syntax("Unterminated string starting at", start));
            };
            if next <= 0x1f {
                return self.fault("Invalid control character at");
            }
            self.at += 1;
            match next {
                QUOTE => return Ok(Text::of(content)),
                BACKSLASH => content.push(self.escape(start)?),
                _ => content.push(next),
            }
        }
    }

    /// What stands after a backslash.
    fn escape(&mut self, start: usize) -> Result<u32, JsonError> {
        let Some(next) = self.peek() else {
            return Err(JsonError::Syntax("Unterminated string starting at", start));
        };
        self.at += 1;
        let plain = match next {
            '"' | '\\' | '/' => next,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode_escape(),
            _ => return Err(JsonError::Syntax("Invalid \\escape", self.at - 2)),
        };
        Ok(point(plain))
    }

    /// What stands after `\u`; two halves of a pair become one.
    fn unicode_escape(&mut self) -> Result<u32, JsonError> {
        let Some(first) = self.four_digits(self.at) else {
            // `_json.c` points at the `u`.
            return Err(JsonError::Syntax("Invalid \\uXXXX escape", self.at - 1));
        };
        self.at += 4;
        let high = (0xd800..=0xdbff).contains(&first);
        let follows = self.peek() == Some('\\') && self.peek_at(self.at + 1) == Some('u');
        if high
            && follows
            && let Some(second @ 0xdc00..=0xdfff) = self.four_digits(self.at + 2)
        {
            self.at += 6;
            return Ok(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00));
        }
        Ok(first)
    }

    fn four_digits(&self, at: usize) -> Option<u32> {
        (at..at + 4).try_fold(0, |value, at| Some(value * 16 + self.peek_at(at)?.to_digit(16)?))
    }
}

const QUOTE: u32 = point('"');
const BACKSLASH: u32 = point('\\');

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fault(text: &str) -> (&'static str, usize) {
        match loads(text.as_bytes()) {
            Err(JsonError::Syntax(message, at)) => (message, at),
            other => panic!("{text:?} gave {other:?}"),
        }
    }

    #[test]
    fn faults_are_those_of_python() {
        assert_eq!(fault(""), ("Expecting value", 0));
        assert_eq!(fault("{\"a\":1,}"), ("Expecting property name enclosed in double quotes", 7));
        assert_eq!(fault("{\"a\"}"), ("Expecting ':' delimiter", 4));
        assert_eq!(fault("[1 2]"), ("Expecting ',' delimiter", 3));
        assert_eq!(fault("01"), ("Extra data", 1));
        assert_eq!(fault("1.e5"), ("Extra data", 1));
        assert_eq!(fault("-x"), ("Expecting value", 0));
        assert_eq!(fault("\"ä\\u12z4\""), ("Invalid \\uXXXX escape", 3));
        assert_eq!(fault("\"\\q\""), ("Invalid \\escape", 1));
        assert_eq!(fault("\"a\nb\""), ("Invalid control character at", 2));
        assert_eq!(fault(" \"abc"), ("Unterminated string starting at", 1));
    }

    #[test]
    fn what_python_accepts_beyond_the_standard_is_accepted() {
        assert_eq!(loads(b"[NaN, -Infinity, 1e999]"), Ok(Value::Array(vec![Value::NotFinite; 3])));
        let lone = loads(br#""\ud800""#).expect("accepted");
        assert!(matches!(&lone, Value::String(text) if text.as_str().is_none()));
        let pair = loads(br#""\ud83d\ude00""#).expect("accepted");
        assert!(matches!(&pair, Value::String(text) if text.as_str() == Some("\u{1f600}")));
        let twice = loads(br#"{"a":1,"b":2,"a":3}"#).expect("accepted");
        assert_eq!(twice.get("a"), Some(&Value::Number("3".to_owned())));
    }

    #[test]
    fn what_makes_python_give_up_is_unreadable() {
        let deep = "[".repeat(100_000);
        assert_eq!(loads(deep.as_bytes()), Err(JsonError::Unreadable));
        assert_eq!(loads("9".repeat(4301).as_bytes()), Err(JsonError::Unreadable));
        assert_eq!(loads(b"\"\xff\""), Err(JsonError::Unreadable));
    }

    proptest! {
        #[test]
        fn what_a_strict_parser_accepts_is_accepted_and_equal(text in any::<String>(), number: i64) {
            let strict = serde_json::json!({"text": text, "list": [number, null, true], "x": {}});
            let mut again = String::new();
            loads(strict.to_string().as_bytes()).expect("valid").push_json(&mut again);
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&again).expect("valid"), strict);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = loads(&bytes);
        }

        #[test]
        fn scraps_of_json_are_read_or_refused(text in "[\\[\\]{}:,\"\\\\ue0-9tnNI. -]*") {
            let ours = loads(text.as_bytes()).is_ok();
            if serde_json::from_str::<serde_json::Value>(&text).is_ok() {
                prop_assert!(ours);
            }
        }
    }
}
