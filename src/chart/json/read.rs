//! Reading JSON as Go's decoder does, error texts included.

use crate::chart::value::{Object, Value};

/// Why a text is not JSON, in the words of Go's decoder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JsonError {
    message: String,
    /// Byte offset of the offending character.
    pub offset: usize,
    /// Whether the text ended too early, rather than holding something wrong.
    pub unexpected_end: bool,
}

/// Levels of nesting that are read. Go takes 10,000; the deepest schemas of charts have about 60.
const MAX_DEPTH: usize = 200;

/// Reads one JSON text; every number becomes a float, as Go's `any` has it.
pub fn read(text: &[u8]) -> Result<Value, JsonError> {
    let (value, too_large) = read_whole(text)?;
    too_large.map_or(Ok(value), Err)
}

/// As [`read`], but a number too large for a float is a null, and the first of them is told beside what was
/// read: Go's decoder goes on behind such a number.
pub fn read_whole(text: &[u8]) -> Result<(Value, Option<JsonError>), JsonError> {
    let mut reader = Reader { text, at: 0, depth: 0, too_large: None };
    let value = reader.value()?;
    reader.skip_space();
    match reader.peek() {
        None => Ok((value, reader.too_large)),
        Some(_) => Err(reader.unexpected("after top-level value")),
    }
}

/// Reads the JSON value `text` starts with, and tells where it ends (Go's `Decoder` and `InputOffset`).
pub fn read_prefix(text: &[u8]) -> Result<(Value, usize), JsonError> {
    let mut reader = Reader { text, at: 0, depth: 0, too_large: None };
    let value = reader.value()?;
    reader.too_large.map_or(Ok((value, reader.at)), Err)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    /// What was wrong with the first number too large for a float.
    too_large: Option<JsonError>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn unexpected(&self, context: &str) -> JsonError {
        match self.peek() {
            None => JsonError {
                message: "unexpected end of JSON input".to_owned(),
                offset: self.at,
                unexpected_end: true,
            },
            Some(byte) => JsonError {
                message: format!("invalid character {} {context}", quote(byte)),
                offset: self.at,
                unexpected_end: false,
            },
        }
    }

    /// As [`Self::unexpected`], inside a word or number: at the end of the text Go tries a blank.
    fn unexpected_inside(&self, context: &str) -> JsonError {
        let error = self.unexpected(context);
        if error.unexpected_end {
            return JsonError { message: format!("invalid character ' ' {context}"), ..error };
        }
        error
    }

    fn value(&mut self) -> Result<Value, JsonError> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, JsonError>) -> Result<Value, JsonError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(JsonError {
                message: "exceeded max depth".to_owned(),
                offset: self.at,
                unexpected_end: false,
            });
        }
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, JsonError> {
        let mut members = Object::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Map(members));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            let value = self.value()?;
            members.insert(key, value);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Map(members));
                }
                _ => return Err(self.unexpected("after object key:value pair")),
            }
        }
    }

    fn array(&mut self) -> Result<Value, JsonError> {
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::List(items));
                }
                _ => return Err(self.unexpected("after array element")),
            }
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, JsonError> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                let context = format!("in literal {word} (expecting {})", quote(expected));
                return Err(self.unexpected_inside(&context));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.unexpected_inside("in numeric literal")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.unexpected_inside("after decimal point in numeric literal"));
            }
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.unexpected_inside("in exponent of numeric literal"));
            }
            self.digits();
        }
        let text = String::from_utf8_lossy(&self.text[start..self.at]).into_owned();
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Float(number)),
            _ => {
                self.too_large.get_or_insert_with(|| JsonError {
                    message: format!("json: cannot unmarshal number {text} into Go value of type float64"),
                    offset: start,
                    unexpected_end: false,
                });
                Ok(Value::Null)
            }
        }
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(replace_invalid(out));
                }
                Some(b'\\') => self.escape(&mut out)?,
                Some(byte) if byte >= b' ' => {
                    out.push(byte);
                    self.at += 1;
                }
                _ => return Err(self.unexpected("in string literal")),
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        self.at += 1;
        let byte = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                self.at += 1;
                let character = self.unicode()?;
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(self.unexpected_inside("in string escape code")),
        };
        out.push(byte);
        self.at += 1;
        Ok(())
    }

    /// A `\u` escape after its `u`; a pair of surrogates makes one character, a half one U+FFFD.
    fn unicode(&mut self) -> Result<char, JsonError> {
        let first = self.hexadecimal()?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        if (0xD800..0xDC00).contains(&first) && self.text[self.at..].starts_with(b"\\u") {
            let back = self.at;
            self.at += 2;
            let second = self.hexadecimal()?;
            if (0xDC00..0xE000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hexadecimal(&mut self) -> Result<u32, JsonError> {
        let mut code = 0;
        for _ in 0..4 {
            match self.peek().and_then(|byte| char::from(byte).to_digit(16)) {
                Some(digit) => code = code * 16 + digit,
                None => return Err(self.unexpected_inside("in \\u hexadecimal character escape")),
            }
            self.at += 1;
        }
        Ok(code)
    }
}

/// Go replaces each byte that is no UTF-8 by U+FFFD, one by one.
fn replace_invalid(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let bytes = error.into_bytes();
            let mut out = String::with_capacity(bytes.len());
            for chunk in bytes.utf8_chunks() {
                out.push_str(chunk.valid());
                out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
            }
            out
        }
    }
}

/// A byte as Go quotes it in these messages.
fn quote(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        b'\\' => r"'\\'".to_owned(),
        7 => r"'\a'".to_owned(),
        8 => r"'\b'".to_owned(),
        12 => r"'\f'".to_owned(),
        b'\n' => r"'\n'".to_owned(),
        b'\r' => r"'\r'".to_owned(),
        b'\t' => r"'\t'".to_owned(),
        11 => r"'\v'".to_owned(),
        byte if byte < b' ' || byte == 0x7f => format!("'\\x{byte:02x}'"),
        0x80..=0x9f | 0xad => format!("'\\u{byte:04x}'"),
        byte => format!("'{}'", char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        read(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn errors_are_in_gos_words() {
        assert_eq!(message(""), "unexpected end of JSON input");
        assert_eq!(message("{"), "unexpected end of JSON input");
        assert_eq!(message("abc"), "invalid character 'a' looking for beginning of value");
        assert_eq!(message("{a"), "invalid character 'a' looking for beginning of object key string");
        assert_eq!(message("[1 2]"), "invalid character '2' after array element");
        assert_eq!(message("{\"a\":1,}"), "invalid character '}' looking for beginning of object key string");
        assert_eq!(message("tru!"), "invalid character '!' in literal true (expecting 'e')");
        assert_eq!(message("1 2"), "invalid character '2' after top-level value");
        assert_eq!(message("\"a\nb\""), "invalid character '\\n' in string literal");
        assert_eq!(message("-"), "invalid character ' ' in numeric literal");
        assert_eq!(message("[1."), "invalid character ' ' after decimal point in numeric literal");
        assert_eq!(message("tr"), "invalid character ' ' in literal true (expecting 'u')");
        assert_eq!(message("\"a\\"), "invalid character ' ' in string escape code");
        assert_eq!(message("\"a"), "unexpected end of JSON input");
        assert_eq!(message("01"), "invalid character '1' after top-level value");
    }

    #[test]
    fn text_and_numbers_are_read_as_go_reads_them() {
        let value = read(br#"{"a":1,"a":-2.5e1,"b":"\u00e9\ud83d\ude00\ud83dx\/"}"#).unwrap();
        assert_eq!(value.get("a"), Some(&Value::Float(-25.0)));
        assert_eq!(value.get("b").unwrap().as_str(), Some("é😀\u{fffd}x/"));
        assert_eq!(read(b"\"\xff\xfe\"").unwrap().as_str(), Some("\u{fffd}\u{fffd}"));
        assert_eq!(read_prefix(b" [1] ,x").unwrap(), (Value::List(vec![Value::Float(1.0)]), 4));
    }

    #[test]
    fn nesting_is_bounded() {
        assert_eq!(message(&"[".repeat(100_000)), "exceeded max depth");
        assert!(read(format!("{}{}", "[".repeat(190), "]".repeat(190)).as_bytes()).is_ok());
    }
}
