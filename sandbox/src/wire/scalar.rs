//! Scalars as text: how query strings, headers, form parameters and XML spell numbers, moments and bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::input::{Input, Kind};
use super::model::{Member, Shape};
use crate::clock::Time;

/// How a moment is spelt.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Iso,
    /// With milliseconds always, as EC2 writes it.
    IsoMillis,
    Http,
    Unix,
}

impl Moment {
    /// The format that a member or its type asks for, or the protocol's own.
    pub(super) fn of(member: &Member, shape: &Shape, otherwise: Self) -> Self {
        let named = match shape {
            Shape::Timestamp(limits) => member.timestamp.as_deref().or(limits.timestamp.as_deref()),
            _ => None,
        };
        match named {
            Some("iso8601") => Self::Iso,
            Some("rfc822") => Self::Http,
            Some("unixTimestamp") => Self::Unix,
            _ => otherwise,
        }
    }

    /// Writes seconds since 1970.
    pub(super) fn write(self, seconds: f64) -> String {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of this century fit")]
        let time = Time((seconds * 1000.0).round() as i64);
        match self {
            Self::Iso if time.0 % 1000 == 0 => time.format("%Y-%m-%dT%H:%M:%SZ"),
            Self::Iso | Self::IsoMillis => time.iso(),
            Self::Http => time.format("%a, %d %b %Y %H:%M:%S GMT"),
            Self::Unix => time.value().to_string(),
        }
    }
}

/// Reads a moment in any of the spellings.
fn moment(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<f64>() {
        #[expect(clippy::cast_possible_truncation, reason = "a request's moment fits")]
        return Some((seconds * 1000.0).round() as i64);
    }
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(moment.as_millisecond());
    }
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp().as_millisecond())
}

/// Reads a scalar of `shape` from text; `None` when the text is not of that type.
pub(super) fn read(shape: &Shape, text: &str) -> Option<Input> {
    Some(Input::new(match shape {
        Shape::Integer(_) | Shape::Long(_) => Kind::Integer(text.parse().ok()?),
        Shape::Float(_) | Shape::Double(_) => Kind::Number(text.parse().ok()?),
        Shape::Boolean(_) => match text {
            "true" | "True" | "1" => Kind::Flag(true),
            "false" | "False" | "0" => Kind::Flag(false),
            _ => return None,
        },
        Shape::Blob(_) => Kind::Blob(STANDARD.decode(text).ok()?.into()),
        Shape::Timestamp(_) => Kind::Time(moment(text)?),
        _ => Kind::Text(text.to_owned()),
    }))
}

/// Writes a scalar output value as text; `None` when the value does not fit the type.
pub(super) fn write(shape: &Shape, value: &Value, spelling: Moment) -> Option<String> {
    match (shape, value) {
        (Shape::Timestamp(_), Value::Number(seconds)) => Some(spelling.write(seconds.as_f64()?)),
        (Shape::Boolean(_), Value::Bool(value)) => Some(value.to_string()),
        (Shape::Integer(_) | Shape::Long(_), Value::Number(number)) if number.is_i64() || number.is_u64() => {
            Some(number.to_string())
        }
        (Shape::Float(_) | Shape::Double(_), Value::Number(number)) => Some(number.to_string()),
        (Shape::String(_) | Shape::Blob(_), Value::String(text)) => Some(text.clone()),
        _ => None,
    }
}
