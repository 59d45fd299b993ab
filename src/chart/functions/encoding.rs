//! Base 64 and base 32, with Go's words for text that is neither.

use super::decoding;
use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::template::{Meter, Object};

const TEXT: &[Type] = &[Type::Text];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::metered("b64enc", TEXT, |meter, a| encoded(meter, a, encode64)),
    Function::pure("b64dec", TEXT, |a| Ok(decoded(decode64(a.text(0).as_bytes()), "base64"))),
    Function::metered("b32enc", TEXT, |meter, a| encoded(meter, a, encode32)),
    Function::pure("b32dec", TEXT, |a| {
        Ok(decoded(decoding::base32(ALPHABET32, a.text(0).as_bytes()), "base32"))
    }),
];

const ALPHABET64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const ALPHABET32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn encoded(meter: &Meter, a: &[Object], encode: fn(&[u8]) -> String) -> Outcome {
    let text = a.text(0);
    meter.allocate(text.len().saturating_mul(2))?;
    Ok(encode(text.as_bytes()).into())
}

fn decoded(result: Result<Vec<u8>, usize>, name: &str) -> Object {
    match result {
        Ok(bytes) => bytes.into(),
        Err(at) => format!("illegal {name} data at input byte {at}").into(),
    }
}

/// Standard base 64 with padding.
pub(super) fn encode64(bytes: &[u8]) -> String {
    encode(bytes, ALPHABET64, 6, 4)
}

fn encode32(bytes: &[u8]) -> String {
    encode(bytes, ALPHABET32, 5, 8)
}

/// Standard base 64 with padding, read back; the offset of the first wrong byte otherwise.
pub(super) fn decode64(bytes: &[u8]) -> Result<Vec<u8>, usize> {
    decoding::base64(ALPHABET64, bytes)
}

/// Writes bytes in characters of `width` bits, in groups of so many characters.
fn encode(bytes: &[u8], alphabet: &[u8], width: u32, group: usize) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    let (mut buffer, mut filled) = (0_u32, 0);
    let mask = alphabet.len() - 1;
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        filled += 8;
        while filled >= width {
            filled -= width;
            out.push(char::from(alphabet[(buffer >> filled) as usize & mask]));
        }
        buffer &= (1 << filled) - 1;
    }
    if filled > 0 {
        out.push(char::from(alphabet[(buffer << (width - filled)) as usize & mask]));
    }
    while !out.len().is_multiple_of(group) {
        out.push('=');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_are_inverse() {
        for text in ["", "f", "fo", "foo", "foob", "fooba", "foobar"] {
            assert_eq!(decode64(encode64(text.as_bytes()).as_bytes()).unwrap(), text.as_bytes());
            let encoded = encode32(text.as_bytes());
            assert_eq!(decoding::base32(ALPHABET32, encoded.as_bytes()).unwrap(), text.as_bytes());
        }
        assert_eq!(encode32(b"foobar"), "MZXW6YTBOI======");
        assert_eq!(decode64(b"Zg=").unwrap_err(), 3);
        assert_eq!(decode64(b"Z!==").unwrap_err(), 1);
    }
}
