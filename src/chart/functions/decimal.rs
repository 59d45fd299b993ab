//! Exact decimal arithmetic for the float functions, as the `shopspring/decimal` library does it.

use num_bigint::{BigInt, Sign};

use super::signature::Outcome;

/// A decimal operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// Digits after the point that a division keeps.
const DIVISION_PRECISION: i64 = 16;

/// `value × 10^exponent`
#[derive(Clone)]
struct Decimal {
    value: BigInt,
    exponent: i64,
}

/// Applies an operation to `first` and each of `rest` in turn.
pub(super) fn fold(first: f64, rest: &[f64], operation: Operation) -> Outcome {
    let mut total = Decimal::of(first)?;
    for number in rest {
        let number = Decimal::of(*number)?;
        total = match operation {
            Operation::Add => total.plus(&number),
            Operation::Subtract => total.plus(&Decimal { value: -number.value, exponent: number.exponent }),
            Operation::Multiply => {
                Decimal { value: total.value * number.value, exponent: total.exponent + number.exponent }
            }
            Operation::Divide => total.divided_by(&number)?,
        };
    }
    Ok(total.to_float().into())
}

fn power(exponent: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(exponent).unwrap_or(0))
}

impl Decimal {
    /// The shortest decimal that reads back as `number`.
    fn of(number: f64) -> Result<Self, String> {
        if !number.is_finite() {
            return Err(format!("Cannot create a Decimal from {number}"));
        }
        let text = format!("{number:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i64);
        let digits: String = mantissa.chars().filter(|rune| *rune != '.').collect();
        let value = digits.parse().unwrap_or_default();
        let exponent = exponent.parse::<i64>().unwrap_or(0) - fraction;
        Ok(if number == 0.0 { Self { value, exponent: 0 } } else { Self { value, exponent } })
    }

    fn scaled(&self, exponent: i64) -> BigInt {
        &self.value * power(self.exponent - exponent)
    }

    fn plus(&self, other: &Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        Self { value: self.scaled(exponent) + other.scaled(exponent), exponent }
    }

    /// Rounds half away from zero at the last digit kept.
    fn divided_by(&self, other: &Self) -> Result<Self, String> {
        if other.value.sign() == Sign::NoSign {
            return Err("decimal division by 0".to_owned());
        }
        let shift = self.exponent - other.exponent + DIVISION_PRECISION;
        let (dividend, divisor) = if shift < 0 {
            (self.value.clone(), &other.value * power(-shift))
        } else {
            (&self.value * power(shift), other.value.clone())
        };
        let mut quotient = &dividend / &divisor;
        let remainder = &dividend % &divisor;
        if remainder.magnitude() * 2_u32 >= *divisor.magnitude() {
            let negative = (dividend.sign() == Sign::Minus) != (divisor.sign() == Sign::Minus);
            quotient += if negative { -1 } else { 1 };
        }
        Ok(Self { value: quotient, exponent: -DIVISION_PRECISION })
    }

    fn to_float(&self) -> f64 {
        // Rust reads a decimal to the nearest float, as Go's rational does.
        format!("{}e{}", self.value, self.exponent).parse().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::template::Object;

    fn result(first: f64, rest: &[f64], operation: Operation) -> f64 {
        match fold(first, rest, operation) {
            Ok(Object::Float(number)) => number,
            _ => f64::NAN,
        }
    }

    #[test]
    fn sums_are_exact() {
        assert_eq!(result(0.1, &[0.2], Operation::Add), 0.3);
        assert_eq!(result(1.0, &[3.0], Operation::Divide), 0.333_333_333_333_333_3);
        assert_eq!(result(2.0, &[3.0], Operation::Divide), 0.666_666_666_666_666_7);
        assert!(fold(1.0, &[0.0], Operation::Divide).is_err());
    }
}
