//! Conversions between numbers, as the `cast` library makes them.

use crate::chart::template::{Object, parse_float, parse_int};

/// `cast.ToInt64` and `cast.ToInt`: what is no number is 0.
pub(super) fn to_int(object: &Object) -> i64 {
    match object {
        Object::Int(_, number) => *number,
        Object::Float(number) => float_to_int(*number),
        Object::Bool(truth) => i64::from(*truth),
        Object::Text(text) => parse_int(trim_zero_decimal(&text.lossy())).unwrap_or(0),
        _ => 0,
    }
}

/// `cast.ToFloat64`: what is no number is 0.
pub(super) fn to_float(object: &Object) -> f64 {
    match object {
        Object::Int(crate::chart::template::Integer::Uint64, bits) => bits.cast_unsigned() as f64,
        Object::Int(_, number) => *number as f64,
        Object::Float(number) => *number,
        Object::Bool(truth) => f64::from(u8::from(*truth)),
        Object::Text(text) => parse_float(&text.lossy()).unwrap_or(0.0),
        _ => 0.0,
    }
}

/// Go's conversion on amd64: what does not fit becomes the smallest integer.
pub(super) fn float_to_int(number: f64) -> i64 {
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number) {
        number as i64
    } else {
        i64::MIN
    }
}

/// Cuts `.000` off the end of a number.
fn trim_zero_decimal(text: &str) -> &str {
    let trimmed = text.trim_end_matches('0');
    match trimmed.strip_suffix('.') {
        Some(whole) if trimmed.len() < text.len() => whole,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_a_number_as_in_cast() {
        for (text, number) in
            [("1.00", 1), ("1.", 0), ("0x10", 16), ("010", 8), ("1_0", 10), ("1.5", 0), ("", 0)]
        {
            assert_eq!(to_int(&Object::from(text)), number, "{text}");
        }
        assert_eq!(to_int(&Object::Float(1e300)), i64::MIN);
        assert_eq!(to_int(&Object::Float(-1.9)), -1);
    }
}
