//! Keys that encrypt what AWS stores for us.

use serde::{Deserialize, Serialize};

use crate::model::{
    Attribute, Changes, Document, Kind, OutputsOf, Recovery, Resource, Tags, Timing, Visitor,
};

/// A symmetric encryption key with its alias.
///
/// A deleted key stays for its waiting period, pending; it counts as gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// The alias without its prefix `alias/`, unique in account and region; `None` for none.
    pub alias: Option<String>,
    /// What it is for; empty for nothing.
    pub description: String,
    /// Who may use it; `None` leaves it to the service, which gives the account full control.
    pub policy: Option<Document>,
    /// Whether it can be used.
    pub enabled: bool,
    /// Whether the service makes new key material every year.
    pub rotation: bool,
    /// How many days it stays after its deletion was asked for (7 to 30). Only `delete` reads it.
    pub deletion_window: u8,
    /// Its tags.
    pub tags: Tags,
}

/// What is known of a key once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyOutputs {
    /// The ARN.
    pub arn: String,
}

impl OutputsOf for KeyOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        (attribute == Attribute::Arn).then_some(self.arn.as_str())
    }
}

impl Resource for Key {
    const KIND: Kind = Kind::Key;
    /// CreateKey takes no client token; tags are set at birth.
    const RECOVERY: Recovery = Recovery::Tag;
    const TIMING: Timing = Timing::seconds(5, 3, 2);
    type Outputs = KeyOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { alias: _, description: _, policy, enabled: _, rotation: _, deletion_window: _, tags: _ } =
            self;
        if let Some(policy) = policy {
            visitor.document(policy);
        }
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { alias, description, policy, enabled, rotation, deletion_window: _, tags } = self;
        changes.update("alias", alias, &live.alias);
        changes.update("description", description, &live.description);
        if policy.is_some() {
            changes.json_option("policy", policy, &live.policy);
        }
        changes.update("enabled", enabled, &live.enabled);
        changes.update("rotation", rotation, &live.rotation);
        changes.tags(tags, &live.tags);
    }

    fn dispose_as(&mut self, wanted: &Self) {
        self.deletion_window = wanted.deletion_window;
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
