//! Addresses: the name a resource has in configuration, plans and state, `kind.name`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Kind;

/// The part of an address after the kind: lower-case letters, digits, `-`, `_`, `.`, `/`, starting with a
/// letter or digit, at most 200 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Why a text is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No dot separates kind and name.
    #[error("`{0}` is not an address: expected `kind.name`, as in `subnet.private-a`")]
    NoDot(String),
    /// The kind is not one of ours.
    #[error("`{0}` is not a kind of resource")]
    UnknownKind(String),
    /// The name holds what a name may not hold.
    #[error("`{0}` is not a name: use lower-case letters, digits, `-`, `_`, `.`, `/`")]
    BadName(String),
}

impl Name {
    /// Checks and takes a name.
    ///
    /// # Errors
    /// [`AddressError::BadName`] when it holds other characters, is empty or too long.
    pub fn new(text: impl Into<String>) -> Result<Self, AddressError> {
        let text = text.into();
        let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let rest = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.' | b'/'));
        if first && rest && text.len() <= 200 { Ok(Self(text)) } else { Err(AddressError::BadName(text)) }
    }

    /// Turns any text into a name: upper case is lowered, what a name may not hold becomes `-`.
    pub fn from_lossy(text: &str) -> Self {
        let mut name: String = text
            .chars()
            .map(|c| c.to_ascii_lowercase())
            .map(|c| if c.is_ascii_alphanumeric() || "-_./".contains(c) { c } else { '-' })
            .take(200)
            .collect();
        if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            name.insert(0, 'x');
            name.truncate(200);
        }
        Self(name)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a resource stands in configuration, plan and state: its kind and its name, written `kind.name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub name: Name,
}

impl Address {
    /// An address of a kind and a name that is known to be good.
    pub fn new(kind: Kind, name: Name) -> Self {
        Self { kind, name }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind.as_str(), self.name)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (kind, name) = text.split_once('.').ok_or_else(|| AddressError::NoDot(text.to_owned()))?;
        let kind = Kind::parse(kind).ok_or_else(|| AddressError::UnknownKind(kind.to_owned()))?;
        Ok(Self { kind, name: Name::new(name)? })
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_as_written() {
        for text in ["vpc.main", "subnet.private-a", "record_set.api.backend.internal", "repository.dev/app"]
        {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_not_an_address_is_refused_with_the_reason() {
        assert!(matches!("vpc".parse::<Address>(), Err(AddressError::NoDot(_))));
        assert!(matches!("bucket_of_fish.a".parse::<Address>(), Err(AddressError::UnknownKind(_))));
        assert!(matches!("vpc.Main".parse::<Address>(), Err(AddressError::BadName(_))));
        assert!(matches!("vpc.".parse::<Address>(), Err(AddressError::BadName(_))));
    }

    #[test]
    fn any_text_becomes_a_name() {
        assert_eq!(Name::from_lossy("us-east-1A role:x").as_str(), "us-east-1a-role-x");
        assert!(Name::new(Name::from_lossy("").as_str()).is_ok());
        assert!(Name::new(Name::from_lossy("-é").as_str()).is_ok());
    }
}
