//! Domain names: their canonical form and the order in which they are listed.

use crate::wire::failure::Failure;

/// The canonical form: lower case, a dot at the end, special letters as octal escapes (`*` becomes `\052`).
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html>
pub(super) fn canonical(text: &str) -> String {
    let mut out = String::new();
    for letter in text.trim_end_matches('.').chars() {
        match letter.to_ascii_lowercase() {
            plain @ ('a'..='z' | '0'..='9' | '-' | '_' | '.' | '\\') => out.push(plain),
            other => {
                let mut bytes = [0; 4];
                for byte in other.encode_utf8(&mut bytes).bytes() {
                    out.push_str(&format!("\\{byte:03o}"));
                }
            }
        }
    }
    out.push('.');
    out
}

/// A key that sorts as Route 53 lists: by labels from the right, then by type and identifier.
pub(super) fn key(name: &str, kind: &str, identifier: &str) -> String {
    let labels: Vec<&str> = name.trim_end_matches('.').rsplit('.').collect();
    // Lower than every letter of a label, so that a domain comes before what is below it.
    format!("{}\u{1}\u{1}{kind}\u{1}{identifier}", labels.join("\u{1}."))
}

/// Refuses what cannot be a domain.
///
/// # Errors
/// `InvalidDomainName`.
pub(super) fn check(name: &str) -> Result<(), Failure> {
    let labels: Vec<&str> = name.trim_end_matches('.').split('.').collect();
    let good = name.len() <= 255 && labels.iter().all(|label| !label.is_empty() && label.len() <= 63);
    if good {
        Ok(())
    } else {
        Err(Failure::new("InvalidDomainName", format!("{name} is not a valid domain name")))
    }
}

/// True when a name is the domain or below it.
pub(super) fn is_within(name: &str, domain: &str) -> bool {
    name == domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// An id without the path that replies put before it.
pub(super) fn bare(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_canonical() {
        assert_eq!(canonical("*.Example.COM"), "\\052.example.com.");
        assert_eq!(canonical("a.b."), "a.b.");
    }

    #[test]
    fn a_domain_comes_before_what_is_below_it() {
        let mut keys = vec![
            key("www.example.com.", "A", ""),
            key("example.com.", "SOA", ""),
            key("example.com.", "NS", ""),
            key("a.b.example.com.", "A", ""),
            key("b.example.com.", "A", ""),
        ];
        let sorted = [2, 1, 4, 3, 0].map(|at| keys[at].clone());
        keys.sort();
        assert_eq!(keys, sorted);
    }

    #[test]
    fn within_is_by_labels() {
        assert!(is_within("a.example.com.", "example.com.") && is_within("example.com.", "example.com."));
        assert!(!is_within("badexample.com.", "example.com."));
    }
}
