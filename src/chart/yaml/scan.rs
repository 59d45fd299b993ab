//! From characters to tokens, as libyaml and go-yaml 2 cut them.
//!
//! YAML needs look-ahead to tell a key from a value: wherever a key could start, its place is remembered,
//! and a `:` found soon enough on the same line inserts the key token there.

use std::borrow::Cow;
use std::collections::VecDeque;

use memchr::memchr2;

/// A place in the text; lines and columns count from zero, columns in characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Characters from the start of the text.
    pub index: usize,
    pub line: usize,
    pub column: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    StreamEnd,
    VersionDirective,
    TagDirective,
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias,
    Anchor,
    Tag,
    /// A scalar without quotes or block form, whose text decides its type.
    Plain,
    /// Any other scalar.
    Quoted,
}

/// One token. Kept small and flat: the parser holds one at each level of nesting.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token<'a> {
    pub kind: Kind,
    pub start: Mark,
    /// The name of an anchor or alias; the handle of a tag or tag directive.
    pub name: &'a str,
    /// The text of a scalar; the suffix of a tag; the prefix of a tag directive.
    pub text: Cow<'a, str>,
}

impl<'a> Token<'a> {
    fn new(kind: Kind, start: Mark) -> Self {
        Self { kind, start, name: "", text: Cow::Borrowed("") }
    }

    pub(super) fn named(kind: Kind, start: Mark, name: &'a str, text: impl Into<Cow<'a, str>>) -> Self {
        Self { kind, start, name, text: text.into() }
    }
}

/// What is wrong, in go-yaml's words, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub problem: String,
    pub mark: Mark,
    /// Where the construct started in which the problem was found.
    pub context: Mark,
    /// Found while cutting tokens, rather than while putting them together.
    pub scanning: bool,
}

/// A place where a key may have started.
#[derive(Debug, Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    /// The number of the token that would be the key, counted over the whole stream.
    token: usize,
    mark: Mark,
}

/// How far before its colon a key may start, in characters.
const LONGEST_KEY: usize = 1024;
/// Levels of nesting that are read. go-yaml takes 10,000; the deepest schemas of charts have about 60.
pub(crate) const MAX_DEPTH: usize = 200;

pub(crate) struct Scanner<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) mark: Mark,
    pub(super) flow_level: usize,
    pub(super) indent: isize,
    pub(super) simple_key_allowed: bool,
    indents: Vec<isize>,
    simple_keys: Vec<SimpleKey>,
    tokens: VecDeque<Token<'a>>,
    taken: usize,
    ended: bool,
    /// Whether the head of the queue is known to be the next token.
    ready: bool,
}

pub(crate) type Scanned<T> = Result<T, Box<SyntaxError>>;

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            mark: Mark::default(),
            flow_level: 0,
            indent: -1,
            simple_key_allowed: true,
            indents: Vec::new(),
            simple_keys: vec![SimpleKey::default()],
            tokens: VecDeque::new(),
            taken: 0,
            ended: false,
            ready: false,
        }
    }

    /// The next token, without taking it. After the end of the stream it is the end again.
    pub(crate) fn peek(&mut self) -> Scanned<&Token<'a>> {
        self.fill()?;
        Ok(&self.tokens[0])
    }

    /// Takes the next token; the end of the stream stays.
    pub(crate) fn take(&mut self) -> Scanned<Token<'a>> {
        self.fill()?;
        if self.tokens[0].kind == Kind::StreamEnd {
            return Ok(self.tokens[0].clone());
        }
        self.taken += 1;
        self.ready = false;
        Ok(self.tokens.pop_front().unwrap_or(Token::new(Kind::StreamEnd, self.mark)))
    }

    /// Cuts tokens until the first in the queue can no longer turn out to follow a key token.
    fn fill(&mut self) -> Scanned<()> {
        if self.ready {
            return Ok(());
        }
        while !self.ended && (self.tokens.is_empty() || self.head_may_be_key()?) {
            self.fetch()?;
        }
        self.ready = true;
        Ok(())
    }

    fn head_may_be_key(&mut self) -> Scanned<bool> {
        // Only the innermost few can stand at the head: numbers grow with the level.
        for level in 0..self.simple_keys.len() {
            let key = self.simple_keys[level];
            if key.possible && key.token == self.taken {
                return self.is_key_valid(level);
            }
            if key.possible && key.token > self.taken {
                break;
            }
        }
        Ok(false)
    }

    pub(super) fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Moves over one character that is no line break.
    pub(super) fn skip(&mut self) {
        if let Some(character) = self.text[self.at..].chars().next() {
            self.at += character.len_utf8();
        }
        self.mark.index += 1;
        self.mark.column += 1;
    }

    /// Moves over `count` characters of one byte each.
    pub(super) fn skip_bytes(&mut self, count: usize) {
        self.at += count;
        self.mark.index += count;
        self.mark.column += count;
    }

    /// Moves over one line break, if one is here, and gives what a scalar keeps of it.
    pub(super) fn take_break(&mut self) -> Option<&'static str> {
        let (bytes, characters, kept) = match (self.byte(0), self.byte(1), self.byte(2)) {
            (b'\r', b'\n', _) => (2, 2, "\n"),
            (b'\r' | b'\n', _, _) => (1, 1, "\n"),
            (0xC2, 0x85, _) => (2, 1, "\n"),
            (0xE2, 0x80, 0xA8) => (3, 1, "\u{2028}"),
            (0xE2, 0x80, 0xA9) => (3, 1, "\u{2029}"),
            _ => return None,
        };
        self.at += bytes;
        self.mark.index += characters;
        self.mark.line += 1;
        self.mark.column = 0;
        Some(kept)
    }

    pub(super) fn is_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t')
    }

    /// Whether a line break stands `ahead` bytes from here.
    pub(super) fn is_break(&self, ahead: usize) -> bool {
        match self.byte(ahead) {
            b'\r' | b'\n' => true,
            0xC2 => self.byte(ahead + 1) == 0x85,
            0xE2 => self.byte(ahead + 1) == 0x80 && matches!(self.byte(ahead + 2), 0xA8 | 0xA9),
            _ => false,
        }
    }

    pub(super) fn is_break_or_end(&self, ahead: usize) -> bool {
        self.at + ahead >= self.text.len() || self.is_break(ahead)
    }

    pub(super) fn is_blank_or_end(&self, ahead: usize) -> bool {
        self.is_blank(ahead) || self.is_break_or_end(ahead)
    }

    /// Whether a `---` or `...` line starts here.
    pub(super) fn is_document_indicator(&self) -> bool {
        self.mark.column == 0
            && (self.text[self.at..].starts_with("---") || self.text[self.at..].starts_with("..."))
            && self.is_blank_or_end(3)
    }

    pub(super) fn error(&self, context: Mark, problem: impl Into<String>) -> Box<SyntaxError> {
        Box::new(SyntaxError { problem: problem.into(), mark: self.mark, context, scanning: true })
    }

    fn push(&mut self, kind: Kind, start: Mark) {
        self.tokens.push_back(Token::new(kind, start));
    }

    /// Appends a token of `bytes` one-byte characters that starts here, and moves over it.
    fn push_indicator(&mut self, kind: Kind, bytes: usize) {
        let start = self.mark;
        self.skip_bytes(bytes);
        self.push(kind, start);
    }

    /// Cuts the next token.
    fn fetch(&mut self) -> Scanned<()> {
        self.skip_to_token();
        if self.is_end() {
            return self.fetch_stream_end();
        }
        self.unroll_indent(self.mark.column as isize);
        if self.mark.column == 0 && self.byte(0) == b'%' {
            self.unroll_indent(-1);
            self.remove_simple_key()?;
            self.simple_key_allowed = false;
            let token = self.scan_directive()?;
            self.tokens.push_back(token);
            return Ok(());
        }
        if self.is_document_indicator() {
            let kind = if self.byte(0) == b'-' { Kind::DocumentStart } else { Kind::DocumentEnd };
            self.unroll_indent(-1);
            self.remove_simple_key()?;
            self.simple_key_allowed = false;
            self.push_indicator(kind, 3);
            return Ok(());
        }
        self.fetch_content()
    }

    fn fetch_content(&mut self) -> Scanned<()> {
        let in_flow = self.flow_level > 0;
        match self.byte(0) {
            b'[' => self.fetch_flow_start(Kind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(Kind::FlowMappingStart),
            b']' => self.fetch_flow_end(Kind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(Kind::FlowMappingEnd),
            b',' => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                self.push_indicator(Kind::FlowEntry, 1);
                Ok(())
            }
            b'-' if self.is_blank_or_end(1) => self.fetch_block_entry(),
            b'?' if in_flow || self.is_blank_or_end(1) => self.fetch_key(),
            b':' if in_flow || self.is_blank_or_end(1) => self.fetch_value(),
            b'*' | b'&' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                let token = self.scan_anchor()?;
                self.tokens.push_back(token);
                Ok(())
            }
            b'!' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                let token = self.scan_tag()?;
                self.tokens.push_back(token);
                Ok(())
            }
            b'|' | b'>' if !in_flow => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                let start = self.mark;
                let text = self.scan_block_scalar()?;
                self.tokens.push_back(Token::named(Kind::Quoted, start, "", text));
                Ok(())
            }
            b'\'' | b'"' => self.fetch_flow_scalar(true),
            b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => Err(self.cannot_start()),
            _ if self.is_blank_or_end(0) => Err(self.cannot_start()),
            _ => self.fetch_flow_scalar(false),
        }
    }

    fn cannot_start(&self) -> Box<SyntaxError> {
        self.error(self.mark, "found character that cannot start any token")
    }

    fn fetch_flow_scalar(&mut self, quoted: bool) -> Scanned<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        let (kind, text) =
            if quoted { (Kind::Quoted, self.scan_quoted()?) } else { (Kind::Plain, self.scan_plain()?) };
        self.tokens.push_back(Token::named(kind, start, "", text));
        Ok(())
    }

    /// Moves over spaces, comments and line breaks.
    fn skip_to_token(&mut self) {
        loop {
            if self.mark.column == 0 && self.text[self.at..].starts_with('\u{feff}') {
                self.skip();
            }
            // Tabs do not indent, so they are no space where a line's content may start a key.
            while self.byte(0) == b' '
                || (self.flow_level > 0 || !self.simple_key_allowed) && self.byte(0) == b'\t'
            {
                self.skip_bytes(1);
            }
            self.skip_comment();
            if self.take_break().is_none() {
                return;
            }
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    pub(super) fn skip_comment(&mut self) {
        if self.byte(0) == b'#' {
            self.skip_line();
        }
    }

    /// Moves to the end of the line.
    pub(super) fn skip_line(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let line = &rest[..memchr2(b'\r', b'\n', rest).unwrap_or(rest.len())];
        if line.is_ascii() {
            return self.skip_bytes(line.len());
        }
        // Unicode's line breaks are among the other characters.
        while !self.is_break_or_end(0) {
            self.skip();
        }
    }

    fn is_key_valid(&mut self, level: usize) -> Scanned<bool> {
        let key = self.simple_keys[level];
        if !key.possible {
            return Ok(false);
        }
        if key.mark.line < self.mark.line || key.mark.index + LONGEST_KEY < self.mark.index {
            if key.required {
                return Err(self.error(key.mark, "could not find expected ':'"));
            }
            self.simple_keys[level].possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    fn save_simple_key(&mut self) -> Scanned<()> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        let required = self.flow_level == 0 && self.indent == self.mark.column as isize;
        self.remove_simple_key()?;
        let key =
            SimpleKey { possible: true, required, token: self.taken + self.tokens.len(), mark: self.mark };
        if let Some(last) = self.simple_keys.last_mut() {
            *last = key;
        }
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Scanned<()> {
        let Some(key) = self.simple_keys.last_mut() else { return Ok(()) };
        if key.possible && key.required {
            let context = key.mark;
            return Err(self.error(context, "could not find expected ':'"));
        }
        key.possible = false;
        Ok(())
    }

    fn fetch_stream_end(&mut self) -> Scanned<()> {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.ended = true;
        self.push(Kind::StreamEnd, self.mark);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: Kind) -> Scanned<()> {
        self.save_simple_key()?;
        if self.flow_level >= MAX_DEPTH {
            return Err(self.error(self.mark, format!("exceeded max depth of {MAX_DEPTH}")));
        }
        self.simple_keys.push(SimpleKey::default());
        self.flow_level += 1;
        self.simple_key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: Kind) -> Scanned<()> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.simple_keys.pop();
        }
        self.simple_key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Scanned<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return Err(self.error(self.mark, "block sequence entries are not allowed in this context"));
            }
            self.roll_indent(self.mark, None, Kind::BlockSequenceStart)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(Kind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Scanned<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return Err(self.error(self.mark, "mapping keys are not allowed in this context"));
            }
            self.roll_indent(self.mark, None, Kind::BlockMappingStart)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.push_indicator(Kind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Scanned<()> {
        let level = self.simple_keys.len() - 1;
        if self.is_key_valid(level)? {
            let key = self.simple_keys[level];
            let position = key.token - self.taken;
            self.tokens.insert(position, Token::new(Kind::Key, key.mark));
            self.roll_indent(key.mark, Some(position), Kind::BlockMappingStart)?;
            self.simple_keys[level].possible = false;
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return Err(self.error(self.mark, "mapping values are not allowed in this context"));
                }
                self.roll_indent(self.mark, None, Kind::BlockMappingStart)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.push_indicator(Kind::Value, 1);
        Ok(())
    }

    /// Opens a block collection in the column of `mark`, if that is further in than the current one; its
    /// token goes to the end of the queue or to `position`.
    fn roll_indent(&mut self, mark: Mark, position: Option<usize>, kind: Kind) -> Scanned<()> {
        let column = mark.column as isize;
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAX_DEPTH {
            return Err(self.error(mark, format!("exceeded max depth of {MAX_DEPTH}")));
        }
        let position = position.unwrap_or(self.tokens.len());
        self.tokens.insert(position, Token::new(kind, mark));
        Ok(())
    }

    /// Closes the block collections that are further in than `column`.
    fn unroll_indent(&mut self, column: isize) {
        while self.flow_level == 0 && self.indent > column {
            self.push(Kind::BlockEnd, self.mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }
}
