//! Kubernetes versions: `major.minor`, one minor up at a time, never down.

use crate::provider::Error;

/// A version of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    major: u32,
    minor: u32,
}

impl Version {
    /// Reads `1.33`.
    ///
    /// # Errors
    /// When it is not of that form.
    pub(super) fn parse(text: &str, operation: &'static str) -> Result<Self, Error> {
        let parts = text.split_once('.').map(|(major, minor)| (major.parse(), minor.parse()));
        match parts {
            Some((Ok(major), Ok(minor))) => Ok(Self { major, minor }),
            _ => {
                let message = format!("`{text}` is not a Kubernetes version such as 1.33");
                Err(Error::local("eks", operation, message))
            }
        }
    }

    /// The next one on the way from here to `goal`.
    ///
    /// # Errors
    /// When `goal` is lower: EKS takes no control plane or node group back to an older version.
    pub(super) fn next(self, goal: Self, operation: &'static str) -> Result<Self, Error> {
        if goal < self {
            let message = format!(
                "it runs {self}, and EKS never goes back to an older version such as {goal}: \
                 set the version to {self} or later"
            );
            return Err(Error::local("eks", operation, message));
        }
        Ok(if goal.major > self.major {
            goal
        } else {
            Self { minor: goal.minor.min(self.minor + 1), ..self }
        })
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(from: &str, to: &str) -> Result<String, Error> {
        let [from, to] = [from, to].map(|text| Version::parse(text, "UpdateClusterVersion").unwrap());
        from.next(to, "UpdateClusterVersion").map(|version| version.to_string())
    }

    #[test]
    fn versions_rise_one_minor_at_a_time_and_never_fall() {
        assert_eq!(next("1.31", "1.33").unwrap(), "1.32");
        assert_eq!(next("1.32", "1.33").unwrap(), "1.33");
        assert_eq!(next("1.9", "1.10").unwrap(), "1.10");
        assert_eq!(next("1.33", "1.33").unwrap(), "1.33");
        let refused = next("1.33", "1.32").unwrap_err();
        assert!(refused.message.contains("runs 1.33"), "{refused}");
        for bad in ["", "1", "one.two", "1.33.1"] {
            assert!(Version::parse(bad, "UpdateClusterVersion").is_err(), "{bad}");
        }
    }
}
