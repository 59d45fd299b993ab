//! Anchors, aliases, tags and directives.

use super::scan::{Kind, Mark, Scanned, Scanner, SyntaxError, Token};

impl<'a> Scanner<'a> {
    /// `&name` or `*name`.
    pub(super) fn scan_anchor(&mut self) -> Scanned<Token<'a>> {
        let start = self.mark;
        let alias = self.byte(0) == b'*';
        self.skip_bytes(1);
        let name = self.take_name();
        let ends = self.is_blank_or_end(0)
            || matches!(self.byte(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends {
            return Err(self.error(start, "did not find expected alphabetic or numeric character"));
        }
        Ok(Token::named(if alias { Kind::Alias } else { Kind::Anchor }, start, name, ""))
    }

    /// Letters, digits, `_` and `-`.
    fn take_name(&mut self) -> &'a str {
        let start = self.at;
        while matches!(self.byte(0), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-') {
            self.skip_bytes(1);
        }
        &self.text[start..self.at]
    }

    /// `!<uri>`, `!suffix`, `!!suffix` or `!handle!suffix`.
    pub(super) fn scan_tag(&mut self) -> Scanned<Token<'a>> {
        let start = self.mark;
        let (handle, suffix) = if self.byte(1) == b'<' {
            self.skip_bytes(2);
            let suffix = self.scan_uri(String::new(), start)?;
            if self.byte(0) != b'>' {
                return Err(self.error(start, "did not find the expected '>'"));
            }
            self.skip_bytes(1);
            ("", suffix)
        } else {
            let handle = self.take_handle();
            if handle.len() > 1 && handle.ends_with('!') {
                (handle, self.scan_uri(String::new(), start)?)
            } else if handle == "!" && !self.is_uri_byte() {
                ("", "!".to_owned())
            } else {
                ("!", self.scan_uri(handle[1..].to_owned(), start)?)
            }
        };
        if !self.is_blank_or_end(0) {
            return Err(self.error(start, "did not find expected whitespace or line break"));
        }
        Ok(Token::named(Kind::Tag, start, handle, suffix))
    }

    /// `!`, letters, and a second `!` if there is one.
    fn take_handle(&mut self) -> &'a str {
        let start = self.at;
        self.skip_bytes(1);
        self.take_name();
        if self.byte(0) == b'!' {
            self.skip_bytes(1);
        }
        &self.text[start..self.at]
    }

    fn is_uri_byte(&self) -> bool {
        let byte = self.byte(0);
        byte.is_ascii_alphanumeric() || b"_-;/?:@&=+$,.!~*'()[]%".contains(&byte)
    }

    fn scan_uri(&mut self, head: String, start: Mark) -> Scanned<String> {
        let mut bytes = head.into_bytes();
        let known = !bytes.is_empty();
        let from = self.at;
        while self.is_uri_byte() {
            if self.byte(0) == b'%' {
                let digits = self.text.get(self.at + 1..self.at + 3);
                let octet = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                let Some(octet) = octet else {
                    return Err(self.error(start, "did not find URI escaped octet"));
                };
                bytes.push(octet);
                self.skip_bytes(3);
            } else {
                bytes.push(self.byte(0));
                self.skip_bytes(1);
            }
        }
        if self.at == from && !known {
            return Err(self.error(start, "did not find expected tag URI"));
        }
        String::from_utf8(bytes).map_err(|_| self.error(start, "found an incorrect trailing UTF-8 octet"))
    }

    /// `%YAML` or `%TAG`.
    pub(super) fn scan_directive(&mut self) -> Scanned<Token<'a>> {
        let start = self.mark;
        self.skip_bytes(1);
        let name = self.take_name();
        if !name.is_empty() && !self.is_blank_or_end(0) {
            return Err(self.error(start, "found unexpected non-alphabetical character"));
        }
        let token = match name {
            "" => return Err(self.error(start, "could not find expected directive name")),
            "YAML" => self.scan_version(start)?,
            "TAG" => self.scan_tag_directive(start)?,
            _ => return Err(self.error(start, "found unknown directive name")),
        };
        self.skip_blanks();
        self.skip_comment();
        if !self.is_break_or_end(0) {
            return Err(self.error(start, "did not find expected comment or line break"));
        }
        self.take_break();
        Ok(token)
    }

    fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.skip_bytes(1);
        }
    }

    fn scan_version(&mut self, start: Mark) -> Scanned<Token<'a>> {
        self.skip_blanks();
        let major = self.version_number(start)?;
        if self.byte(0) != b'.' {
            return Err(self.error(start, "did not find expected digit or '.' character"));
        }
        self.skip_bytes(1);
        let minor = self.version_number(start)?;
        if major != 1 || minor > 2 {
            return Err(self.incompatible(start));
        }
        Ok(Token::named(Kind::VersionDirective, start, "", ""))
    }

    fn incompatible(&self, start: Mark) -> Box<SyntaxError> {
        Box::new(SyntaxError { scanning: false, ..*self.error(start, "found incompatible YAML document") })
    }

    fn version_number(&mut self, start: Mark) -> Scanned<u32> {
        let from = self.at;
        while self.byte(0).is_ascii_digit() {
            if self.at - from >= 2 {
                return Err(self.error(start, "found extremely long version number"));
            }
            self.skip_bytes(1);
        }
        self.text[from..self.at]
            .parse()
            .map_err(|_| self.error(start, "did not find expected version number"))
    }

    fn scan_tag_directive(&mut self, start: Mark) -> Scanned<Token<'a>> {
        self.skip_blanks();
        if self.byte(0) != b'!' {
            return Err(self.error(start, "did not find expected '!'"));
        }
        let handle = self.take_handle();
        if !handle.ends_with('!') {
            return Err(self.error(start, "did not find expected '!'"));
        }
        if !self.is_blank(0) {
            return Err(self.error(start, "did not find expected whitespace"));
        }
        self.skip_blanks();
        let prefix = self.scan_uri(String::new(), start)?;
        if !self.is_blank_or_end(0) {
            return Err(self.error(start, "did not find expected whitespace or line break"));
        }
        Ok(Token::named(Kind::TagDirective, start, handle, prefix))
    }
}
