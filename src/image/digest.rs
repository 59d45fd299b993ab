//! Content digests.

use std::fmt;
use std::io::{self, Read};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What content is known by: `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

impl Digest {
    /// The digest of some content.
    pub fn of(content: &[u8]) -> Self {
        Self::written(&Sha256::digest(content))
    }

    /// The digest of all that a reader gives, without keeping it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of_reader(mut reader: impl Read) -> io::Result<Self> {
        let (mut state, mut part) = (Sha256::new(), [0; 1 << 15]);
        loop {
            match reader.read(&mut part) {
                Ok(0) => return Ok(Self::written(&state.finalize())),
                Ok(read) => state.update(&part[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn written(digest: &[u8]) -> Self {
        use fmt::Write as _;
        let mut text = String::with_capacity(71);
        text.push_str("sha256:");
        for byte in digest {
            let _infallible = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// Reads one; `None` when the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("sha256:")?;
        let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (hex.len() == 64 && hex.bytes().all(lower)).then(|| Self(text.to_owned()))
    }

    /// With its algorithm.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits alone.
    pub fn hex(&self) -> &str {
        &self.0["sha256:".len()..]
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is no sha256 digest"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_sha256sum_and_nothing_else_is_one() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").as_str(), empty);
        assert_eq!(Digest::parse(empty), Some(Digest::of(b"")));
        let long: Vec<u8> = (0..100_000_u32).map(|at| at as u8).collect();
        assert_eq!(Digest::of_reader(long.as_slice()).unwrap(), Digest::of(&long));
        for wrong in ["", "sha256:", &empty[7..], &empty[..70], &empty.to_uppercase(), &format!("{empty}0")] {
            assert_eq!(Digest::parse(wrong), None, "{wrong}");
        }
    }
}
