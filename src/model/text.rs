//! Text that may hold other resources' outputs, by reference.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Address, Attribute};

/// Text with placeholders `@{kind.name#attribute}`, each standing for an output of another resource.
///
/// Plans show an unresolved placeholder as `(known after kind.name)`; nothing with one left is sent to AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(String);

/// One placeholder of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// Whose output.
    pub address: Address,
    /// Which output.
    pub attribute: Attribute,
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{{{}#{}}}", self.address, self.attribute.as_str())
    }
}

impl Placeholder {
    /// An output of a resource, to be put into a text.
    pub fn new(address: Address, attribute: Attribute) -> Self {
        Self { address, attribute }
    }

    fn parse(inner: &str) -> Option<Self> {
        let (address, attribute) = inner.rsplit_once('#')?;
        Some(Self { address: address.parse().ok()?, attribute: Attribute::parse(attribute)? })
    }
}

impl Text {
    /// Takes text; what looks like a placeholder is one.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, placeholders as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The placeholders, in order.
    pub fn placeholders(&self) -> Vec<Placeholder> {
        placeholders(&self.0)
    }

    /// True when nothing is left to resolve.
    pub fn is_resolved(&self) -> bool {
        self.placeholders().is_empty()
    }

    /// Puts in every output that `lookup` knows; the rest stay as placeholders.
    pub fn resolve(&mut self, lookup: &dyn Fn(&Placeholder) -> Option<String>) {
        if let Some(text) = resolve(&self.0, lookup) {
            self.0 = text;
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}
impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}
impl From<Placeholder> for Text {
    fn from(placeholder: Placeholder) -> Self {
        Self(placeholder.to_string())
    }
}
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The placeholders of a string, in order.
pub(super) fn placeholders(text: &str) -> Vec<Placeholder> {
    pieces(text).filter_map(|(_, placeholder)| placeholder).collect()
}

/// The string with known placeholders replaced; `None` when there was nothing to replace.
pub(super) fn resolve(text: &str, lookup: &dyn Fn(&Placeholder) -> Option<String>) -> Option<String> {
    if !text.contains("@{") {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for (literal, placeholder) in pieces(text) {
        out.push_str(literal);
        if let Some(placeholder) = placeholder {
            match lookup(&placeholder) {
                Some(value) => out.push_str(&value),
                None => out.push_str(&placeholder.to_string()),
            }
        }
    }
    Some(out)
}

/// Splits into literal text and the placeholder that follows it, if one does.
fn pieces(text: &str) -> impl Iterator<Item = (&str, Option<Placeholder>)> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let here = rest?;
        let mut from = 0;
        while let Some(start) = here[from..].find("@{").map(|at| at + from) {
            let Some(end) = here[start..].find('}').map(|at| at + start) else { break };
            if let Some(placeholder) = Placeholder::parse(&here[start + 2..end]) {
                rest = Some(&here[end + 1..]);
                return Some((&here[..start], Some(placeholder)));
            }
            from = start + 2;
        }
        rest = None;
        Some((here, None))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_and_resolved_and_all_else_is_left() {
        let mut text = Text::new("a@{role.node#arn}:b@{x}${aws:username}@{vpc.main#id}");
        let found: Vec<String> = text.placeholders().iter().map(ToString::to_string).collect();
        assert_eq!(found, ["@{role.node#arn}", "@{vpc.main#id}"]);
        text.resolve(&|p| (p.address.to_string() == "role.node").then(|| "ARN".to_owned()));
        assert_eq!(text.as_str(), "aARN:b@{x}${aws:username}@{vpc.main#id}");
        assert!(!text.is_resolved());
    }
}
