//! Floating-point numbers as Go's `strconv.FormatFloat` writes them.

use crate::chart::number::shortest_scientific;

/// A number in decimal: its digits, and where the point stands before them (`0.digits × 10^point`).
struct Decimal {
    digits: Vec<u8>,
    point: i32,
}

/// `precision` digits after the first one, or as few as tell the number apart.
fn decimal(number: f64, precision: Option<usize>) -> Decimal {
    let text = match precision {
        Some(precision) => format!("{:.*e}", precision, number.abs()),
        None => shortest_scientific(number.abs()),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    let mut point = exponent.parse::<i32>().unwrap_or(0) + 1;
    if precision.is_none() {
        while digits.len() > 1 && digits.last() == Some(&b'0') {
            digits.pop();
        }
    }
    if number == 0.0 {
        point = 1;
    }
    Decimal { digits, point }
}

/// `number` in the form of a verb (`e E f g G b x X`); without precision, the shortest that reads back.
pub(crate) fn format_float(number: f64, verb: char, precision: Option<usize>) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    if number.is_infinite() {
        return if number < 0.0 { "-Inf".to_owned() } else { "+Inf".to_owned() };
    }
    let body = match verb {
        'e' | 'E' => exponent_form(&decimal(number, precision), precision, verb),
        'f' => fixed_form(number, precision),
        'b' => return binary_form(number),
        'x' | 'X' => hexadecimal_form(number.abs(), precision, verb),
        _ => general_form(number, precision, verb),
    };
    format!("{sign}{body}")
}

fn fixed_form(number: f64, precision: Option<usize>) -> String {
    match precision {
        Some(precision) => format!("{:.*}", precision, number.abs()),
        None => format!("{}", number.abs()),
    }
}

fn exponent_form(decimal: &Decimal, precision: Option<usize>, verb: char) -> String {
    let precision = precision.unwrap_or(decimal.digits.len() - 1);
    let mut text = String::from(char::from(decimal.digits[0]));
    if precision > 0 {
        text.push('.');
        for at in 1..=precision {
            text.push(decimal.digits.get(at).map_or('0', |digit| char::from(*digit)));
        }
    }
    let exponent = decimal.point - 1;
    text.push(verb);
    text.push(if exponent < 0 { '-' } else { '+' });
    text.push_str(&format!("{:02}", exponent.abs()));
    text
}

fn general_form(number: f64, precision: Option<usize>, verb: char) -> String {
    let precision = precision.map(|precision| precision.max(1));
    let mut decimal = decimal(number, precision.map(|precision| precision - 1));
    // Trailing zeros go, except that the exponent threshold still counts the digits asked for.
    while precision.is_some() && decimal.digits.len() > 1 && decimal.digits.last() == Some(&b'0') {
        decimal.digits.pop();
    }
    let count = decimal.digits.len() as i32;
    let threshold = match precision {
        None => 6,
        Some(precision) if precision as i32 > count && count >= decimal.point => count,
        Some(precision) => precision as i32,
    };
    let exponent = decimal.point - 1;
    if exponent < -4 || exponent >= threshold {
        let letter = if verb == 'G' { 'E' } else { 'e' };
        return exponent_form(&decimal, None, letter);
    }
    plain(&decimal)
}

/// The digits with the point at its place.
fn plain(decimal: &Decimal) -> String {
    let mut text = String::new();
    if decimal.point <= 0 {
        text.push_str("0.");
        text.extend(std::iter::repeat_n('0', decimal.point.unsigned_abs() as usize));
        text.extend(decimal.digits.iter().map(|digit| char::from(*digit)));
        return text;
    }
    let point = decimal.point as usize;
    for at in 0..point.max(decimal.digits.len()) {
        if at == point {
            text.push('.');
        }
        text.push(decimal.digits.get(at).map_or('0', |digit| char::from(*digit)));
    }
    text
}

fn binary_form(number: f64) -> String {
    let bits = number.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let exponent = ((bits >> 52) & 0x7ff) as i64;
    let (mantissa, exponent) = if exponent == 0 { (fraction, 1) } else { (fraction | 1 << 52, exponent) };
    let sign = if number.is_sign_negative() { "-" } else { "" };
    format!("{sign}{mantissa}p{:+}", exponent - 1075)
}

/// `0x1.8p+01`
fn hexadecimal_form(number: f64, precision: Option<usize>, verb: char) -> String {
    let bits = number.to_bits();
    let mut mantissa = (bits & ((1 << 52) - 1)) << 8;
    let mut exponent = ((bits >> 52) & 0x7ff) as i64 - 1023;
    if number == 0.0 {
        exponent = 0;
    } else if exponent == -1023 {
        // A denormal is shifted until its first bit stands before the point.
        exponent = -1022;
        while mantissa & (1 << 60) == 0 {
            mantissa <<= 1;
            exponent -= 1;
        }
    } else {
        mantissa |= 1 << 60;
    }
    if let Some(precision) = precision.filter(|precision| *precision < 15) {
        let shift = 60 - 4 * precision as u32;
        let extra = mantissa & ((1 << shift) - 1);
        mantissa >>= shift;
        let half = 1_u64 << (shift - 1);
        if extra > half || (extra == half && mantissa & 1 == 1) {
            mantissa += 1;
        }
        mantissa <<= shift;
        if mantissa & (1 << 61) != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let mut digits = format!("{:015x}", mantissa & ((1 << 60) - 1));
    match precision {
        Some(precision) if precision <= 15 => digits.truncate(precision),
        Some(precision) => digits.extend(std::iter::repeat_n('0', precision - 15)),
        None => digits.truncate(digits.trim_end_matches('0').len()),
    }
    let point = if digits.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    let text = format!("0x{}{point}{digits}p{sign}{:02}", mantissa >> 60, exponent.abs());
    if verb == 'X' { text.to_ascii_uppercase() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_go_s() {
        for (number, verb, precision, text) in [
            (1e21, 'g', None, "1e+21"),
            (123_456_789.0, 'g', None, "1.23456789e+08"),
            (1.5, 'e', Some(2), "1.50e+00"),
            (1234.5678, 'g', Some(6), "1234.57"),
            (1e6, 'g', Some(6), "1e+06"),
            (1e5, 'g', Some(6), "100000"),
            (1e-5, 'g', None, "1e-05"),
            (0.0001, 'g', None, "0.0001"),
            (3.0, 'f', Some(0), "3"),
            (1.0, 'x', None, "0x1p+00"),
            (-1.5, 'x', Some(3), "-0x1.800p+00"),
            (1.0, 'b', None, "4503599627370496p-52"),
            (0.0, 'e', None, "0e+00"),
        ] {
            assert_eq!(format_float(number, verb, precision), text, "{number} {verb} {precision:?}");
        }
    }
}
