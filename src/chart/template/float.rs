//! Floats as Go reads them, and powers as Go takes them: what a template shows of them is told to the last bit.

/// Go's `strconv.ParseFloat` to 64 bits; infinite where it is written so, and none where a number does not fit.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if ["inf", "infinity", "nan"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        return text.to_ascii_lowercase().parse().ok();
    }
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    if unsigned.contains('_') && !underscores_separate(unsigned) {
        return None;
    }
    let plain: String = text.chars().filter(|character| *character != '_').collect();
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
    let float = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => {
            let magnitude = hexadecimal(&unsigned[2..])?;
            if plain.starts_with('-') { -magnitude } else { magnitude }
        }
        _ => plain.parse().ok()?,
    };
    float.is_finite().then_some(float)
}

/// Whether each underscore is between digits, or between a base's prefix and a digit; a digit begins an exponent.
fn underscores_separate(unsigned: &str) -> bool {
    let bytes = unsigned.as_bytes();
    let hexadecimal = matches!(bytes, [b'0', b'x' | b'X', ..]);
    let digit = |byte: &u8| if hexadecimal { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_').all(|(at, _)| {
        let before = at > 0 && (digit(&bytes[at - 1]) || (hexadecimal && at == 2));
        // "1e_5": the "e" is no digit here, but "0x1e_5" has one there.
        before && bytes.get(at + 1).is_some_and(digit)
    })
}

/// A hexadecimal float without its prefix and underscores: an exponent is a must.
fn hexadecimal(text: &str) -> Option<f64> {
    let at = text.find(['p', 'P'])?;
    let (digits, exponent) = (&text[..at], &text[at + 1..]);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut exponent = power(exponent)? - 4 * fraction.len() as i64;
    let (mut mantissa, mut more) = (0_u64, false);
    for digit in whole.chars().chain(fraction.chars()) {
        let digit = u64::from(digit.to_digit(16)?);
        if mantissa >> 60 == 0 {
            mantissa = mantissa << 4 | digit;
        } else {
            more |= digit != 0;
            exponent += 4;
        }
    }
    Some(scale(mantissa, more, exponent))
}

/// A decimal exponent. What is beyond every float is as good as any number there.
fn power(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX).min(1 << 40);
    Some(if text.starts_with('-') { -size } else { size })
}

/// `mantissa · 2^exponent`, and a little above where there is `more`; rounded once, half to even.
fn scale(mantissa: u64, more: bool, exponent: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let unused = mantissa.leading_zeros();
    let (mantissa, exponent) = (mantissa << unused, exponent - i64::from(unused));
    // The exponent as a float stores it, from 1; what is below is not normal.
    let stored = exponent + 63 + 1023;
    if stored >= 2047 {
        return f64::INFINITY;
    }
    // Of 64 bits stay 53, and fewer for each power of two below what is normal.
    let dropped = 11 + (1 - stored).max(0);
    if dropped > 64 {
        return 0.0;
    }
    let (kept, rest) = match dropped {
        64 => (0, mantissa),
        _ => (mantissa >> dropped, mantissa << (64 - dropped)),
    };
    let half = 1 << 63;
    let up = rest > half || (rest == half && (more || kept & 1 == 1));
    // The first of the bits that stay is not stored where the number is normal; a carry goes into the exponent.
    let exponent = ((stored.max(1) - 1) as u64) << 52;
    f64::from_bits(exponent + kept + u64::from(up))
}

/// Go's `math.Pow(10, places)`, which is not always the float that is nearest.
///
/// It multiplies squares, each between a half and one with its power of two beside it.
pub(crate) fn power_of_ten(places: i64) -> f64 {
    let (mut product, mut exponent) = (1.0_f64, 0_i64);
    let (mut square, mut doubled) = (0.625_f64, 4_i64);
    let mut left = places.unsigned_abs();
    while left != 0 {
        if doubled > 1 << 12 {
            exponent += doubled;
            break;
        }
        if left & 1 == 1 {
            product *= square;
            exponent += doubled;
        }
        square *= square;
        doubled *= 2;
        if square < 0.5 {
            square += square;
            doubled -= 1;
        }
        left /= 2;
    }
    if places < 0 {
        (product, exponent) = (1.0 / product, -exponent);
    }
    let bits = product.to_bits();
    // The product is a normal float: its 53 bits, and the power of two of the last.
    scale((bits & ((1 << 52) - 1)) | 1 << 52, false, (bits >> 52) as i64 - 1075 + exponent)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hexadecimal_of(float: f64) -> String {
        let bits = float.to_bits();
        let (stored, mantissa) = (bits >> 52, bits & ((1 << 52) - 1));
        let (lead, power) = if stored == 0 { (0, -1022) } else { (1, stored as i64 - 1023) };
        format!("0x{lead}.{mantissa:013x}p{power}")
    }

    proptest! {
        #[test]
        fn a_float_written_in_hexadecimal_is_read_back(bits in 0_u64..0x7ff0_0000_0000_0000) {
            let float = f64::from_bits(bits);
            prop_assert_eq!(parse_float(&hexadecimal_of(float)), Some(float));
        }

        #[test]
        fn what_is_small_is_read_back(bits in 0_u64..1 << 54) {
            let float = f64::from_bits(bits);
            prop_assert_eq!(parse_float(&hexadecimal_of(float)), Some(float));
        }

        #[test]
        fn an_integer_is_rounded_as_the_processor_does(mantissa: u64) {
            prop_assert_eq!(scale(mantissa, false, 0), mantissa as f64);
            prop_assert_eq!(scale(mantissa, false, -64), mantissa as f64 / 2_f64.powi(64));
        }
    }

    #[test]
    fn a_power_is_exact_as_far_as_a_float_is() {
        for places in 0..=22 {
            assert_eq!(power_of_ten(places), format!("1e{places}").parse::<f64>().unwrap());
            assert_eq!(power_of_ten(-places), format!("1e-{places}").parse::<f64>().unwrap());
        }
        assert_eq!(power_of_ten(309), f64::INFINITY);
        assert_eq!(power_of_ten(-400), 0.0);
        assert_eq!(power_of_ten(i64::MAX), f64::INFINITY);
        assert_eq!(power_of_ten(i64::MIN), 0.0);
    }
}
