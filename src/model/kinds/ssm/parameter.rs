//! Settings that programs look up by name.

use serde::{Deserialize, Serialize};

use crate::model::kinds::kms::Key;
use crate::model::kinds::secretsmanager::Secret;
use crate::model::{
    Attribute, Changes, Effect, Kind, OutputsOf, Recovery, Ref, Resource, Shown, Tags, Text, Timing, Visitor,
};

/// A parameter of Parameter Store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name (`/dev/backend/url`), unique in account and region; also its id.
    pub name: String,
    /// What it is for; empty for nothing.
    pub description: String,
    /// Its value.
    pub value: ParameterValue,
    /// How large values may be, and what it costs; it only rises in place.
    pub tier: ParameterTier,
    /// Its tags.
    pub tags: Tags,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterValue {
    /// Text.
    Text(Text),
    /// A list of texts, none of which holds a comma.
    List(Vec<Text>),
    /// Encrypted: the present value of a secret, copied without being kept or shown, and copied again when the
    /// secret has another.
    Secret {
        /// Whose value.
        secret: Ref<Secret>,
        /// The key it is encrypted with; `None` is the account's own for Systems Manager.
        key: Option<Ref<Key>>,
    },
    /// Only seen, never wanted: encrypted, and not (or no longer) the copy of a secret's present value.
    Foreign,
}

impl ParameterValue {
    fn sort(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::List(_) => "list",
            Self::Secret { .. } | Self::Foreign => "encrypted",
        }
    }
}

/// The tier of a parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterTier {
    /// Up to 4 KiB, free.
    #[default]
    Standard,
    /// Up to 8 KiB, for a price.
    Advanced,
}

/// What is known of a parameter once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterOutputs {
    /// The ARN.
    pub arn: String,
    /// Its version, as the service counts it.
    pub version: String,
}

impl OutputsOf for ParameterOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        match attribute {
            Attribute::Arn => Some(&self.arn),
            Attribute::Version => Some(&self.version),
            _ => None,
        }
    }
}

impl Resource for Parameter {
    const KIND: Kind = Kind::Parameter;
    /// PutParameter without `Overwrite` is refused a second time; the name is unique, tags are set at birth.
    const RECOVERY: Recovery = Recovery::Name;
    const TIMING: Timing = Timing::seconds(2, 2, 2);
    type Outputs = ParameterOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { name: _, description: _, value, tier: _, tags: _ } = self;
        match value {
            ParameterValue::Text(text) => visitor.text(text),
            ParameterValue::List(texts) => texts.iter_mut().for_each(|text| visitor.text(text)),
            ParameterValue::Secret { secret, key } => {
                visitor.reference(secret);
                visitor.references(key);
            }
            ParameterValue::Foreign => {}
        }
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { name, description, value, tier, tags } = self;
        changes.replace("name", name, &live.name);
        changes.update("description", description, &live.description);
        if value.sort() == live.value.sort() {
            changes.update("value", value, &live.value);
        } else {
            // The type of a parameter is set at birth (PutParameter).
            changes.push("value", Shown::of(&live.value), Shown::of(value), Effect::Replace);
        }
        if tier != &live.tier {
            let effect = if tier > &live.tier { Effect::InPlace } else { Effect::Replace };
            changes.push("tier", Shown::of(&live.tier), Shown::of(tier), effect);
        }
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
