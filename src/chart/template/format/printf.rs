//! `printf`: the reading of the format.

use super::printer::{Flags, Printer};
use crate::chart::template::object::Object;
use crate::chart::template::text::{Text, decode};

/// Widths and precisions beyond this are refused, as in Go.
const LARGEST: i64 = 1_000_000;

/// `fmt.Sprintf`.
pub(crate) fn sprintf(format: &[u8], arguments: &[Object]) -> Text {
    let mut state = State {
        printer: Printer::default(),
        format,
        at: 0,
        arguments,
        next: 0,
        reordered: false,
        after_index: false,
        good_index: true,
    };
    state.run();
    state.extra();
    state.printer.out.into()
}

struct State<'a> {
    printer: Printer,
    format: &'a [u8],
    at: usize,
    arguments: &'a [Object],
    /// The argument that the next verb takes.
    next: usize,
    /// Whether an index such as `[2]` was given anywhere.
    reordered: bool,
    /// Whether an index was given just before.
    after_index: bool,
    good_index: bool,
}

impl State<'_> {
    fn peek(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    fn run(&mut self) {
        while self.at < self.format.len() {
            self.good_index = true;
            let rest = &self.format[self.at..];
            let plain = rest.iter().position(|byte| *byte == b'%').unwrap_or(rest.len());
            self.printer.out.extend_from_slice(&rest[..plain]);
            self.at += plain;
            if self.at >= self.format.len() {
                return;
            }
            self.at += 1;
            self.flags();
            self.index();
            self.width();
            self.precision();
            if !self.after_index {
                self.index();
            }
            self.verb();
        }
    }

    fn flags(&mut self) {
        let mut flags = Flags::default();
        self.after_index = false;
        while let Some(byte) = self.peek() {
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => break,
            }
            self.at += 1;
        }
        self.printer.flags = flags;
    }

    /// `[n]`: the next argument is the n-th.
    fn index(&mut self) {
        self.after_index = false;
        if self.peek() != Some(b'[') {
            return;
        }
        self.reordered = true;
        let rest = &self.format[self.at..];
        let close = rest.iter().position(|byte| *byte == b']').filter(|_| rest.len() >= 3);
        let Some(close) = close else {
            self.good_index = false;
            self.at += 1;
            return;
        };
        self.at += close + 1;
        let number = std::str::from_utf8(&rest[1..close]).ok();
        let number = number.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        match number.and_then(|text| text.parse::<i64>().ok()).filter(|number| *number <= LARGEST) {
            Some(number) if number >= 1 && number as usize <= self.arguments.len() => {
                self.next = number as usize - 1;
                self.after_index = true;
            }
            parsed => {
                self.good_index = false;
                self.after_index = parsed.is_some();
            }
        }
    }

    fn number(&mut self) -> Option<usize> {
        let rest = &self.format[self.at..];
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return None;
        }
        let number = std::str::from_utf8(&rest[..count]).ok()?.parse::<i64>().ok();
        let Some(number) = number.filter(|number| *number <= LARGEST) else {
            // Go gives up on a number that is too large and reads the verb at the end.
            self.at = self.format.len();
            return None;
        };
        self.at += count;
        Some(number as usize)
    }

    /// The argument that `*` stands for.
    fn star(&mut self) -> Option<i64> {
        let argument = self.arguments.get(self.next)?;
        self.next += 1;
        match argument {
            Object::Int(_, number) if number.abs() <= LARGEST => Some(*number),
            _ => None,
        }
    }

    fn width(&mut self) {
        if self.peek() == Some(b'*') {
            self.at += 1;
            match self.star() {
                Some(width) => {
                    self.printer.flags.width = Some(width.unsigned_abs() as usize);
                    if width < 0 {
                        self.printer.flags.minus = true;
                        self.printer.flags.zero = false;
                    }
                }
                None => self.printer.push("%!(BADWIDTH)"),
            }
            self.after_index = false;
        } else {
            self.printer.flags.width = self.number();
            if self.after_index && self.printer.flags.width.is_some() {
                self.good_index = false;
            }
        }
    }

    fn precision(&mut self) {
        if self.peek() != Some(b'.') || self.at + 1 >= self.format.len() {
            return;
        }
        self.at += 1;
        if self.after_index {
            self.good_index = false;
        }
        self.index();
        if self.peek() == Some(b'*') {
            self.at += 1;
            let precision = self.star().and_then(|number| usize::try_from(number).ok());
            if precision.is_none() {
                self.printer.push("%!(BADPREC)");
            }
            self.printer.flags.precision = precision;
            self.after_index = false;
        } else {
            self.printer.flags.precision = Some(self.number().unwrap_or(0));
        }
    }

    fn verb(&mut self) {
        if self.at >= self.format.len() {
            self.printer.push("%!(NOVERB)");
            return;
        }
        let (verb, width) = decode(&self.format[self.at..]);
        self.at += width;
        if verb == '%' {
            self.printer.push("%");
        } else if !self.good_index {
            self.complain(verb, "(BADINDEX)");
        } else if self.next >= self.arguments.len() {
            self.complain(verb, "(MISSING)");
        } else {
            let flags = &mut self.printer.flags;
            if verb == 'v' {
                flags.sharp_v = std::mem::take(&mut flags.sharp);
                flags.plus_v = std::mem::take(&mut flags.plus);
            }
            let argument = &self.arguments[self.next];
            self.next += 1;
            self.printer.argument(argument, verb);
        }
    }

    fn complain(&mut self, verb: char, what: &str) {
        self.printer.push("%!");
        self.printer.push_rune(verb);
        self.printer.push(what);
    }

    /// What Go says of arguments that no verb took.
    fn extra(&mut self) {
        if self.reordered || self.next >= self.arguments.len() {
            return;
        }
        self.printer.flags = Flags::default();
        self.printer.push("%!(EXTRA ");
        for (at, argument) in self.arguments[self.next..].iter().enumerate() {
            if at > 0 {
                self.printer.push(", ");
            }
            if argument.is_present() {
                self.printer.push(argument.go_type());
                self.printer.push("=");
                self.printer.argument(argument, 'v');
            } else {
                self.printer.push("<nil>");
            }
        }
        self.printer.push(")");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(format: &str, arguments: &[Object]) -> String {
        sprintf(format.as_bytes(), arguments).lossy().into_owned()
    }

    #[test]
    fn verbs_print_as_in_go() {
        let float = Object::Float(3.25);
        let word = Object::from("go");
        for (format, argument, expected) in [
            ("%5d|", Object::int(42), "   42|"),
            ("%-5d|", Object::int(42), "42   |"),
            ("%05d", Object::int(-42), "-0042"),
            ("%+d", Object::int(42), "+42"),
            ("%x %d", Object::int(255), "ff %!d(MISSING)"),
            ("%#x", Object::int(255), "0xff"),
            ("%08.3f", float.clone(), "0003.250"),
            ("%v", float.clone(), "3.25"),
            ("%d", word.clone(), "%!d(string=go)"),
            ("%q", word.clone(), "\"go\""),
            ("%#q", word.clone(), "`go`"),
            ("%5s|", word.clone(), "   go|"),
            ("%.1s", word.clone(), "g"),
            ("%x", word, "676f"),
            ("%s", Object::Nil, "%!s(<nil>)"),
            ("%v", Object::Nil, "<nil>"),
            ("%!", Object::Nil, "%!!(<nil>)"),
            ("%", float, "%!(NOVERB)%!(EXTRA float64=3.25)"),
            ("%U", Object::int(0x20ac), "U+20AC"),
            ("%c", Object::int(0x20ac), "€"),
        ] {
            assert_eq!(text(format, &[argument]), expected, "{format}");
        }
    }

    #[test]
    fn arguments_are_taken_by_index() {
        let arguments = [Object::int(1), Object::int(2)];
        assert_eq!(text("%[2]d %[1]d", &arguments), "2 1");
        assert_eq!(text("%[3]d", &arguments), "%!d(BADINDEX)");
        assert_eq!(text("%d", &arguments), "1%!(EXTRA int=2)");
        assert_eq!(text("%*d", &arguments), "2");
    }
}
