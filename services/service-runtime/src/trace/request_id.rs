//! The id of a request.

use http::HeaderValue;

/// Longest id that is accepted from a caller.
const LONGEST: usize = 128;

/// Identifies a request across services and their logs: letters, digits, `.`, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Id);

/// A made id needs no memory of its own: most requests bring none, and every request has one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Id {
    Given(HeaderValue),
    Made([u8; 32]),
}

impl RequestId {
    /// The caller's id if it is fit to be logged and passed on (at most 128 characters of those
    /// allowed), else a new one.
    #[must_use]
    pub fn accept(given: Option<&HeaderValue>) -> Self {
        let fit = |value: &&HeaderValue| {
            let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
            (1..=LONGEST).contains(&value.len()) && value.as_bytes().iter().all(allowed)
        };
        given.filter(fit).map_or_else(Self::new, |value| Self(Id::Given(value.clone())))
    }

    /// 32 random hexadecimal digits.
    fn new() -> Self {
        let random = fastrand::u128(..).to_be_bytes();
        let mut text = [0; 32];
        for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(random) {
            *pair = [digit(byte >> 4), digit(byte & 0xf)];
        }
        Self(Id::Made(text))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let text = match &self.0 {
            Id::Given(value) => value.to_str().ok(),
            Id::Made(digits) => std::str::from_utf8(digits).ok(),
        };
        text.expect("an id holds only letters, digits and ._-")
    }

    /// The id as a header's value.
    #[must_use]
    pub fn to_header(&self) -> HeaderValue {
        match &self.0 {
            Id::Given(value) => value.clone(),
            Id::Made(digits) => HeaderValue::from_bytes(digits).expect("hexadecimal digits are visible"),
        }
    }
}

fn digit(value: u8) -> u8 {
    match value {
        0..=9 => b'0' + value,
        _ => b'a' + value - 10,
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
            let new = accept(unfit);
            assert_ne!(new.as_str(), unfit);
            assert!(new.as_str().len() == 32 && new.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
        let long = HeaderValue::try_from("x".repeat(129)).expect("visible");
        assert_eq!(RequestId::accept(Some(&long)).as_str().len(), 32);
        assert_ne!(RequestId::accept(None), RequestId::accept(None));
    }
}
