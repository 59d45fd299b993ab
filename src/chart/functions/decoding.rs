//! Base 64 and base 32 read back, with the offsets that Go reports.

/// The value of a character in an alphabet.
fn digit(alphabet: &[u8], byte: u8) -> Option<u64> {
    alphabet.iter().position(|known| *known == byte).map(|at| at as u64)
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Standard base 64 with padding; the offset of the first wrong byte otherwise. Line breaks are skipped.
pub(super) fn base64(alphabet: &[u8; 64], bytes: &[u8]) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let mut at = 0;
    loop {
        let (mut value, mut digits) = (0_u64, 0);
        while digits < 4 {
            let Some(&byte) = bytes.get(at) else {
                return if digits == 0 { Ok(out) } else { Err(at - digits) };
            };
            at += 1;
            if let Some(found) = digit(alphabet, byte) {
                value = (value << 6) | found;
                digits += 1;
            } else if !is_break(byte) {
                let end = padding64(bytes, at, digits)?;
                let bits = digits as u32 * 6;
                out.extend((1..=bits / 8).map(|part| (value >> (bits - 8 * part)) as u8));
                return if end < bytes.len() { Err(end) } else { Ok(out) };
            }
        }
        out.extend([(value >> 16) as u8, (value >> 8) as u8, value as u8]);
    }
}

/// Checks the padding whose first byte stands before `at`; where it and the breaks after it end.
fn padding64(bytes: &[u8], mut at: usize, digits: usize) -> Result<usize, usize> {
    if bytes[at - 1] != b'=' || digits < 2 {
        return Err(at - 1);
    }
    let skip = |mut at: usize| {
        while bytes.get(at).copied().is_some_and(is_break) {
            at += 1;
        }
        at
    };
    if digits == 2 {
        at = skip(at);
        match bytes.get(at) {
            None => return Err(bytes.len()),
            Some(b'=') => at += 1,
            Some(_) => return Err(at - 1),
        }
    }
    Ok(skip(at))
}

/// Standard base 32 with padding; the offset of the first wrong byte, not counting line breaks, otherwise.
pub(super) fn base32(alphabet: &[u8; 32], bytes: &[u8]) -> Result<Vec<u8>, usize> {
    let bytes: Vec<u8> = bytes.iter().copied().filter(|byte| !is_break(*byte)).collect();
    let mut out = Vec::with_capacity(bytes.len() / 8 * 5);
    let mut at = 0;
    let mut ended = false;
    while at < bytes.len() && !ended {
        let (mut value, mut digits) = (0_u64, 0_usize);
        while digits < 8 && !ended {
            let Some(&byte) = bytes.get(at) else { return Err(at - digits) };
            at += 1;
            let left = bytes.len() - at;
            if byte == b'=' && digits >= 2 && left < 8 {
                padding32(&bytes, at, digits)?;
                ended = true;
            } else {
                value = (value << 5) | digit(alphabet, byte).ok_or(at - 1)?;
                digits += 1;
            }
        }
        let bits = digits as u32 * 5;
        out.extend((1..=bits / 8).map(|part| (value >> (bits - 8 * part)) as u8));
    }
    Ok(out)
}

fn padding32(bytes: &[u8], at: usize, digits: usize) -> Result<(), usize> {
    let rest = &bytes[at..];
    if rest.len() + digits < 7 {
        return Err(bytes.len());
    }
    let wrong = rest.iter().take(7 - digits).position(|byte| *byte != b'=');
    if let Some(wrong) = wrong {
        return Err((at + wrong).saturating_sub(1));
    }
    if matches!(digits, 1 | 3 | 6) {
        return Err(at - 1);
    }
    Ok(())
}
