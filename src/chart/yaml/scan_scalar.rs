//! Scalars: plain, quoted and block, with YAML's folding of lines.

use std::borrow::Cow;

use super::scan::{Mark, Scanned, Scanner};

/// Line breaks inside a scalar that is folded: what the first was, and those after it.
#[derive(Default)]
struct Breaks {
    first: Option<&'static str>,
    more: String,
}

impl Breaks {
    fn add(&mut self, kept: &'static str) {
        if self.first.is_none() {
            self.first = Some(kept);
        } else {
            self.more.push_str(kept);
        }
    }

    /// Writes what the breaks stand for: one a space, several one less.
    fn fold_into(&mut self, out: &mut String) {
        match self.first.take() {
            Some("\n") if self.more.is_empty() => out.push(' '),
            Some("\n") | None => out.push_str(&self.more),
            Some(kept) => {
                out.push_str(kept);
                out.push_str(&self.more);
            }
        }
        self.more.clear();
    }
}

impl<'a> Scanner<'a> {
    /// A plain scalar; borrowed from the text when it is on one line.
    pub(super) fn scan_plain(&mut self) -> Scanned<Cow<'a, str>> {
        let start_mark = self.mark;
        let indent = self.indent + 1;
        let start = self.at;
        let mut end = start;
        let mut folded: Option<String> = None;
        let mut breaks = Breaks::default();
        let mut chunk = start;
        let mut leading_blanks = false;
        loop {
            if self.is_document_indicator() || self.byte(0) == b'#' {
                break;
            }
            let before = self.at;
            while !self.is_blank_or_end(0) && !self.ends_plain() {
                if self.at == before && leading_blanks {
                    let out = folded.get_or_insert_default();
                    out.push_str(&self.text[chunk..end]);
                    breaks.fold_into(out);
                    chunk = self.at;
                    leading_blanks = false;
                }
                match self.plain_run() {
                    0 => self.skip(),
                    run => self.skip_bytes(run),
                }
                end = self.at;
            }
            if !(self.is_blank(0) || self.is_break(0)) {
                break;
            }
            self.skip_plain_blanks(start_mark, indent, &mut leading_blanks, &mut breaks)?;
            if self.flow_level == 0 && (self.mark.column as isize) < indent {
                break;
            }
        }
        if leading_blanks {
            self.simple_key_allowed = true;
        }
        Ok(match folded {
            None => Cow::Borrowed(&self.text[start..end]),
            Some(mut out) => {
                out.push_str(&self.text[chunk..end]);
                Cow::Owned(out)
            }
        })
    }

    /// How many characters of one byte follow that end a plain scalar in no case.
    fn plain_run(&self) -> usize {
        let in_flow = self.flow_level > 0;
        let goes_on = |byte: &u8| match byte {
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => !in_flow,
            byte => byte.is_ascii_graphic() && *byte != b':',
        };
        self.text.as_bytes()[self.at..].iter().take_while(|byte| goes_on(byte)).count()
    }

    fn ends_plain(&self) -> bool {
        match self.byte(0) {
            b':' => self.is_blank_or_end(1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow_level > 0,
            _ => false,
        }
    }

    fn skip_plain_blanks(
        &mut self,
        start: Mark,
        indent: isize,
        leading_blanks: &mut bool,
        breaks: &mut Breaks,
    ) -> Scanned<()> {
        while self.is_blank(0) || self.is_break(0) {
            if let Some(kept) = self.take_break() {
                breaks.add(kept);
                *leading_blanks = true;
                continue;
            }
            if *leading_blanks && (self.mark.column as isize) < indent && self.byte(0) == b'\t' {
                return Err(self.error(start, "found a tab character that violates indentation"));
            }
            self.skip_bytes(1);
        }
        Ok(())
    }

    /// A single- or double-quoted scalar; borrowed when nothing in it is escaped or folded.
    pub(super) fn scan_quoted(&mut self) -> Scanned<Cow<'a, str>> {
        let start = self.mark;
        let quote = self.byte(0);
        self.skip_bytes(1);
        if let Some(text) = self.simple_quoted(quote) {
            return Ok(Cow::Borrowed(text));
        }
        let mut out = String::new();
        loop {
            if self.is_document_indicator() {
                return Err(self.error(start, "found unexpected document indicator"));
            }
            if self.is_end() {
                return Err(self.error(start, "found unexpected end of stream"));
            }
            let escaped_break = self.quoted_words(quote, start, &mut out)?;
            if self.byte(0) == quote {
                self.skip_bytes(1);
                return Ok(Cow::Owned(out));
            }
            self.quoted_blanks(escaped_break, &mut out);
        }
    }

    /// The whole of a quoted scalar that is on one line and has no escapes; most have none.
    fn simple_quoted(&mut self, quote: u8) -> Option<&'a str> {
        let rest = &self.text[self.at..];
        let length = rest.bytes().position(|byte| {
            byte == quote || byte == b'\\' && quote == b'"' || !(b' '..=b'~').contains(&byte)
        })?;
        let closes = rest.as_bytes()[length] == quote;
        let doubled = quote == b'\'' && rest.as_bytes().get(length + 1) == Some(&quote);
        if !closes || doubled {
            return None;
        }
        self.skip_bytes(length + 1);
        Some(&rest[..length])
    }

    /// Copies up to a blank, a break or the closing quote; tells whether an escaped line break ended it.
    fn quoted_words(&mut self, quote: u8, start: Mark, out: &mut String) -> Scanned<bool> {
        while !self.is_blank_or_end(0) {
            match self.byte(0) {
                b'\'' if quote == b'\'' => {
                    if self.byte(1) != b'\'' {
                        return Ok(false);
                    }
                    out.push('\'');
                    self.skip_bytes(2);
                }
                b'"' if quote == b'"' => return Ok(false),
                b'\\' if quote == b'"' => {
                    self.skip_bytes(1);
                    if self.take_break().is_some() {
                        return Ok(true);
                    }
                    out.push(self.scan_escape(start)?);
                }
                _ => {
                    let before = self.at;
                    self.skip();
                    out.push_str(&self.text[before..self.at]);
                }
            }
        }
        Ok(false)
    }

    fn scan_escape(&mut self, start: Mark) -> Scanned<char> {
        let digits = match self.byte(0) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => 0,
        };
        if digits == 0 {
            let character = match self.byte(0) {
                b'0' => '\0',
                b'a' => '\u{7}',
                b'b' => '\u{8}',
                b't' | b'\t' => '\t',
                b'n' => '\n',
                b'v' => '\u{b}',
                b'f' => '\u{c}',
                b'r' => '\r',
                b'e' => '\u{1b}',
                b' ' => ' ',
                b'"' => '"',
                b'\'' => '\'',
                b'\\' => '\\',
                b'N' => '\u{85}',
                b'_' => '\u{a0}',
                b'L' => '\u{2028}',
                b'P' => '\u{2029}',
                _ => return Err(self.error(start, "found unknown escape character")),
            };
            self.skip_bytes(1);
            return Ok(character);
        }
        self.skip_bytes(1);
        let code = self
            .text
            .get(self.at..self.at + digits)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let Some(code) = code else {
            return Err(self.error(start, "did not find expected hexdecimal number"));
        };
        let character = char::from_u32(code)
            .ok_or_else(|| self.error(start, "found invalid Unicode character escape code"))?;
        self.skip_bytes(digits);
        Ok(character)
    }

    /// Blanks inside quotes: kept within a line, folded around line breaks.
    fn quoted_blanks(&mut self, escaped_break: bool, out: &mut String) {
        let mut leading_blanks = escaped_break;
        let mut breaks = Breaks::default();
        let start = self.at;
        let mut end = start;
        while self.is_blank(0) || self.is_break(0) {
            if let Some(kept) = self.take_break() {
                if leading_blanks {
                    breaks.more.push_str(kept);
                } else {
                    breaks.first = Some(kept);
                    leading_blanks = true;
                }
            } else {
                self.skip_bytes(1);
                if !leading_blanks {
                    end = self.at;
                }
            }
        }
        if leading_blanks {
            breaks.fold_into(out);
        } else {
            out.push_str(&self.text[start..end]);
        }
    }

    /// A `|` or `>` scalar.
    pub(super) fn scan_block_scalar(&mut self) -> Scanned<String> {
        let start = self.mark;
        let literal = self.byte(0) == b'|';
        self.skip_bytes(1);
        let (keep, increment) = self.block_header(start)?;
        let mut indent = match increment {
            0 => 0,
            step => self.indent.max(0) + step,
        };
        let mut out = String::new();
        let mut leading_break = "";
        let mut trailing = self.block_breaks(&mut indent, start)?;
        let mut leading_blank = false;
        while self.mark.column as isize == indent && !self.is_end() {
            let trailing_blank = self.is_blank(0);
            if !literal && leading_break == "\n" && !leading_blank && !trailing_blank {
                if trailing.is_empty() {
                    out.push(' ');
                }
            } else {
                out.push_str(leading_break);
            }
            out.push_str(&trailing);
            leading_blank = trailing_blank;
            let line = self.at;
            self.skip_line();
            out.push_str(&self.text[line..self.at]);
            leading_break = self.take_break().unwrap_or("");
            trailing = self.block_breaks(&mut indent, start)?;
        }
        if keep != Chomp::Strip {
            out.push_str(leading_break);
        }
        if keep == Chomp::Keep {
            out.push_str(&trailing);
        }
        Ok(out)
    }

    /// The chomping and indentation indicators, and the rest of that line.
    fn block_header(&mut self, start: Mark) -> Scanned<(Chomp, isize)> {
        let mut chomp = Chomp::Clip;
        let mut increment = 0;
        let (mut chomp_seen, mut increment_seen) = (false, false);
        for _ in 0..2 {
            match self.byte(0) {
                sign @ (b'+' | b'-') if !chomp_seen => {
                    chomp = if sign == b'+' { Chomp::Keep } else { Chomp::Strip };
                    chomp_seen = true;
                    self.skip_bytes(1);
                }
                b'0' if !increment_seen => {
                    return Err(self.error(start, "found an indentation indicator equal to 0"));
                }
                digit @ b'1'..=b'9' if !increment_seen => {
                    increment = isize::from(digit - b'0');
                    increment_seen = true;
                    self.skip_bytes(1);
                }
                _ => break,
            }
        }
        while self.is_blank(0) {
            self.skip_bytes(1);
        }
        self.skip_comment();
        if !self.is_break_or_end(0) {
            return Err(self.error(start, "did not find expected comment or line break"));
        }
        self.take_break();
        Ok((chomp, increment))
    }

    /// Moves over indentation and empty lines; finds out the indentation if it is not known yet.
    fn block_breaks(&mut self, indent: &mut isize, start: Mark) -> Scanned<String> {
        let mut breaks = String::new();
        let mut deepest = 0;
        loop {
            while (*indent == 0 || (self.mark.column as isize) < *indent) && self.byte(0) == b' ' {
                self.skip_bytes(1);
            }
            deepest = deepest.max(self.mark.column as isize);
            if (*indent == 0 || (self.mark.column as isize) < *indent) && self.byte(0) == b'\t' {
                let problem = "found a tab character where an indentation space is expected";
                return Err(self.error(start, problem));
            }
            match self.take_break() {
                Some(kept) => breaks.push_str(kept),
                None => break,
            }
        }
        if *indent == 0 {
            *indent = deepest.max(self.indent + 1).max(1);
        }
        Ok(breaks)
    }
}

/// What happens to line breaks at the end of a block scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chomp {
    Strip,
    Clip,
    Keep,
}
