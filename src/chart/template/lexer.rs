//! Splits template source into tokens, by the rules of Go's `text/template/parse`.
//!
//! Everything is lexed at once; the first fault is the last token, so that the parser reports whichever
//! fault comes first in the source.

use memchr::memmem;

use super::text::decode;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// The lexer could not go on.
    Fault,
    /// Text outside of actions.
    Text,
    /// `{{`
    LeftDelimiter,
    /// `}}`
    RightDelimiter,
    /// A run of white space inside an action; it separates arguments.
    Space,
    /// `=`
    Assign,
    /// `:=`
    Declare,
    /// `|`
    Pipe,
    /// `(`
    LeftParenthesis,
    /// `)`
    RightParenthesis,
    /// Another printable ASCII character, such as a comma.
    Character,
    /// `true` or `false`
    Bool,
    /// `'x'`
    CharacterConstant,
    /// A number, or the sum of a real and an imaginary one.
    Number,
    /// `"…"`
    Quoted,
    /// `` `…` ``
    Raw,
    /// `.name`
    Field,
    /// `.`
    Dot,
    /// `$name`
    Variable,
    /// A word that is no keyword: a function.
    Identifier,
    /// One of the words with a meaning of their own.
    Keyword(Keyword),
    /// The end of the source.
    End,
}

/// The words with a meaning of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

/// A piece of the source, by byte offsets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    start: u32,
    end: u32,
}

impl Token {
    fn new(kind: Kind, start: usize, end: usize) -> Self {
        Self { kind, start: start as u32, end: end as u32 }
    }

    /// Where it begins, in bytes.
    pub(super) fn start(&self) -> usize {
        self.start as usize
    }

    /// Where it ends.
    pub(super) fn end(&self) -> usize {
        self.end as usize
    }
}

/// Whether a byte is a letter, a digit or an underscore.
static IN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        byte += 1;
    }
    table
};

const SPACES: [u8; 4] = *b" \t\r\n";

/// The tokens of `source`, of which the last is [`Kind::End`] or [`Kind::Fault`], and what the fault is.
pub(super) fn tokens(source: &str) -> (Vec<Token>, String) {
    let mut lexer = Lexer {
        source,
        bytes: source.as_bytes(),
        position: 0,
        tokens: Vec::with_capacity(source.len() / 16),
    };
    let result = lexer.run();
    if result.is_err() {
        let start = lexer.position.min(source.len());
        lexer.tokens.push(Token::new(Kind::Fault, start, start));
    }
    (lexer.tokens, result.err().unwrap_or_default())
}

struct Lexer<'a> {
    source: &'a str,
    bytes: &'a [u8],
    position: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn run(&mut self) -> Result<(), String> {
        loop {
            let Some(delimiter) = self.next_action() else {
                self.text(self.position, self.bytes.len());
                self.position = self.bytes.len();
                self.push(Kind::End, self.position);
                return Ok(());
            };
            let trim = self.trims_left(delimiter + 2);
            let mut end = delimiter;
            while trim && end > self.position && SPACES.contains(&self.bytes[end - 1]) {
                end -= 1;
            }
            self.text(self.position, end);
            self.position = delimiter + 2;
            let after_marker = self.position + if trim { 2 } else { 0 };
            if self.bytes[after_marker..].starts_with(b"/*") {
                self.position = after_marker;
                self.comment()?;
            } else {
                self.push(Kind::LeftDelimiter, delimiter);
                self.position = after_marker;
                self.action()?;
            }
        }
    }

    /// Where the next `{{` is.
    fn next_action(&self) -> Option<usize> {
        memmem::find(&self.bytes[self.position..], b"{{").map(|at| self.position + at)
    }

    fn text(&mut self, start: usize, end: usize) {
        if end > start {
            self.tokens.push(Token::new(Kind::Text, start, end));
        }
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.tokens.push(Token::new(kind, start, self.position));
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    fn peek_is(&self, set: &[u8]) -> bool {
        self.peek().is_some_and(|byte| set.contains(&byte))
    }

    fn accept(&mut self, set: &[u8]) -> bool {
        let found = self.peek_is(set);
        self.position += usize::from(found);
        found
    }

    fn accept_run(&mut self, set: &[u8]) {
        while self.accept(set) {}
    }

    /// `{{- ` needs white space after its dash, or the dash belongs to a number.
    fn trims_left(&self, at: usize) -> bool {
        self.bytes.get(at) == Some(&b'-') && self.bytes.get(at + 1).is_some_and(|byte| SPACES.contains(byte))
    }

    /// The width of `}}` or ` -}}` here, and whether it trims.
    fn right_delimiter(&self, at: usize) -> Option<(usize, bool)> {
        let rest = &self.bytes[at..];
        if rest.first().is_some_and(|byte| SPACES.contains(byte)) && rest[1..].starts_with(b"-}}") {
            return Some((4, true));
        }
        rest.starts_with(b"}}").then_some((2, false))
    }

    fn skip_trimmed(&mut self) {
        self.accept_run(&SPACES);
    }

    fn comment(&mut self) -> Result<(), String> {
        let close = self.source[self.position + 2..].find("*/").ok_or("unclosed comment")?;
        self.position += 2 + close + 2;
        let (width, trim) =
            self.right_delimiter(self.position).ok_or("comment ends before closing delimiter")?;
        self.position += width;
        if trim {
            self.skip_trimmed();
        }
        Ok(())
    }

    fn action(&mut self) -> Result<(), String> {
        let mut depth = 0_u32;
        loop {
            if let Some((width, trim)) = self.right_delimiter(self.position) {
                if depth > 0 {
                    return Err("unclosed left paren".to_owned());
                }
                let start = self.position + width - 2;
                self.position += width;
                self.push(Kind::RightDelimiter, start);
                if trim {
                    self.skip_trimmed();
                }
                return Ok(());
            }
            let start = self.position;
            let (rune, width) = decode(&self.bytes[start..]);
            if width == 0 {
                return Err("unclosed action".to_owned());
            }
            self.position += width;
            let kind = self.inside(rune, start, &mut depth)?;
            self.push(kind, start);
        }
    }

    fn inside(&mut self, rune: char, start: usize, depth: &mut u32) -> Result<Kind, String> {
        Ok(match rune {
            ' ' | '\t' | '\r' | '\n' => {
                self.space();
                Kind::Space
            }
            '=' => Kind::Assign,
            ':' if self.accept(b"=") => Kind::Declare,
            ':' => return Err("expected :=".to_owned()),
            '|' => Kind::Pipe,
            '"' => self.quoted(b'"', "unterminated quoted string", Kind::Quoted)?,
            '\'' => self.quoted(b'\'', "unterminated character constant", Kind::CharacterConstant)?,
            '`' => {
                let close = self.source[self.position..].find('`').ok_or("unterminated raw quoted string")?;
                self.position += close + 1;
                Kind::Raw
            }
            '$' => self.name(start, Kind::Variable)?,
            '.' if !self.peek_is(b"0123456789") => self.name(start, Kind::Field)?,
            '.' | '+' | '-' | '0'..='9' => {
                self.position = start;
                self.number()?
            }
            _ if is_alphanumeric(rune) => self.word(start)?,
            '(' => {
                *depth += 1;
                Kind::LeftParenthesis
            }
            ')' => {
                *depth = depth.checked_sub(1).ok_or("unexpected right paren")?;
                Kind::RightParenthesis
            }
            '!'..='~' => Kind::Character,
            _ => return Err(format!("unrecognized character in action: {}", shown(rune))),
        })
    }

    /// Takes a run of white space, but leaves the last one to a trimming delimiter (` -}}`).
    fn space(&mut self) {
        self.position -= 1;
        while self.peek_is(&SPACES) {
            if self.right_delimiter(self.position).is_some_and(|(_, trim)| trim) {
                return;
            }
            self.position += 1;
        }
    }

    fn quoted(&mut self, quote: u8, fault: &str, kind: Kind) -> Result<Kind, String> {
        loop {
            match self.peek() {
                Some(b'\\') if self.bytes.get(self.position + 1).is_some_and(|next| *next != b'\n') => {
                    self.position += 2;
                }
                None | Some(b'\n' | b'\\') => return Err(fault.to_owned()),
                Some(byte) => {
                    self.position += 1;
                    if byte == quote {
                        return Ok(kind);
                    }
                }
            }
        }
    }

    fn take_alphanumeric(&mut self) {
        loop {
            let rest = &self.bytes[self.position..];
            let ascii = rest.iter().take_while(|byte| IN_NAME[usize::from(**byte)]).count();
            self.position += ascii;
            if rest.get(ascii).is_none_or(u8::is_ascii) {
                return;
            }
            let (rune, width) = decode(&rest[ascii..]);
            if !is_alphanumeric(rune) {
                return;
            }
            self.position += width;
        }
    }

    fn name(&mut self, start: usize, kind: Kind) -> Result<Kind, String> {
        if self.at_terminator() {
            return Ok(if kind == Kind::Field { Kind::Dot } else { kind });
        }
        self.take_alphanumeric();
        self.terminated()?;
        debug_assert!(self.position > start, "the first character has been taken");
        Ok(kind)
    }

    fn terminated(&mut self) -> Result<(), String> {
        if self.at_terminator() {
            return Ok(());
        }
        let (rune, _) = decode(&self.bytes[self.position..]);
        Err(format!("bad character {}", shown(rune)))
    }

    fn at_terminator(&self) -> bool {
        match self.peek() {
            None => true,
            Some(byte) if SPACES.contains(&byte) || b".,|:)(".contains(&byte) => true,
            Some(_) => self.bytes[self.position..].starts_with(b"}}"),
        }
    }

    fn word(&mut self, start: usize) -> Result<Kind, String> {
        self.take_alphanumeric();
        self.terminated()?;
        Ok(match &self.source[start..self.position] {
            "true" | "false" => Kind::Bool,
            "block" => Kind::Keyword(Keyword::Block),
            "break" => Kind::Keyword(Keyword::Break),
            "continue" => Kind::Keyword(Keyword::Continue),
            "define" => Kind::Keyword(Keyword::Define),
            "else" => Kind::Keyword(Keyword::Else),
            "end" => Kind::Keyword(Keyword::End),
            "if" => Kind::Keyword(Keyword::If),
            "nil" => Kind::Keyword(Keyword::Nil),
            "range" => Kind::Keyword(Keyword::Range),
            "template" => Kind::Keyword(Keyword::Template),
            "with" => Kind::Keyword(Keyword::With),
            _ => Kind::Identifier,
        })
    }

    fn number(&mut self) -> Result<Kind, String> {
        let start = self.position;
        let bad = |end: usize| format!("bad number syntax: {:?}", &self.source[start..end]);
        let mut scan = Self { tokens: Vec::new(), ..*self };
        let mut good = scan.scan_number();
        if good && scan.peek_is(b"+-") {
            good = scan.scan_number() && self.bytes[scan.position - 1] == b'i';
        }
        if !good {
            return Err(bad(scan.position));
        }
        self.position = scan.position;
        Ok(Kind::Number)
    }

    /// Takes what may be a number; false if a letter or digit follows that cannot belong to it.
    fn scan_number(&mut self) -> bool {
        const HEXADECIMAL: &[u8] = b"0123456789abcdefABCDEF_";
        const DECIMAL: &[u8] = b"0123456789_";
        self.accept(b"+-");
        let mut digits = DECIMAL;
        if self.accept(b"0") {
            if self.accept(b"xX") {
                digits = HEXADECIMAL;
            } else if self.accept(b"oO") {
                digits = b"01234567_";
            } else if self.accept(b"bB") {
                digits = b"01_";
            }
        }
        self.accept_run(digits);
        if self.accept(b".") {
            self.accept_run(digits);
        }
        let exponent: &[u8] = match digits.len() {
            11 => b"eE",
            23 => b"pP",
            _ => b"",
        };
        if self.accept(exponent) {
            self.accept(b"+-");
            self.accept_run(DECIMAL);
        }
        self.accept(b"i");
        let (rune, width) = decode(&self.bytes[self.position..]);
        if width > 0 && is_alphanumeric(rune) {
            self.position += width;
            return false;
        }
        true
    }
}

/// Whether a character can be part of a name.
pub(super) fn is_alphanumeric(rune: char) -> bool {
    rune == '_' || rune.is_alphabetic() || (rune.is_numeric() && rune.is_alphanumeric())
}

fn shown(rune: char) -> String {
    format!("U+{:04X} '{rune}'", u32::from(rune))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<Kind> {
        tokens(source).0.into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn trim_markers_need_white_space() {
        let pieces = |source: &str| -> Vec<String> {
            let all = tokens(source).0.into_iter();
            all.filter(|token| token.kind == Kind::Text)
                .map(|token| source[token.start()..token.end()].to_owned())
                .collect()
        };
        assert_eq!(pieces("a \n{{- 1 -}} \t b"), ["a", "b"]);
        assert_eq!(pieces("a {{-1}} b"), ["a ", " b"]);
        assert_eq!(pieces("a {{- /* c */ -}} b"), ["a", "b"]);
    }

    #[test]
    fn faults_are_told() {
        for (source, fault) in [
            ("{{", "unclosed action"),
            ("{{ (1 }}", "unclosed left paren"),
            ("{{ 1) }}", "unexpected right paren"),
            ("{{ \"a }}", "unterminated quoted string"),
            ("{{/* a }}", "unclosed comment"),
            ("{{/* a */ }}", "comment ends before closing delimiter"),
            ("{{ 1a }}", "bad number syntax: \"1a\""),
            ("{{ .a! }}", "bad character U+0021 '!'"),
            ("{{ : }}", "expected :="),
        ] {
            assert_eq!(kinds(source).pop(), Some(Kind::Fault), "{source}");
            assert_eq!(tokens(source).1, fault, "{source}");
        }
    }

    #[test]
    fn a_chain_is_one_field_a_dot() {
        let fields = kinds("{{ $x.y.z }}");
        assert_eq!(
            fields,
            [
                Kind::LeftDelimiter,
                Kind::Space,
                Kind::Variable,
                Kind::Field,
                Kind::Field,
                Kind::Space,
                Kind::RightDelimiter,
                Kind::End
            ]
        );
    }
}
