//! Filter patterns of plain terms: all of `error "not found"`, any of `?ERROR ?WARN`, none of `-debug`.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

use crate::wire::failure::Failure;

/// A pattern.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    /// Reads a pattern; those of JSON and of space-delimited fields are not modelled.
    pub(super) fn read(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        if text.starts_with(['{', '[', '%']) {
            return Err(Failure::unmodelled(format!("the filterPattern {text}")));
        }
        let mut pattern = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (list, tail) = match rest.chars().next() {
                Some('?') => (&mut pattern.any, &rest[1..]),
                Some('-') => (&mut pattern.none, &rest[1..]),
                _ => (&mut pattern.all, rest),
            };
            let (term, tail) = match tail.strip_prefix('"') {
                Some(quoted) => quoted
                    .split_once('"')
                    .ok_or_else(|| Failure::new("InvalidParameterException", "Invalid filter pattern"))?,
                None => tail.split_once(' ').unwrap_or((tail, "")),
            };
            list.push(term.to_owned());
            rest = tail.trim_start();
        }
        Ok(pattern)
    }

    /// True when a message fits.
    pub(super) fn matches(&self, message: &str) -> bool {
        let has = |term: &String| message.contains(term.as_str());
        self.all.iter().all(has)
            && !self.none.iter().any(has)
            && (self.any.is_empty() || self.any.iter().any(has))
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn terms_are_required_optional_or_forbidden() {
        let fits = |pattern: &str, message: &str| Pattern::read(pattern).unwrap().matches(message);
        assert!(fits("", "anything") && fits("a b", "b and a") && !fits("a b", "a"));
        assert!(fits("?ERROR ?WARN", "WARN x") && !fits("?ERROR ?WARN", "INFO"));
        assert!(fits(r#"-debug "not found""#, "not found") && !fits("-debug", "debug"));
        assert!(Pattern::read("{ $.a = 1 }").unwrap_err().is_unmodelled());
        assert!(Pattern::read("\"open").is_err());
    }
}
