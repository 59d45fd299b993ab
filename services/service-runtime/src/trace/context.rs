//! Trace and span ids, and the `traceparent` header.

use std::fmt;

/// The id of a trace, never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId(u128);

/// The id of a span, never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanId(u64);

impl TraceId {
    fn random() -> Self {
        Self(fastrand::u128(1..))
    }
}

impl SpanId {
    fn random() -> Self {
        Self(fastrand::u64(1..))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

/// Where a span stands in its trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanContext {
    /// The trace.
    pub trace_id: TraceId,
    /// The span itself.
    pub span_id: SpanId,
    /// The span that caused it, none for the first of a trace.
    pub parent: Option<SpanId>,
    /// Whether spans of this trace are recorded.
    pub sampled: bool,
}

impl SpanContext {
    /// The first span of a new trace.
    #[must_use]
    pub fn root(sampled: bool) -> Self {
        Self { trace_id: TraceId::random(), span_id: SpanId::random(), parent: None, sampled }
    }

    /// A span caused by this one.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { span_id: SpanId::random(), parent: Some(self.span_id), ..*self }
    }

    /// The caller's span, from its `traceparent`; none if that is not valid.
    ///
    /// Versions above 00 are read by their first four fields, as the
    /// specification asks; version ff is invalid.
    #[must_use]
    pub fn from_traceparent(text: &str) -> Option<Self> {
        let mut fields = text.trim().split('-');
        let (version, trace, span, flags) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let version = hexadecimal(version, 2)?;
        if version == 0xff || (version == 0 && fields.next().is_some()) {
            return None;
        }
        let trace_id = Some(hexadecimal(trace, 32)?).filter(|id| *id != 0)?;
        let span_id = u64::try_from(hexadecimal(span, 16)?).ok().filter(|id| *id != 0)?;
        let flags = hexadecimal(flags, 2)?;
        Some(Self {
            trace_id: TraceId(trace_id),
            span_id: SpanId(span_id),
            parent: None,
            sampled: flags & 1 == 1,
        })
    }

    /// The header that makes a callee's spans children of this one.
    #[must_use]
    pub fn to_header(&self) -> http::HeaderValue {
        http::HeaderValue::try_from(self.to_traceparent())
            .expect("a traceparent is hexadecimal digits and dashes")
    }

    /// The text of that header.
    #[must_use]
    pub fn to_traceparent(&self) -> String {
        format!("00-{}-{}-{:02x}", self.trace_id, self.span_id, u8::from(self.sampled))
    }
}

/// Exactly `digits` lower-case hexadecimal digits.
fn hexadecimal(text: &str, digits: usize) -> Option<u128> {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (text.len() == digits && text.bytes().all(lower)).then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_example_of_the_specification_is_read() {
        let caller = SpanContext::from_traceparent(VALID).expect("valid");
        assert_eq!(caller.to_traceparent(), VALID);
        let served = caller.child();
        assert_eq!(served.trace_id, caller.trace_id);
        assert_eq!(served.parent, Some(caller.span_id));
        assert_ne!(served.span_id, caller.span_id);
        assert!(served.sampled);
    }

    #[test]
    fn what_the_specification_forbids_is_refused() {
        for text in [
            "",
            "00",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(SpanContext::from_traceparent(text), None, "{text:?}");
        }
        let future = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-holds";
        assert!(SpanContext::from_traceparent(future).is_some());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(sampled: bool) {
            let span = SpanContext::root(sampled);
            prop_assert_eq!(SpanContext::from_traceparent(&span.to_traceparent()), Some(span));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = SpanContext::from_traceparent(&text);
        }
    }
}
