//! The state of one printing: flags, padding, and `print` and `println` on top of it.

use crate::chart::template::native::Native;
use crate::chart::template::object::Object;
use crate::chart::template::text::{Runes, Text};

/// The flags, width and precision of a verb.
#[derive(Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) plus: bool,
    pub(super) minus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%+v`: names of fields too.
    pub(super) plus_v: bool,
    /// `%#v`: Go syntax.
    pub(super) sharp_v: bool,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
}

/// Collects text.
#[derive(Default)]
pub(super) struct Printer {
    pub(super) out: Vec<u8>,
    pub(super) flags: Flags,
    /// Whether a bad verb is being reported, which must not report itself again.
    pub(super) erring: bool,
}

impl Printer {
    pub(super) fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    pub(super) fn push_rune(&mut self, rune: char) {
        self.out.extend_from_slice(rune.encode_utf8(&mut [0; 4]).as_bytes());
    }

    pub(super) fn padding(&mut self, count: usize) {
        let byte = if self.flags.zero && !self.flags.minus { b'0' } else { b' ' };
        self.out.extend(std::iter::repeat_n(byte, count));
    }

    pub(super) fn pad(&mut self, bytes: &[u8]) {
        let Some(width) = self.flags.width.filter(|width| *width > 0) else {
            self.out.extend_from_slice(bytes);
            return;
        };
        let missing = width.saturating_sub(Runes::new(bytes).count());
        if self.flags.minus {
            self.out.extend_from_slice(bytes);
            self.padding(missing);
        } else {
            self.padding(missing);
            self.out.extend_from_slice(bytes);
        }
    }

    pub(super) fn pad_with_spaces(&mut self, bytes: &[u8]) {
        let zero = std::mem::take(&mut self.flags.zero);
        self.pad(bytes);
        self.flags.zero = zero;
    }
}

/// What `{{ object }}` prints: Go's `fmt.Fprint` of the value that a template shows.
pub(crate) fn write_printed(out: &mut Vec<u8>, object: &Object) {
    match object {
        Object::Invalid => out.extend_from_slice(b"<no value>"),
        Object::Text(text) => out.extend_from_slice(text.as_bytes()),
        _ => {
            let mut printer = Printer { out: std::mem::take(out), ..Printer::default() };
            match object {
                // A template looks through a pointer.
                Object::Native(native @ Native::Capabilities(_)) => printer.native(native, 'v', 1),
                _ => printer.argument(object, 'v'),
            }
            *out = printer.out;
        }
    }
}

/// `fmt.Sprint`: operands side by side, with a space between two that are both no strings.
pub(crate) fn sprint(objects: &[Object]) -> Text {
    let mut printer = Printer::default();
    let mut after_text = true;
    for (at, object) in objects.iter().enumerate() {
        let is_text = matches!(object, Object::Text(_));
        if at > 0 && !is_text && !after_text {
            printer.push(" ");
        }
        printer.argument(object, 'v');
        after_text = is_text;
    }
    printer.out.into()
}

/// `fmt.Sprintln`: operands with spaces between them and a line break at the end.
pub(crate) fn sprintln(objects: &[Object]) -> Text {
    let mut printer = Printer::default();
    for (at, object) in objects.iter().enumerate() {
        if at > 0 {
            printer.push(" ");
        }
        printer.argument(object, 'v');
    }
    printer.push("\n");
    printer.out.into()
}

/// Sprig's `toString`: strings and bytes as they are, all else as `%v`.
pub(crate) fn to_text(object: &Object) -> Text {
    match object {
        Object::Text(text) => text.clone(),
        Object::Bytes(bytes) => Text::from(&**bytes),
        _ => sprint(std::slice::from_ref(object)),
    }
}
