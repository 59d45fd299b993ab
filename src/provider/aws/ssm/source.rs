//! Where the value of an encrypted parameter was copied from. It stands in a tag, so that neither value has to
//! be read to know whether they still agree.

use std::fmt;

/// The tag with the source.
pub(super) const TAG: &str = "platctl:source";

/// A secret's ARN, the version of it that was copied, and the version of the parameter that the copy became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) secret: String,
    pub(super) secret_version: String,
    pub(super) parameter_version: i64,
}

impl Source {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (rest, parameter_version) = text.rsplit_once('@')?;
        let (secret, secret_version) = rest.rsplit_once('@')?;
        let parameter_version = parameter_version.parse().ok()?;
        Some(Self { secret: secret.to_owned(), secret_version: secret_version.to_owned(), parameter_version })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}@{}", self.secret, self.secret_version, self.parameter_version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_reads_back() {
        // The name of a secret may hold an `@`.
        for secret in ["arn:aws:secretsmanager:r:1:secret:dev/a-AbCdEf", "arn:x:secret:a@b-AbCdEf"] {
            let source = Source {
                secret: secret.into(),
                secret_version: "0f3c5f1a-77f6-4c04-9e0b-3f5a4a4b7f0a".into(),
                parameter_version: 12,
            };
            assert_eq!(Source::parse(&source.to_string()), Some(source));
        }
        for bad in ["", "a@b", "a@b@c"] {
            assert_eq!(Source::parse(bad), None);
        }
    }
}
