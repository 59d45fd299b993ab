//! Values that nobody should read by chance.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::kinds::kms::Key;
use crate::model::{
    Attribute, Changes, Effect, Kind, OutputsOf, Recovery, Ref, Resource, Shown, Tags, Timing, Visitor,
};

/// A secret. Its value is made by the service's own generator, or put there by somebody else; it is never
/// read, kept or shown here. Its id is its ARN.
///
/// A deleted secret keeps its name for its recovery window: a new one of that name restores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// Its name, unique in account and region.
    pub name: String,
    /// What it is for; empty for nothing.
    pub description: String,
    /// The key it is encrypted with; `None` is the account's own for Secrets Manager.
    pub key: Option<Ref<Key>>,
    /// How its value is made, once; another rule makes another value. `None` leaves the value to others.
    pub generated: Option<Generated>,
    /// How many days a deleted one can be restored (7 to 30), or 0 for not at all. Only `delete` reads it.
    pub recovery_window: u8,
    /// Its tags.
    pub tags: Tags,
}

/// How a secret's value is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// How many characters.
    pub length: u16,
    /// Of which.
    pub characters: Characters,
}

/// Which characters a generated value is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Characters {
    /// Letters and digits: fit for every URL, shell and configuration file.
    #[default]
    Alphanumeric,
    /// Letters, digits and punctuation.
    Printable,
}

impl Characters {
    fn word(self) -> &'static str {
        match self {
            Self::Alphanumeric => "alphanumeric",
            Self::Printable => "printable",
        }
    }
}

impl fmt::Display for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.characters.word(), self.length)
    }
}

impl Generated {
    /// Reads what [`fmt::Display`] wrote: the rule stands in a tag of the secret, beside its value.
    pub fn parse(text: &str) -> Option<Self> {
        let (word, length) = text.split_once('/')?;
        let characters =
            [Characters::Alphanumeric, Characters::Printable].into_iter().find(|c| c.word() == word)?;
        Some(Self { length: length.parse().ok()?, characters })
    }
}

/// What is known of a secret once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretOutputs {
    /// The ARN.
    pub arn: String,
    /// The name.
    pub name: String,
}

impl OutputsOf for SecretOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        match attribute {
            Attribute::Arn => Some(&self.arn),
            Attribute::Name => Some(&self.name),
            _ => None,
        }
    }
}

impl Resource for Secret {
    const KIND: Kind = Kind::Secret;
    /// The name is unique, tags are set at birth; the value is put in after birth.
    const RECOVERY: Recovery = Recovery::Name;
    const TIMING: Timing = Timing::seconds(3, 2, 2);
    type Outputs = SecretOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { name: _, description: _, key, generated: _, recovery_window: _, tags: _ } = self;
        visitor.references(key);
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { name, description, key, generated, recovery_window: _, tags } = self;
        changes.replace("name", name, &live.name);
        changes.update("description", description, &live.description);
        changes.update("key", key, &live.key);
        if generated.is_some() && generated != &live.generated {
            let [before, after] = [Shown::of(&live.generated), Shown::of(generated)];
            changes.push("generated", before, after, Effect::InPlace);
        }
        changes.tags(tags, &live.tags);
    }

    fn dispose_as(&mut self, wanted: &Self) {
        self.recovery_window = wanted.recovery_window;
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_reads_back() {
        for characters in [Characters::Alphanumeric, Characters::Printable] {
            let rule = Generated { length: 32, characters };
            assert_eq!(Generated::parse(&rule.to_string()), Some(rule));
        }
        for bad in ["", "alphanumeric", "alphanumeric/x", "letters/3"] {
            assert_eq!(Generated::parse(bad), None);
        }
    }
}
