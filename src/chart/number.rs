//! Numbers as Go reads and writes them.
//!
//! Templates and encoders expose Go's `strconv` to the byte; these are the few forms Helm uses. Pure;
//! for the other modules of this room.

/// Go's `strconv.FormatFloat(value, 'g', -1, 64)`: shortest digits, an exponent from 1e+06 on.
///
/// Infinities and NaN give `+Inf`, `-Inf` and `NaN`.
pub fn format_general(value: f64) -> String {
    match special(value) {
        Some(text) => text.to_owned(),
        None => general(&shortest(value), -4, 6),
    }
}

/// Go's `strconv.FormatFloat(value, 'g', -1, 32)`, with which map keys and text fields are written.
pub fn format_general_32(value: f64) -> String {
    let value = value as f32;
    match special(f64::from(value)) {
        Some(text) => text.to_owned(),
        None => general(&Decimal::from_scientific(&format!("{value:e}")), -4, 6),
    }
}

/// Go's `%v` of a float64: shortest digits, an exponent below 1e-04 and from 1e+21 on.
pub fn format_display(value: f64) -> String {
    match special(value) {
        Some(text) => text.to_owned(),
        None => general(&shortest(value), -4, 21),
    }
}

/// A float as `encoding/json` writes it; `None` for infinities and NaN, which it refuses.
///
/// Exponents are used below 1e-6 and from 1e21 on, and `e-09` is cleaned up to `e-9`.
pub fn format_json(value: f64) -> Option<String> {
    if special(value).is_some() {
        return None;
    }
    let digits = shortest(value);
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let text = digits.exponential();
        // Two-digit negative exponents lose their leading zero; positive ones here have two digits anyway.
        return Some(match text.find("e-0") {
            Some(at) => format!("{}e-{}", &text[..at], &text[at + 3..]),
            None => text,
        });
    }
    Some(digits.plain())
}

fn shortest(value: f64) -> Decimal {
    Decimal::from_scientific(&shortest_scientific(value))
}

/// The fewest digits that give `value` back, such as `-1.25e-7`; of two that do equally well, the even one, as Go has it.
pub(crate) fn shortest_scientific(value: f64) -> String {
    let shortest = format!("{value:e}");
    let digits = shortest.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count();
    if digits < 16 {
        return shortest;
    }
    let rounded = format!("{value:.*e}", digits - 1);
    if rounded.parse() == Ok(value) { rounded } else { shortest }
}

fn special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value.is_infinite() {
        Some(if value > 0.0 { "+Inf" } else { "-Inf" })
    } else {
        None
    }
}

fn general(digits: &Decimal, lowest: i32, limit: i32) -> String {
    if digits.exponent < lowest || digits.exponent >= limit { digits.exponential() } else { digits.plain() }
}

/// The shortest decimal digits of a number and the exponent of the first one.
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i32,
}

impl Decimal {
    /// Takes Rust's `{:e}` form, such as `-1.25e-7`.
    fn from_scientific(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let digits = mantissa.chars().filter(char::is_ascii_digit).collect();
        Self { negative, digits, exponent: exponent.parse().unwrap_or(0) }
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }

    fn exponential(&self) -> String {
        let (first, rest) = self.digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if self.exponent < 0 { '-' } else { '+' };
        format!("{}{first}{point}{rest}e{sign}{:02}", self.sign(), self.exponent.abs())
    }

    fn plain(&self) -> String {
        let sign = self.sign();
        let count = self.digits.len() as i32;
        let point = self.exponent + 1;
        if point <= 0 {
            format!("{sign}0.{}{}", "0".repeat(-point as usize), self.digits)
        } else if point >= count {
            format!("{sign}{}{}", self.digits, "0".repeat((point - count) as usize))
        } else {
            let (whole, fraction) = self.digits.split_at(point as usize);
            format!("{sign}{whole}.{fraction}")
        }
    }
}

/// An integer as Go's `strconv.ParseInt(text, 0, 64)` and then `ParseUint` read it, without underscores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integer {
    /// Fits 64 signed bits.
    Signed(i64),
    /// Fits only 64 unsigned bits.
    Unsigned(u64),
}

/// Reads `text` with Go's base prefixes: `0x`, `0o`, `0b`, and a leading `0` for octal.
///
/// A sign is taken for numbers that fit 64 signed bits only, as the unsigned reading takes none.
pub fn parse_integer(text: &str) -> Option<Integer> {
    let (negative, signed, body) = match text.as_bytes().first()? {
        b'-' => (true, true, &text[1..]),
        b'+' => (false, true, &text[1..]),
        _ => (false, false, text),
    };
    let (radix, digits) = split_radix(body);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return 0i64.checked_sub_unsigned(magnitude).map(Integer::Signed);
    }
    match i64::try_from(magnitude) {
        Ok(number) => Some(Integer::Signed(number)),
        Err(_) if signed => None,
        Err(_) => Some(Integer::Unsigned(magnitude)),
    }
}

fn split_radix(body: &str) -> (u32, &str) {
    let bytes = body.as_bytes();
    if bytes.first() != Some(&b'0') || bytes.len() == 1 {
        return (10, body);
    }
    match bytes[1] {
        b'x' | b'X' if bytes.len() > 2 => (16, &body[2..]),
        b'o' | b'O' if bytes.len() > 2 => (8, &body[2..]),
        b'b' | b'B' if bytes.len() > 2 => (2, &body[2..]),
        _ => (8, &body[1..]),
    }
}

/// A decimal float as Go's `strconv.ParseFloat` reads it; `None` also where the value overflows.
///
/// Takes digits, a point and an exponent only: no words, no hexadecimal, no underscores.
pub fn parse_decimal(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if exponent.is_empty() || !digits(exponent) {
            return None;
        }
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_go_writes_them() {
        for (value, general, json) in [
            (0.0, "0", "0"),
            (-0.0, "-0", "-0"),
            (1.0, "1", "1"),
            (123_456.0, "123456", "123456"),
            (1_000_000.0, "1e+06", "1000000"),
            (1.5e300, "1.5e+300", "1.5e+300"),
            (0.0001, "0.0001", "0.0001"),
            (0.000_01, "1e-05", "0.00001"),
            (1e-7, "1e-07", "1e-7"),
            (1e21, "1e+21", "1e+21"),
            (123_456_789_012_345_680_000.0, "1.2345678901234568e+20", "123456789012345680000"),
            (-2.5, "-2.5", "-2.5"),
            (-1_823_067_710_050_325.0 / 8.0, "-2.2788346375629062e+14", "-227883463756290.62"),
        ] {
            assert_eq!(format_general(value), general);
            assert_eq!(format_json(value).unwrap(), json);
        }
        assert_eq!(format_display(1e20), "100000000000000000000");
        assert_eq!(format_display(1e21), "1e+21");
        assert_eq!(format_general_32(1.1), "1.1");
        assert_eq!(format_json(f64::NAN), None);
        assert_eq!(format_general(f64::NEG_INFINITY), "-Inf");
    }

    #[test]
    fn integers_take_go_prefixes() {
        for (text, number) in
            [("017", 15), ("0x1F", 31), ("0b11", 3), ("0o7", 7), ("-0x10", -16), ("+5", 5), ("0", 0)]
        {
            assert_eq!(parse_integer(text), Some(Integer::Signed(number)), "{text}");
        }
        for text in
            ["08", "0x", "", "-", "1_0", "9e3", "99999999999999999999", "+18446744073709551615", "--1"]
        {
            assert_eq!(parse_integer(text), None, "{text}");
        }
        assert_eq!(parse_integer("18446744073709551615"), Some(Integer::Unsigned(u64::MAX)));
        assert_eq!(parse_integer("-9223372036854775808"), Some(Integer::Signed(i64::MIN)));
    }

    #[test]
    fn decimals_refuse_words_and_overflow() {
        assert_eq!(parse_decimal(".5"), Some(0.5));
        assert_eq!(parse_decimal("5."), Some(5.0));
        assert_eq!(parse_decimal("-1e3"), Some(-1000.0));
        for text in ["inf", "nan", "1e400", ".", "e5", "1e", "0x1p4", "1_0.5"] {
            assert_eq!(parse_decimal(text), None, "{text}");
        }
    }
}
