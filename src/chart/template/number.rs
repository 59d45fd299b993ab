//! Number and character literals, with Go's rules for what each may stand for.

use super::{float::parse_float, unquote};

/// A literal and everything it can be used as.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Number {
    /// Its value where an `int` fits.
    pub(super) int: Option<i64>,
    /// Its value where an unsigned integer fits.
    pub(super) uint: Option<u64>,
    /// Its value where a float fits.
    pub(super) float: Option<f64>,
    /// Whether it is an imaginary literal: its real and imaginary part.
    pub(super) complex: Option<(f64, f64)>,
    /// Whether it is written as a float, and so is one where nothing says otherwise.
    pub(super) written_as_float: bool,
}

/// Reads a character constant such as `'a'`.
pub(super) fn character(source: &str) -> Result<Number, String> {
    let rune = unquote::character(source).ok_or_else(|| format!("malformed character constant: {source}"))?;
    let value = u32::from(rune);
    Ok(Number {
        int: Some(i64::from(value)),
        uint: Some(u64::from(value)),
        float: Some(f64::from(value)),
        ..Number::default()
    })
}

/// Reads a number as Go's template parser does.
pub(super) fn number(source: &str) -> Result<Number, String> {
    if let Some(text) = source.strip_suffix('i') {
        return imaginary(text).ok_or_else(|| format!("bad number syntax: {source:?}"));
    }
    let mut number = Number { uint: parse_uint(source), int: parse_int(source), ..Number::default() };
    // "-0" is an unsigned zero too.
    if number.int == Some(0) && number.uint.is_none() {
        number.uint = Some(0);
    }
    if let Some(int) = number.int {
        number.float = Some(int as f64);
    } else if let Some(uint) = number.uint {
        number.float = Some(uint as f64);
    } else if let Some(float) = parse_float(source).filter(|float| float.is_finite()) {
        if !source.contains(['.', 'e', 'E', 'p', 'P']) {
            return Err(format!("integer overflow: {source:?}"));
        }
        number.float = Some(float);
        number.int = exact_int(float);
        number.uint = exact_uint(float);
    } else {
        return Err(format!("illegal number syntax: {source:?}"));
    }
    let hexadecimal =
        source.len() > 2 && source[..2].eq_ignore_ascii_case("0x") && !source.contains(['p', 'P']);
    number.written_as_float = !hexadecimal && source.contains(['.', 'e', 'E', 'p', 'P']);
    Ok(number)
}

fn exact_int(float: f64) -> Option<i64> {
    (float.trunc() == float && (-9.3e18..9.3e18).contains(&float))
        .then_some(float as i64)
        .filter(|int| *int as f64 == float)
}

fn exact_uint(float: f64) -> Option<u64> {
    (float.trunc() == float && (0.0..1.85e19).contains(&float))
        .then_some(float as u64)
        .filter(|uint| *uint as f64 == float)
}

/// `1+2i` or `2i`; both parts may be any float. A purely real complex counts as a real number too.
fn imaginary(text: &str) -> Option<Number> {
    let split = text.char_indices().skip(1).filter(|(at, sign)| {
        matches!(sign, '+' | '-') && !matches!(text.as_bytes()[at - 1], b'e' | b'E' | b'p' | b'P')
    });
    let (real, imaginary) = match split.last() {
        Some((at, _)) => (parse_float(&text[..at])?, parse_float(&text[at..])?),
        None => (0.0, parse_float(text)?),
    };
    let mut number = Number { complex: Some((real, imaginary)), ..Number::default() };
    if imaginary == 0.0 {
        number.float = Some(real);
        number.int = exact_int(real);
        number.uint = exact_uint(real);
    }
    Some(number)
}

/// Go's `strconv.ParseInt(text, 0, 64)`.
pub(crate) fn parse_int(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let magnitude = parse_uint(digits)?;
    if negative { 0_i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

/// Go's `strconv.ParseUint(text, 0, 64)`: base by prefix, underscores between digits.
pub(crate) fn parse_uint(text: &str) -> Option<u64> {
    let lower = text.get(..2).map(str::to_ascii_lowercase);
    let (radix, digits) = match lower.as_deref() {
        Some("0x") => (16, &text[2..]),
        Some("0b") => (2, &text[2..]),
        Some("0o") => (8, &text[2..]),
        _ if text.len() > 1 && text.starts_with('0') => (8, &text[1..]),
        _ => (10, text),
    };
    // An underscore stands between digits, or between a prefix and a digit.
    let prefixed = digits.len() < text.len();
    if digits.ends_with('_') || digits.contains("__") || (!prefixed && digits.starts_with('_')) {
        return None;
    }
    let plain: String = digits.chars().filter(|digit| *digit != '_').collect();
    if plain.starts_with(['+', '-']) {
        return None;
    }
    u64::from_str_radix(&plain, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_what_go_says() {
        assert_eq!(number("1_000").unwrap().int, Some(1000));
        assert_eq!(number("010").unwrap().int, Some(8));
        assert_eq!(number("0x1p4").unwrap().float, Some(16.0));
        assert_eq!(number("1e3").unwrap().int, Some(1000));
        assert!(number("1e3").unwrap().written_as_float);
        assert_eq!(number("1i").unwrap().complex, Some((0.0, 1.0)));
        assert_eq!(number("1-2i").unwrap().complex, Some((1.0, -2.0)));
        assert_eq!(character("'a'").unwrap().int, Some(97));
        assert!(number("08").is_err());
        assert!(number("99999999999999999999").is_err());
        assert!(number("1__0").is_err());
    }
}
