//! Sprig's arithmetic: integers that wrap around, floats through exact decimals.

use super::cast::{to_float, to_int};
use super::decimal::{Operation, fold};
use super::lists::count;
use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::template::{Element, Fault, List, Meter, Object, power_of_ten, sprint};

use Type::{Any, Float, Int, Text as Str};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::pure("atoi", &[Str], |a| Ok(Object::int(decimal_int(&a.text(0).lossy())))),
    Function::pure("int64", &[Any], |a| Ok(Object::int64(to_int(a.any(0))))),
    Function::pure("int", &[Any], |a| Ok(Object::int(to_int(a.any(0))))),
    Function::pure("float64", &[Any], |a| Ok(to_float(a.any(0)).into())),
    Function::pure("toDecimal", &[Any], |a| Ok(Object::int64(octal(a)))),
    Function::metered("seq", &[], sequence).and_more(Int),
    Function::metered("until", &[Int], until),
    Function::metered("untilStep", &[Int, Int, Int], |m, a| steps(m, a.int(0), a.int(1), a.int(2))),
    Function::pure("add1", &[Any], |a| Ok(Object::int64(to_int(a.any(0)).wrapping_add(1)))),
    Function::pure("add", &[], |a| Ok(Object::int64(a.iter().map(to_int).fold(0, i64::wrapping_add))))
        .and_more(Any),
    Function::pure("sub", &[Any, Any], |a| {
        Ok(Object::int64(to_int(a.any(0)).wrapping_sub(to_int(a.any(1)))))
    }),
    Function::pure("div", &[Any, Any], |a| divide(a, i64::wrapping_div)),
    Function::pure("mod", &[Any, Any], |a| divide(a, i64::wrapping_rem)),
    Function::pure("mul", &[Any], |a| Ok(Object::int64(a.iter().map(to_int).fold(1, i64::wrapping_mul))))
        .and_more(Any),
    Function::pure("max", &[Any], |a| Ok(extreme(a, i64::max))).and_more(Any),
    Function::pure("biggest", &[Any], |a| Ok(extreme(a, i64::max))).and_more(Any),
    Function::pure("min", &[Any], |a| Ok(extreme(a, i64::min))).and_more(Any),
    Function::pure("maxf", &[Any], |a| Ok(extreme_float(a, greater))).and_more(Any),
    Function::pure("minf", &[Any], |a| Ok(extreme_float(a, smaller))).and_more(Any),
    Function::pure("ceil", &[Any], |a| Ok(to_float(a.any(0)).ceil().into())),
    Function::pure("floor", &[Any], |a| Ok(to_float(a.any(0)).floor().into())),
    Function::pure("round", &[Any, Int], round).and_more(Float),
    Function::pure("add1f", &[Any], |a| fold(to_float(a.any(0)), &[1.0], Operation::Add)),
    Function::pure("addf", &[], |a| fold(0.0, &floats(a), Operation::Add)).and_more(Any),
    Function::pure("subf", &[Any], |a| over_rest(a, Operation::Subtract)).and_more(Any),
    Function::pure("mulf", &[Any], |a| over_rest(a, Operation::Multiply)).and_more(Any),
    Function::pure("divf", &[Any], |a| over_rest(a, Operation::Divide)).and_more(Any),
];

/// `strconv.Atoi` without its error: what does not fit becomes the nearest number, what is none 0.
fn decimal_int(text: &str) -> i64 {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return 0;
    }
    text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX })
}

fn octal(a: &[Object]) -> i64 {
    let text = sprint(&a[..1]);
    let text = text.lossy();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
    if !digits.starts_with(|first: char| first.is_digit(8)) {
        return 0;
    }
    i64::from_str_radix(&text, 8).unwrap_or(0)
}

fn divide(a: &[Object], operation: fn(i64, i64) -> i64) -> Outcome {
    let divisor = to_int(a.any(1));
    if divisor == 0 {
        return Err("runtime error: integer divide by zero".into());
    }
    Ok(Object::int64(operation(to_int(a.any(0)), divisor)))
}

fn extreme(a: &[Object], choose: fn(i64, i64) -> i64) -> Object {
    let first = to_int(a.any(0));
    Object::int64(a.rest(1).iter().map(to_int).fold(first, choose))
}

fn extreme_float(a: &[Object], choose: fn(f64, f64) -> f64) -> Object {
    let first = to_float(a.any(0));
    a.rest(1).iter().map(to_float).fold(first, choose).into()
}

/// Go's `math.Max`: infinity before NaN before all else.
fn greater(left: f64, right: f64) -> f64 {
    if left == f64::INFINITY || right == f64::INFINITY {
        return f64::INFINITY;
    }
    if left.is_nan() || right.is_nan() {
        return f64::NAN;
    }
    if left == 0.0 && right == 0.0 {
        return if left.is_sign_negative() { right } else { left };
    }
    left.max(right)
}

/// Go's `math.Min`.
fn smaller(left: f64, right: f64) -> f64 {
    -greater(-left, -right)
}

fn floats(a: &[Object]) -> Vec<f64> {
    a.iter().map(to_float).collect()
}

fn over_rest(a: &[Object], operation: Operation) -> Outcome {
    fold(to_float(a.any(0)), &floats(a.rest(1)), operation)
}

/// Sprig's rounding: it goes up from the given fraction (0.5 by default), also for negative numbers.
fn round(a: &[Object]) -> Outcome {
    let threshold = a.rest(2).first().map_or(0.5, to_float);
    let power = power_of_ten(a.int(1));
    let scaled = power * to_float(a.any(0));
    let fraction = scaled - scaled.trunc();
    let rounded = if fraction >= threshold { scaled.ceil() } else { scaled.floor() };
    Ok((rounded / power).into())
}

fn until(meter: &Meter, a: &[Object]) -> Outcome {
    let end = a.int(0);
    steps(meter, 0, end, if end < 0 { -1 } else { 1 })
}

fn steps(meter: &Meter, start: i64, stop: i64, step: i64) -> Outcome {
    let numbers = numbers(meter, start, stop, step)?;
    Ok(List::collected(Element::Int, 0, numbers.into_iter().map(Object::int).collect()).into())
}

fn numbers(meter: &Meter, start: i64, stop: i64, step: i64) -> Result<Vec<i64>, Fault> {
    if (stop < start && step >= 0) || (stop >= start && step <= 0) {
        return Ok(Vec::new());
    }
    let total =
        (i128::from(stop) - i128::from(start)).unsigned_abs().div_ceil(u128::from(step.unsigned_abs()));
    let total = usize::try_from(total).unwrap_or(usize::MAX);
    count(meter, total)?;
    let mut number = start;
    let mut all = Vec::with_capacity(total);
    for _ in 0..total {
        all.push(number);
        number = number.wrapping_add(step);
    }
    Ok(all)
}

fn sequence(meter: &Meter, a: &[Object]) -> Outcome {
    let direction = |start: i64, end: i64| if end < start { -1 } else { 1 };
    let (start, end, step, overshoot) = match a.len() {
        1 => {
            let by = direction(1, a.int(0));
            (1, a.int(0), by, by)
        }
        2 => {
            let by = direction(a.int(0), a.int(1));
            (a.int(0), a.int(1), by, by)
        }
        3 => {
            let by = direction(a.int(0), a.int(2));
            if by < 0 && a.int(1) > 0 {
                return Ok("".into());
            }
            (a.int(0), a.int(2), a.int(1), by)
        }
        _ => return Ok("".into()),
    };
    let numbers = numbers(meter, start, end.wrapping_add(overshoot), step)?;
    let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
    Ok(texts.join(" ").into())
}
