//! Sprig's random functions, on the host's randomness.

use super::encoding::encode64;
use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::template::{Execution, Object, Runes};

use Type::{Int, Text as Str};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::engine("randAlphaNum", &[Int], |e, a| {
        characters(e, a.int(0), |byte| byte.is_ascii_alphanumeric())
    }),
    Function::engine("randAlpha", &[Int], |e, a| characters(e, a.int(0), |byte| byte.is_ascii_alphabetic())),
    Function::engine("randAscii", &[Int], |e, a| characters(e, a.int(0), |byte| (32..127).contains(&byte))),
    Function::engine("randNumeric", &[Int], |e, a| characters(e, a.int(0), |byte| byte.is_ascii_digit())),
    Function::engine("randBytes", &[Int], bytes),
    Function::engine("randInt", &[Int, Int], integer),
    Function::engine("uuidv4", &[], uuid),
    Function::engine("shuffle", &[Str], shuffle),
];

/// So many random characters of a set; none for a negative number.
fn characters(execution: &mut Execution<'_>, count: i64, wanted: fn(u8) -> bool) -> Outcome {
    let count = usize::try_from(count).unwrap_or(0);
    execution.meter().allocate(count)?;
    execution.meter().step(count as u64 / 8)?;
    let mut out = Vec::with_capacity(count);
    let mut pool = [0; 256];
    while out.len() < count {
        execution.host().fill_random(&mut pool);
        out.extend(pool.iter().map(|byte| byte & 0x7f).filter(|byte| wanted(*byte)).take(count - out.len()));
    }
    Ok(out.into())
}

fn bytes(execution: &mut Execution<'_>, a: &[Object]) -> Outcome {
    let count = usize::try_from(a.int(0)).map_err(|_| "runtime error: makeslice: len out of range")?;
    execution.meter().allocate(count.saturating_mul(2))?;
    let mut bytes = vec![0; count];
    execution.host().fill_random(&mut bytes);
    Ok(encode64(&bytes).into())
}

/// A number below `bound`, every one as likely as the others.
fn below(execution: &Execution<'_>, bound: u64) -> u64 {
    let largest = u64::MAX - u64::MAX % bound;
    loop {
        let mut bytes = [0; 8];
        execution.host().fill_random(&mut bytes);
        let number = u64::from_le_bytes(bytes);
        if number < largest {
            return number % bound;
        }
    }
}

fn integer(execution: &mut Execution<'_>, a: &[Object]) -> Outcome {
    let (least, most) = (a.int(0), a.int(1));
    let width = most.wrapping_sub(least);
    if width <= 0 {
        return Err("invalid argument to Intn".into());
    }
    Ok(Object::int(least.wrapping_add(below(execution, width as u64) as i64)))
}

fn uuid(execution: &mut Execution<'_>, _: &[Object]) -> Outcome {
    let mut bytes = [0_u8; 16];
    execution.host().fill_random(&mut bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]).into())
}

fn shuffle(execution: &mut Execution<'_>, a: &[Object]) -> Outcome {
    let text = a.text(0);
    execution.meter().step(text.len() as u64 / 4)?;
    let mut runes: Vec<char> = Runes::new(text.as_bytes()).map(|(_, rune, _)| rune).collect();
    for at in (1..runes.len()).rev() {
        let other = below(execution, at as u64 + 1) as usize;
        runes.swap(at, other);
    }
    Ok(runes.into_iter().collect::<String>().into())
}
