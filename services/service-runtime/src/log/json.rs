//! Appending JSON to a buffer without an intermediate value.

use std::fmt::Write;

/// Appends `text` as a JSON string with its quotes (RFC 8259, section 7).
pub(crate) fn push_json_string(line: &mut String, text: &str) {
    line.push('"');
    let mut clean_from = 0;
    for (index, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x00..=0x1f | 0x7f => "",
            _ => continue,
        };
        line.push_str(&text[clean_from..index]);
        clean_from = index + 1;
        if escape.is_empty() {
            // Writing to a String does not fail.
            let _ = write!(line, "\\u{byte:04x}");
        } else {
            line.push_str(escape);
        }
    }
    line.push_str(&text[clean_from..]);
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_string_reads_back(text in any::<String>()) {
            let mut line = String::new();
            push_json_string(&mut line, &text);
            prop_assert!(!line.contains('\n'));
            prop_assert_eq!(serde_json::from_str::<String>(&line).expect("valid JSON"), text);
        }
    }
}
