//! Values of every type under each verb.

use super::float::format_float;
use super::integer::Bits;
use super::printer::Printer;
use super::quote::{can_back_quote, quote};
use crate::chart::template::collection::{Map, Shape};
use crate::chart::template::convert::DEPTH;
use crate::chart::template::list::List;
use crate::chart::template::native::Native;
use crate::chart::template::object::{Integer, Object};
use crate::chart::template::stack;
use crate::chart::template::text::Runes;
use crate::chart::template::time;

/// How much text one printing may make.
const LONGEST: usize = 64 << 20;

impl Printer {
    /// Writes one argument of a verb.
    pub(super) fn argument(&mut self, object: &Object, verb: char) {
        match object {
            Object::Invalid | Object::Nil => match verb {
                'T' | 'v' => self.pad(b"<nil>"),
                _ => self.bad_verb(object, verb),
            },
            _ if verb == 'T' => self.string(object.go_type().as_bytes(), 's', object),
            _ => self.value(object, verb, 0),
        }
    }

    /// What Go says of a verb that does not fit: `%!d(string=text)`.
    fn bad_verb(&mut self, object: &Object, verb: char) {
        self.erring = true;
        self.push("%!");
        self.push_rune(verb);
        self.push("(");
        if object.is_present() {
            self.push(object.go_type());
            self.push("=");
            self.value(object, 'v', 0);
        } else {
            self.push("<nil>");
        }
        self.push(")");
        self.erring = false;
    }

    fn value(&mut self, object: &Object, verb: char, depth: usize) {
        // What contains itself has no end; neither may its text.
        if depth > DEPTH || self.out.len() > LONGEST {
            self.push("...");
            return;
        }
        if self.method(object, verb) {
            return;
        }
        match object {
            Object::Invalid | Object::Nil if self.flags.sharp_v => self.push("interface {}(nil)"),
            Object::Invalid | Object::Nil => self.push("<nil>"),
            Object::Bool(truth) => match verb {
                't' | 'v' => self.pad(if *truth { b"true" } else { b"false" }),
                _ => self.bad_verb(object, verb),
            },
            Object::Int(integer, number) => {
                let bits = Bits { bits: number.cast_unsigned(), signed: !integer.is_unsigned() };
                if !self.integer(bits, verb) {
                    self.bad_verb(object, verb);
                }
            }
            Object::Float(number) => {
                if !self.float(*number, verb) {
                    self.bad_verb(object, verb);
                }
            }
            Object::Complex(real, imaginary) => self.complex(*real, *imaginary, verb, object),
            Object::Text(text) => self.string(text.as_bytes(), verb, object),
            Object::Bytes(bytes) => self.bytes(bytes, verb),
            Object::List(list) => stack::grow(|| self.list(list, verb, depth)),
            Object::Map(map) => stack::grow(|| self.map(map, verb, depth)),
            Object::Native(native) => stack::grow(|| self.native(native, verb, depth)),
        }
    }

    /// Values with a `String` method print as what it gives.
    fn method(&mut self, object: &Object, verb: char) -> bool {
        if self.erring || self.flags.sharp_v || !matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') {
            return false;
        }
        let text = match object {
            Object::Int(Integer::Duration, nanos) => time::duration_text(*nanos),
            Object::Int(Integer::Month, month) => time::month_name(*month),
            Object::Int(Integer::Weekday, day) => time::weekday_name(*day),
            Object::Native(native) => match native.string() {
                Some(text) => text,
                None => return false,
            },
            _ => return false,
        };
        self.string(text.as_bytes(), verb, object);
        true
    }

    /// Writes a float; false if the verb does not fit.
    fn float(&mut self, number: f64, verb: char) -> bool {
        let (form, default) = match verb {
            'v' => ('g', None),
            'b' | 'g' | 'G' | 'x' | 'X' => (verb, None),
            'f' | 'e' | 'E' => (verb, Some(6)),
            'F' => ('f', Some(6)),
            _ => return false,
        };
        let precision = self.flags.precision.or(default);
        let mut text = format_float(number, form, precision);
        if !text.starts_with(['-', '+']) {
            text.insert(0, if self.flags.space && !self.flags.plus { ' ' } else { '+' });
        } else if text.starts_with('+') && self.flags.space && !self.flags.plus {
            text.replace_range(..1, " ");
        }
        if !number.is_finite() {
            let bare = number.is_nan() && !self.flags.space && !self.flags.plus;
            let shown = if bare || (text.starts_with('+') && !self.flags.plus) { &text[1..] } else { &text };
            let shown = if number.is_infinite() { text.as_str() } else { shown };
            self.pad_with_spaces(shown.as_bytes());
            return true;
        }
        if self.flags.sharp && form != 'b' {
            text = with_point(&text, form, precision);
        }
        if !self.flags.plus && text.starts_with('+') {
            self.pad(&text.as_bytes()[1..]);
            return true;
        }
        match self.flags.width {
            Some(width) if self.flags.zero && !self.flags.minus && width > text.len() => {
                self.push(&text[..1]);
                self.padding(width - text.len());
                self.push(&text[1..]);
            }
            _ => self.pad(text.as_bytes()),
        }
        true
    }

    fn complex(&mut self, real: f64, imaginary: f64, verb: char, object: &Object) {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            self.bad_verb(object, verb);
            return;
        }
        let plus = self.flags.plus;
        self.push("(");
        self.float(real, verb);
        self.flags.plus = true;
        self.float(imaginary, verb);
        self.push("i)");
        self.flags.plus = plus;
    }

    /// Writes text under a verb; `object` is what a bad verb names.
    fn string(&mut self, bytes: &[u8], verb: char, object: &Object) {
        match verb {
            'v' if self.flags.sharp_v => self.quoted(bytes),
            'v' | 's' => {
                let cut = self.truncated(bytes);
                self.pad(cut);
            }
            'x' | 'X' => self.hexadecimal(bytes, verb == 'X'),
            'q' => self.quoted(bytes),
            _ => self.bad_verb(object, verb),
        }
    }

    /// At most as many characters as the precision allows.
    fn truncated<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let end = self.flags.precision.and_then(|count| Runes::new(bytes).nth(count)).map(|(at, ..)| at);
        &bytes[..end.unwrap_or(bytes.len())]
    }

    fn quoted(&mut self, bytes: &[u8]) {
        let bytes = self.truncated(bytes);
        if self.flags.sharp && can_back_quote(bytes) {
            let text = [b"`", bytes, b"`"].concat();
            self.pad(&text);
            return;
        }
        let text = quote(bytes, self.flags.plus);
        self.pad(text.as_bytes());
    }

    fn hexadecimal(&mut self, bytes: &[u8], upper: bool) {
        let flags = self.flags;
        let count = flags.precision.map_or(bytes.len(), |precision| precision.min(bytes.len()));
        let prefix = if upper { "0X" } else { "0x" };
        let mut text = String::new();
        for (at, byte) in bytes[..count].iter().enumerate() {
            if flags.space && at > 0 {
                text.push(' ');
            }
            if flags.sharp && (flags.space || at == 0) {
                text.push_str(prefix);
            }
            text.push_str(&if upper { format!("{byte:02X}") } else { format!("{byte:02x}") });
        }
        self.pad(text.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8], verb: char) {
        match verb {
            's' | 'x' | 'X' => self.string(bytes, verb, &Object::Nil),
            'q' => self.quoted(bytes),
            _ => {
                let sharp = self.flags.sharp_v && matches!(verb, 'v' | 'd');
                self.push(if sharp { "[]byte{" } else { "[" });
                for (at, byte) in bytes.iter().enumerate() {
                    if at > 0 {
                        self.push(if sharp { ", " } else { " " });
                    }
                    self.value(&Object::Int(Integer::Uint8, i64::from(*byte)), verb, 1);
                }
                self.push(if sharp { "}" } else { "]" });
            }
        }
    }

    fn list(&mut self, list: &List, verb: char, depth: usize) {
        let sharp = self.flags.sharp_v;
        if sharp {
            self.push(list.element().go_type());
            if list.is_nil() {
                self.push("(nil)");
                return;
            }
        }
        self.push(if sharp { "{" } else { "[" });
        for (at, item) in list.items().iter().enumerate() {
            if at > 0 {
                self.push(if sharp { ", " } else { " " });
            }
            self.value(item, verb, depth + 1);
        }
        self.push(if sharp { "}" } else { "]" });
    }

    fn map(&mut self, map: &Map, verb: char, depth: usize) {
        let sharp = self.flags.sharp_v;
        if sharp {
            self.push(map.shape().go_type());
            if map.is_nil() {
                self.push("(nil)");
                return;
            }
        }
        self.push(if sharp { "{" } else { "map[" });
        for (at, (key, member)) in map.members().iter().enumerate() {
            if at > 0 {
                self.push(if sharp { ", " } else { " " });
            }
            self.string(key.as_bytes(), verb, &Object::Text(key.clone()));
            self.push(":");
            match (map.shape(), member) {
                (Shape::Files, Object::Bytes(bytes)) => self.bytes(bytes, verb),
                _ => self.value(member, verb, depth + 1),
            }
        }
        self.push(if sharp { "}" } else { "]" });
    }

    pub(super) fn native(&mut self, native: &Native, verb: char, depth: usize) {
        let mut fields = native.fields();
        if let Native::Version(version) = native {
            let text = |text: &str| Object::from(text);
            fields = vec![
                ("major", Object::uint64(version.major)),
                ("minor", Object::uint64(version.minor)),
                ("patch", Object::uint64(version.patch)),
                ("pre", text(&version.prerelease)),
                ("metadata", text(&version.metadata)),
                ("original", text(version.original())),
            ];
        }
        if let Native::Time(time) = native {
            // What Go's structure holds: the seconds since the year 1, and no location for UTC.
            const YEAR_ONE: i64 = 62_135_596_800;
            fields = vec![
                ("wall", Object::uint64(u64::from(time.nanos))),
                ("ext", Object::int64(time.seconds.saturating_add(YEAR_ONE))),
                ("loc", Object::uint64(0)),
            ];
        }
        if let Native::KubeVersion(version, _) = native {
            fields.insert(1, ("normalizedVersion", Object::from(version.normalized.as_str())));
        }
        let named = self.flags.plus_v || self.flags.sharp_v;
        if depth == 0 && native.kind() == "ptr" {
            self.push("&");
        }
        if self.flags.sharp_v {
            self.push(native.go_type().trim_start_matches('*'));
        }
        self.push("{");
        for (at, (name, field)) in fields.iter().enumerate() {
            if at > 0 {
                self.push(if self.flags.sharp_v { ", " } else { " " });
            }
            if named {
                self.push(name);
                self.push(":");
            }
            // A field of a structure is printed as a copy, whose `String` method Go does not reach.
            match field {
                Object::Native(Native::KubeVersion(version, _)) => {
                    self.value(&Native::KubeVersion(version.clone(), false).into(), verb, depth + 1);
                }
                // In Go a pointer, which has fewer verbs than the number that it is here.
                _ if *name == "loc" && verb == 'v' => self.push("<nil>"),
                _ if *name == "loc" && !matches!(verb, 'b' | 'o' | 'd' | 'x' | 'X') => {
                    self.push("%!");
                    self.push_rune(verb);
                    self.push("(*time.Location=<nil>)");
                }
                _ => self.value(field, verb, depth + 1),
            }
        }
        self.push("}");
    }
}

/// `%#g` and its like: a point always, and the zeros that `%g` leaves out.
fn with_point(text: &str, form: char, precision: Option<usize>) -> String {
    let exponent: &[char] = if matches!(form, 'x' | 'X') { &['p', 'P'] } else { &['e', 'E'] };
    let (number, tail) = text.find(exponent).map_or((text, ""), |at| text.split_at(at));
    let mut digits: i64 = match form {
        'g' | 'G' | 'x' => precision.map_or(6, |precision| precision as i64),
        _ => 0,
    };
    let mut seen = false;
    let body = &number[1..];
    for byte in body.bytes().filter(|byte| *byte != b'.') {
        seen |= byte != b'0';
        digits -= i64::from(seen);
    }
    let mut text = number.to_owned();
    if !body.contains('.') {
        if body == "0" {
            digits -= 1;
        }
        text.push('.');
    }
    text.extend(std::iter::repeat_n('0', usize::try_from(digits).unwrap_or(0)));
    text.push_str(tail);
    text
}
