//! What a template computes with: Go's values, with Go's sharing.
//!
//! Lists and maps are shared by reference, so that `set` on a map is seen by everyone who holds it, as in
//! Go. Two kinds of nothing are told apart, because Go's reflection does: [`Object::Invalid`] (no value at
//! all; fields of it are again nothing) and [`Object::Nil`] (a nil inside an interface; a field of it is an
//! error).

use super::collection::Map;
use super::list::List;
use super::native::Native;
use super::text::Text;
use crate::chart::content::Content;

/// A value at run time.
#[derive(Clone, Debug)]
pub enum Object {
    /// No value: what a pipeline makes of nil.
    Invalid,
    /// A nil that sits in a map, a list or an argument.
    Nil,
    /// A truth value.
    Bool(bool),
    /// An integer of one of Go's types; unsigned 64-bit numbers are kept as their bits.
    Int(Integer, i64),
    /// `float64`.
    Float(f64),
    /// `complex128`, which only a literal such as `1i` makes.
    Complex(f64, f64),
    /// `string`.
    Text(Text),
    /// `[]byte`.
    Bytes(Content),
    /// A slice.
    List(List),
    /// A map with text keys.
    Map(Map),
    /// One of the structures that Helm and Sprig hand to templates.
    Native(Native),
}

/// The integer types that a template can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integer {
    /// `int`: literals, lengths, indexes.
    Int,
    /// `int64`: arithmetic.
    Int64,
    /// `uint8`: a byte of a string.
    Uint8,
    /// `uint32`.
    Uint32,
    /// `uint64`: parts of a semantic version.
    Uint64,
    /// `time.Duration`, in nanoseconds.
    Duration,
    /// `time.Month`.
    Month,
    /// `time.Weekday`.
    Weekday,
}

impl Integer {
    /// Go's name of the type.
    pub(crate) fn go_type(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Int64 => "int64",
            Self::Uint8 => "uint8",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Duration => "time.Duration",
            Self::Month => "time.Month",
            Self::Weekday => "time.Weekday",
        }
    }

    /// Go's name of the kind below the type.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Duration => "int64",
            Self::Month | Self::Weekday => "int",
            other => other.go_type(),
        }
    }

    /// Whether the bits are to be read without a sign.
    pub(crate) fn is_unsigned(self) -> bool {
        matches!(self, Self::Uint8 | Self::Uint32 | Self::Uint64)
    }
}

impl Object {
    /// Go's `int`.
    pub(crate) fn int(number: i64) -> Self {
        Self::Int(Integer::Int, number)
    }

    /// Go's `int64`.
    pub(crate) fn int64(number: i64) -> Self {
        Self::Int(Integer::Int64, number)
    }

    /// A string.
    pub fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }

    /// Neither kind of nothing.
    pub(crate) fn is_present(&self) -> bool {
        !matches!(self, Self::Invalid | Self::Nil)
    }

    /// The text inside, if this is a string.
    pub(crate) fn as_text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The map inside, if this is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Go's name of the dynamic type, as `%T` and `typeOf` print it.
    pub(crate) fn go_type(&self) -> &'static str {
        match self {
            Self::Invalid | Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(integer, _) => integer.go_type(),
            Self::Float(_) => "float64",
            Self::Complex(..) => "complex128",
            Self::Text(_) => "string",
            Self::Bytes(_) => "[]uint8",
            Self::List(list) => list.element().go_type(),
            Self::Map(map) => map.shape().go_type(),
            Self::Native(native) => native.go_type(),
        }
    }

    /// Go's name of the kind, as `kindOf` prints it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Invalid | Self::Nil => "invalid",
            Self::Bool(_) => "bool",
            Self::Int(integer, _) => integer.kind(),
            Self::Float(_) => "float64",
            Self::Complex(..) => "complex128",
            Self::Text(_) => "string",
            Self::Bytes(_) | Self::List(_) => "slice",
            Self::Map(_) => "map",
            Self::Native(native) => native.kind(),
        }
    }

    /// The truth rule of `if`, `with`, `and`, `or` and `not`: false, zero, nil and the empty are false.
    pub(crate) fn truth(&self) -> bool {
        match self {
            Self::Invalid | Self::Nil => false,
            Self::Bool(truth) => *truth,
            Self::Int(_, number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Complex(real, imaginary) => *real != 0.0 || *imaginary != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::List(list) => !list.is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Native(_) => true,
        }
    }
}

impl From<bool> for Object {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<f64> for Object {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<Text> for Object {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Object {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Object {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Vec<u8>> for Object {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Text(bytes.into())
    }
}

impl From<List> for Object {
    fn from(list: List) -> Self {
        Self::List(list)
    }
}

impl From<Map> for Object {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Native> for Object {
    fn from(native: Native) -> Self {
        Self::Native(native)
    }
}
