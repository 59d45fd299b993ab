//! The id of a request.

use std::fmt::Write;
use std::sync::Arc;

use http::HeaderValue;

/// Longest id that is accepted from a caller.
const LONGEST: usize = 128;

/// Identifies a request across services and their logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The caller's id if it is fit to be logged and passed on (letters, digits, `.`, `_`, `-`, at
    /// most 128), else a new one.
    #[must_use]
    pub fn accept(given: Option<&HeaderValue>) -> Self {
        let fit = |text: &&str| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            (1..=LONGEST).contains(&text.len()) && text.bytes().all(allowed)
        };
        match given.and_then(|value| value.to_str().ok()).filter(fit) {
            Some(text) => Self(text.into()),
            None => Self::new(),
        }
    }

    fn new() -> Self {
        let mut text = String::with_capacity(32);
        // Writing to a String does not fail.
        let _ = write!(text, "{:032x}", fastrand::u128(..));
        Self(text.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as a header's value.
    #[must_use]
    pub fn to_header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("an id holds only letters, digits and ._-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fit_ids_are_kept_and_others_replaced() {
        let accept = |text: &'static str| RequestId::accept(Some(&HeaderValue::from_static(text)));
        assert_eq!(accept("abc-1.2_3").as_str(), "abc-1.2_3");
        for unfit in ["", "a b", "a\"b", "{\"a\":1}"] {
            assert_ne!(accept(unfit).as_str(), unfit);
            assert_eq!(accept(unfit).as_str().len(), 32);
        }
        let long = HeaderValue::try_from("x".repeat(129)).expect("visible");
        assert_eq!(RequestId::accept(Some(&long)).as_str().len(), 32);
    }
}
