//! Bytes to code points, as `json.loads` decodes them: the encoding is detected
//! (RFC 4627, section 3, and byte order marks), surrogates pass.

/// The bytes are not text in the encoding that they seem to have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotText;

/// The code points of a document; surrogates stand for themselves.
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<u32>, NotText> {
    match bytes {
        [0, 0, 0xfe, 0xff, rest @ ..] => utf32(rest, u32::from_be_bytes),
        [0xff, 0xfe, 0, 0, rest @ ..] => utf32(rest, u32::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        [0, 0, _, _, ..] => utf32(bytes, u32::from_be_bytes),
        [0, _, _, _, ..] | [0, _] => utf16(bytes, u16::from_be_bytes),
        [_, 0, 0, 0, ..] => utf32(bytes, u32::from_le_bytes),
        [_, 0, _, _, ..] | [_, 0] => utf16(bytes, u16::from_le_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(mut bytes: &[u8]) -> Result<Vec<u32>, NotText> {
    let mut points = Vec::with_capacity(bytes.len());
    loop {
        let error = match std::str::from_utf8(bytes) {
            Ok(text) => {
                points.extend(text.chars().map(u32::from));
                return Ok(points);
            }
            Err(error) => error,
        };
        let (valid, rest) = bytes.split_at(error.valid_up_to());
        points.extend(String::from_utf8_lossy(valid).chars().map(u32::from));
        // A surrogate written as if it were a character.
        let [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf, after @ ..] = rest else {
            return Err(NotText);
        };
        points.push(0xd000 | (u32::from(second & 0x3f) << 6) | u32::from(third & 0x3f));
        bytes = after;
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Vec<u32>, NotText> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(NotText);
    }
    let units = pairs.iter().map(|pair| unit(*pair));
    let point = |decoded: Result<char, std::char::DecodeUtf16Error>| match decoded {
        Ok(character) => u32::from(character),
        Err(lone) => u32::from(lone.unpaired_surrogate()),
    };
    Ok(char::decode_utf16(units).map(point).collect())
}

fn utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Result<Vec<u32>, NotText> {
    let (units, rest) = bytes.as_chunks::<4>();
    let points: Vec<u32> = units.iter().map(|bytes| unit(*bytes)).collect();
    let valid = rest.is_empty() && points.iter().all(|point| *point <= u32::from(char::MAX));
    if valid { Ok(points) } else { Err(NotText) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_encoding_yields_the_same_text(text in "[ -~]{2}\\PC*") {
            let points: Vec<u32> = text.chars().map(u32::from).collect();
            let sixteen = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(bytes).collect() };
            let thirty_two = |bytes: fn(u32) -> [u8; 4]| -> Vec<u8> { points.iter().copied().flat_map(bytes).collect() };
            for encoded in [
                text.as_bytes().to_vec(),
                [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat(),
                sixteen(u16::to_le_bytes),
                sixteen(u16::to_be_bytes),
                thirty_two(u32::to_le_bytes),
                thirty_two(u32::to_be_bytes),
            ] {
                prop_assert_eq!(decode(&encoded).expect("text"), points.clone());
            }
        }

        #[test]
        fn any_bytes_are_text_or_not(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }
    }

    #[test]
    fn surrogates_pass_and_other_bytes_do_not() {
        assert_eq!(decode(b"\"\xed\xa0\x80\""), Ok(vec![0x22, 0xd800, 0x22]));
        for wrong in [&b"\"\xff\""[..], b"\"\xed\xa0\"", b"\"\xc3", b"\xff\xfe\x00"] {
            assert_eq!(decode(wrong), Err(NotText));
        }
    }
}
