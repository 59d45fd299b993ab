//! Names as Route 53 writes them: absolute, with octal escapes ("DNS domain name format").

/// The name as it stands in specs: lower-case, without the final dot and without escapes (`\052` is `*`).
pub(super) fn plain(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = match bytes[at] {
            b'\\' => name.get(at + 1..at + 4).and_then(|digits| u8::from_str_radix(digits, 8).ok()),
            _ => None,
        };
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 4 } else { 1 };
    }
    let text = String::from_utf8_lossy(&out).to_ascii_lowercase();
    text.strip_suffix('.').map(str::to_owned).unwrap_or(text)
}

/// The id of a zone without what some answers put before it.
pub(super) fn zone_id(id: &str) -> &str {
    id.strip_prefix("/hostedzone/").unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_dot_case_and_escapes() {
        for (written, read) in [
            ("Backend.Internal.", "backend.internal"),
            ("\\052.example.com.", "*.example.com"),
            ("a\\", "a\\"),
            ("a\\9", "a\\9"),
            ("", ""),
        ] {
            assert_eq!(plain(written), read);
        }
        assert_eq!(zone_id("/hostedzone/Z1"), "Z1");
        assert_eq!(zone_id("Z1"), "Z1");
    }
}
