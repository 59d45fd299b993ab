//! Versions.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A version such as `v1.2.3-rc.1+build`; missing parts count as zero.
///
/// Equality and order ignore build metadata, as the specification has it.
#[derive(Debug, Clone, Default)]
pub struct Version {
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
    /// The third number.
    pub patch: u64,
    /// What follows `-`, without it; empty for a release.
    pub prerelease: String,
    /// What follows `+`, without it.
    pub metadata: String,
    original: String,
}

/// Why a text is no version, in the words of the Go library.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVersion {
    /// Not of the form of a version.
    #[error("invalid semantic version")]
    Form,
    /// A number does not fit 64 bits.
    #[error("error parsing version segment: strconv.ParseUint: parsing \"{0}\": value out of range")]
    Range(String),
    /// A number of the pre-release has a leading zero.
    #[error("version segment starts with 0")]
    LeadingZero,
}

impl Version {
    /// A release with these three numbers.
    pub fn new(major: u64, minor: u64, patch: u64) -> Self {
        let original = format!("{major}.{minor}.{patch}");
        Self { major, minor, patch, prerelease: String::new(), metadata: String::new(), original }
    }

    /// The text the version was read from.
    pub fn original(&self) -> &str {
        &self.original
    }

    /// Reads a version that has all three numbers, no `v`, and no leading zeros (`StrictNewVersion`).
    pub fn parse_strict(text: &str) -> Result<Self, InvalidVersion> {
        let version = text.parse::<Self>()?;
        let core = text.split(['-', '+']).next().unwrap_or_default();
        let numbers: Vec<&str> = core.split('.').collect();
        if numbers.len() != 3 || text.starts_with('v') {
            return Err(InvalidVersion::Form);
        }
        if numbers.iter().any(|number| number.len() > 1 && number.starts_with('0')) {
            return Err(InvalidVersion::LeadingZero);
        }
        Ok(version)
    }

    /// The next patch release; a pre-release becomes its own release. `None` where the number overflows.
    pub fn next_patch(&self) -> Option<Self> {
        let patch = if self.prerelease.is_empty() { self.patch.checked_add(1)? } else { self.patch };
        Some(self.with_numbers(self.major, self.minor, patch))
    }

    /// The next minor release. `None` where the number overflows.
    pub fn next_minor(&self) -> Option<Self> {
        Some(self.with_numbers(self.major, self.minor.checked_add(1)?, 0))
    }

    /// The next major release. `None` where the number overflows.
    pub fn next_major(&self) -> Option<Self> {
        Some(self.with_numbers(self.major.checked_add(1)?, 0, 0))
    }

    fn with_numbers(&self, major: u64, minor: u64, patch: u64) -> Self {
        let mut next = Self::new(major, minor, patch);
        if self.original.starts_with('v') {
            next.original.insert(0, 'v');
        }
        next
    }
}

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let body = text.strip_prefix('v').unwrap_or(text);
        let core_end = body.find(|character: char| !(character.is_ascii_digit() || character == '.'));
        let (core, mut rest) = body.split_at(core_end.unwrap_or(body.len()));
        let mut numbers = [0; 3];
        for (index, number) in core.split('.').enumerate() {
            if index > 2 || number.is_empty() {
                return Err(InvalidVersion::Form);
            }
            numbers[index] = number.parse().map_err(|_| InvalidVersion::Range(number.to_owned()))?;
        }
        let mut prerelease = "";
        if let Some(after) = rest.strip_prefix('-') {
            (prerelease, rest) = after.split_at(after.find('+').unwrap_or(after.len()));
            check_identifiers(prerelease)?;
        }
        let mut metadata = "";
        if let Some(after) = rest.strip_prefix('+') {
            (metadata, rest) = (after, "");
            check_identifiers(metadata)?;
        }
        if !rest.is_empty() {
            return Err(InvalidVersion::Form);
        }
        let zero =
            |part: &str| part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit());
        if prerelease.split('.').any(zero) {
            return Err(InvalidVersion::LeadingZero);
        }
        Ok(Self {
            major: numbers[0],
            minor: numbers[1],
            patch: numbers[2],
            prerelease: prerelease.to_owned(),
            metadata: metadata.to_owned(),
            original: text.to_owned(),
        })
    }
}

/// Dot-separated, none empty, of letters, digits and hyphens.
fn check_identifiers(text: &str) -> Result<(), InvalidVersion> {
    let valid = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if text.split('.').all(valid) { Ok(()) } else { Err(InvalidVersion::Form) }
}

impl fmt::Display for Version {
    /// The canonical form: three numbers, no `v`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(formatter, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(formatter, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let numbers = (self.major, self.minor, self.patch).cmp(&(other.major, other.minor, other.patch));
        numbers.then_with(|| match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => compare_prereleases(&self.prerelease, &other.prerelease),
        })
    }
}

pub(super) fn compare_prereleases(left: &str, right: &str) -> Ordering {
    let mut left = left.split('.');
    let mut right = right.split('.');
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(left), Some(right)) => match (left.parse::<u64>(), right.parse::<u64>()) {
                (Ok(left), Ok(right)) => left.cmp(&right),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => left.cmp(right),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_loosely() {
        for (text, canonical) in [
            ("1", "1.0.0"),
            ("v1.2", "1.2.0"),
            ("1.02.3", "1.2.3"),
            ("1.2.3-rc.1+b.2", "1.2.3-rc.1+b.2"),
            ("1-beta", "1.0.0-beta"),
            ("v1.33.4-gke.1245000", "1.33.4-gke.1245000"),
        ] {
            assert_eq!(text.parse::<Version>().unwrap().to_string(), canonical);
        }
        for text in ["", "v", "a", "1.2.3.4", "1.", "1.2.3-", "1.2.3-a..b", "1.2.3+", "V1", " 1", "1.2.3_4"] {
            assert_eq!(text.parse::<Version>().unwrap_err(), InvalidVersion::Form, "{text}");
        }
        assert_eq!("1.2.3-01".parse::<Version>().unwrap_err(), InvalidVersion::LeadingZero);
        assert!(matches!("99999999999999999999".parse::<Version>(), Err(InvalidVersion::Range(_))));
        assert!(Version::parse_strict("1.2").is_err());
        assert!(Version::parse_strict("1.2.03").is_err());
        assert!(Version::parse_strict("1.2.3-a").is_ok());
    }

    #[test]
    fn order_follows_the_specification() {
        let sorted =
            ["1.0.0-2", "1.0.0-11", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0", "1.0.1", "1.10.0"];
        let versions: Vec<Version> = sorted.iter().map(|text| text.parse().unwrap()).collect();
        assert!(versions.is_sorted());
        assert_eq!("1.0.0+a".parse::<Version>().unwrap(), "v1+b".parse::<Version>().unwrap());
    }
}
