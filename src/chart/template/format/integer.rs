//! Integers and characters under each verb.

use super::printer::Printer;
use super::quote::{is_print, quote_rune};

/// An integer as its 64 bits, and whether the first is a sign.
#[derive(Clone, Copy)]
pub(super) struct Bits {
    pub(super) bits: u64,
    pub(super) signed: bool,
}

impl Printer {
    /// Writes an integer; false if the verb does not fit.
    pub(super) fn integer(&mut self, value: Bits, verb: char) -> bool {
        match verb {
            'v' if self.flags.sharp_v && !value.signed => {
                let sharp = std::mem::replace(&mut self.flags.sharp, true);
                self.digits(value, 16, 'v');
                self.flags.sharp = sharp;
            }
            'v' | 'd' => self.digits(value, 10, verb),
            'b' => self.digits(value, 2, verb),
            'o' | 'O' => self.digits(value, 8, verb),
            'x' | 'X' => self.digits(value, 16, verb),
            'c' => {
                let rune = rune_of(value.bits);
                self.pad(rune.encode_utf8(&mut [0; 4]).as_bytes());
            }
            'q' => {
                let quoted = quote_rune(rune_of(value.bits), self.flags.plus);
                self.pad(quoted.as_bytes());
            }
            'U' => self.unicode(value.bits),
            _ => return false,
        }
        true
    }

    fn digits(&mut self, value: Bits, base: u64, verb: char) {
        let flags = self.flags;
        let negative = value.signed && value.bits.cast_signed() < 0;
        let magnitude = if negative { value.bits.wrapping_neg() } else { value.bits };
        let signed = negative || flags.plus || flags.space;
        let mut least = 0;
        if let Some(precision) = flags.precision {
            least = precision;
            if precision == 0 && magnitude == 0 {
                let zero = std::mem::take(&mut self.flags.zero);
                self.padding(flags.width.unwrap_or(0));
                self.flags.zero = zero;
                return;
            }
        } else if let (true, false, Some(width)) = (flags.zero, flags.minus, flags.width) {
            least = width.saturating_sub(usize::from(signed));
        }
        let plain = match base {
            2 => format!("{magnitude:b}"),
            8 => format!("{magnitude:o}"),
            16 if verb == 'X' => format!("{magnitude:X}"),
            16 => format!("{magnitude:x}"),
            _ => magnitude.to_string(),
        };
        let mut text = String::new();
        if negative {
            text.push('-');
        } else if flags.plus {
            text.push('+');
        } else if flags.space {
            text.push(' ');
        }
        if verb == 'O' {
            text.push_str("0o");
        }
        let zeros = least.saturating_sub(plain.len());
        if flags.sharp {
            match base {
                2 => text.push_str("0b"),
                8 if zeros == 0 && !plain.starts_with('0') => text.push('0'),
                16 if verb == 'X' => text.push_str("0X"),
                16 => text.push_str("0x"),
                _ => {}
            }
        }
        text.extend(std::iter::repeat_n('0', zeros));
        text.push_str(&plain);
        self.pad_with_spaces(text.as_bytes());
    }

    fn unicode(&mut self, bits: u64) {
        let width = self.flags.precision.unwrap_or(4).max(4);
        let mut text = format!("U+{bits:0width$X}");
        let rune = u32::try_from(bits).ok().and_then(char::from_u32).filter(|rune| is_print(*rune));
        if let Some(rune) = rune.filter(|_| self.flags.sharp) {
            text.push_str(&format!(" '{rune}'"));
        }
        self.pad_with_spaces(text.as_bytes());
    }
}

fn rune_of(bits: u64) -> char {
    u32::try_from(bits).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}
