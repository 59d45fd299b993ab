//! What type a plain scalar has: the rules of go-yaml 2 (YAML 1.1) and 3.

use crate::chart::number::{Integer, parse_decimal, parse_integer};

/// The value of an untagged plain scalar.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    /// Looks like a date; read as text, but quoted when written.
    Timestamp,
    Text,
}

/// Resolves `text` as go-yaml 2 does.
pub(crate) fn resolve(text: &str) -> Scalar {
    let Some(first) = text.bytes().next() else { return Scalar::Null };
    match first {
        b'0'..=b'9' | b'+' | b'-' => resolve_number(text, first),
        b'.' => match infinity_or_nan(text) {
            Some(number) => Scalar::Float(number),
            None => decimal_with_underscores(text).map_or(Scalar::Text, Scalar::Float),
        },
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => resolve_word(text),
        _ => Scalar::Text,
    }
}

fn resolve_word(text: &str) -> Scalar {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        _ => Scalar::Text,
    }
}

fn infinity_or_nan(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A float that starts with a point, in which underscores may stand between digits.
fn decimal_with_underscores(text: &str) -> Option<f64> {
    if !text.contains('_') {
        return parse_decimal(text);
    }
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let between = |at: usize| is_digit(at.wrapping_sub(1)) && is_digit(at + 1);
    let allowed = bytes.iter().enumerate().all(|(at, byte)| *byte != b'_' || between(at));
    if allowed { parse_decimal(&text.replace('_', "")) } else { None }
}

fn resolve_number(text: &str, first: u8) -> Scalar {
    if matches!(first, b'+' | b'-')
        && let Some(number) = infinity_or_nan(text)
    {
        return Scalar::Float(number);
    }
    if is_timestamp(text) {
        return Scalar::Timestamp;
    }
    let without_underscores;
    let plain = if text.contains('_') {
        without_underscores = text.replace('_', "");
        without_underscores.as_str()
    } else {
        text
    };
    match parse_integer(plain) {
        Some(Integer::Signed(number)) => Scalar::Int(number),
        Some(Integer::Unsigned(number)) => Scalar::Uint(number),
        None => parse_decimal(plain).map_or(Scalar::Text, Scalar::Float),
    }
}

/// Whether a string must be quoted although it is plain text to the resolver: YAML 1.1's base-60 numbers.
pub(crate) fn is_sexagesimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit()) || !unsigned.contains(':') {
        return false;
    }
    let mut groups = unsigned.split(':');
    let head = groups.next().unwrap_or_default();
    if !head.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') {
        return false;
    }
    let mut groups: Vec<&str> = groups.collect();
    if let Some(last) = groups.last_mut()
        && let Some((whole, fraction)) = last.split_once('.')
    {
        if !fraction.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') {
            return false;
        }
        *last = whole;
    }
    groups.iter().all(|group| match group.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [tens, digit] => (b'0'..=b'5').contains(tens) && digit.is_ascii_digit(),
        _ => false,
    })
}

/// Whether go-yaml takes `text` for a date or a time (`time.Parse` with its four layouts).
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let year = two_or_four(&bytes[..4]);
    let Some((month, rest)) = one_or_two(&bytes[5..]) else { return false };
    let Some(rest) = rest.strip_prefix(b"-") else { return false };
    let Some((day, rest)) = one_or_two(rest) else { return false };
    if month == 0 || month > 12 || day == 0 || day > days_in(month, year) {
        return false;
    }
    match rest.first() {
        None => true,
        Some(b'T' | b't') => time_of_day(&rest[1..]).is_some_and(is_zone),
        Some(b' ') => time_of_day(&rest[1..]).is_some_and(<[u8]>::is_empty),
        Some(_) => false,
    }
}

fn two_or_four(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
}

fn one_or_two(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let count = bytes.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
    (count > 0).then(|| (two_or_four(&bytes[..count]), &bytes[count..]))
}

fn days_in(month: u32, year: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `15:4:5` with an optional fraction; what follows it.
fn time_of_day(bytes: &[u8]) -> Option<&[u8]> {
    let (hour, rest) = one_or_two(bytes)?;
    let (minute, rest) = one_or_two(rest.strip_prefix(b":")?)?;
    let (second, rest) = one_or_two(rest.strip_prefix(b":")?)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    match rest {
        [b'.' | b',', digit, ..] if digit.is_ascii_digit() => {
            let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            Some(&rest[1 + digits..])
        }
        _ => Some(rest),
    }
}

/// `Z07:00`: `Z`, or a signed hour and minute.
fn is_zone(bytes: &[u8]) -> bool {
    match bytes {
        b"Z" => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit())
                && two_or_four(&[*h1, *h2]) <= 24
                && two_or_four(&[*m1, *m2]) < 60
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_1_1_types_are_told_apart() {
        for (text, scalar) in [
            ("", Scalar::Null),
            ("~", Scalar::Null),
            ("yes", Scalar::Bool(true)),
            ("OFF", Scalar::Bool(false)),
            ("yEs", Scalar::Text),
            ("010", Scalar::Int(8)),
            ("0o10", Scalar::Int(8)),
            ("0x1f", Scalar::Int(31)),
            ("1_000", Scalar::Int(1000)),
            ("08", Scalar::Float(8.0)),
            ("-.5", Scalar::Float(-0.5)),
            ("1e3", Scalar::Float(1000.0)),
            (".inf", Scalar::Float(f64::INFINITY)),
            ("-.INF", Scalar::Float(f64::NEG_INFINITY)),
            ("18446744073709551615", Scalar::Uint(u64::MAX)),
            ("1e400", Scalar::Text),
            ("1.2.3", Scalar::Text),
            ("<<", Scalar::Text),
            ("2001-1-2", Scalar::Timestamp),
            ("2001-12-14t21:59:43.10-05:00", Scalar::Timestamp),
            ("2001-12-14 21:59:43.10", Scalar::Timestamp),
            ("2001-02-29", Scalar::Text),
            ("2001-13-01", Scalar::Text),
            (".0_5", Scalar::Float(0.05)),
            ("._5", Scalar::Text),
            ("inf", Scalar::Text),
            ("nan", Scalar::Text),
        ] {
            assert_eq!(resolve(text), scalar, "{text}");
        }
    }

    #[test]
    fn base_sixty_numbers_are_known() {
        for text in ["1:20", "190:20:30", "+1:5", "1:20.5", "1_0:30"] {
            assert!(is_sexagesimal(text), "{text}");
        }
        for text in ["1:60", "a:1", "1:", ":1", "1:2:345", "12"] {
            assert!(!is_sexagesimal(text), "{text}");
        }
    }
}
