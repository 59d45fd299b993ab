//! A managed policy of ours.

use serde::{Deserialize, Serialize};

use crate::model::{
    Attribute, Changes, Document, Kind, OutputsOf, Recovery, Resource, Tags, Timing, Visitor,
};

/// A managed policy: its default version. A change makes a new version and makes that the default; the oldest
/// goes when there is no room for it (a policy has five versions at most).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Its name, unique in the account.
    pub name: String,
    /// Its path (`/`).
    pub path: String,
    /// What it is for; empty for nothing. IAM never changes it.
    pub description: String,
    /// What it allows.
    pub document: Document,
    /// Its tags.
    pub tags: Tags,
}

/// What is known of a policy once it stands. Its id is its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyOutputs {
    /// The ARN.
    pub arn: String,
    /// The version in force (`v3`).
    pub version: String,
}

impl OutputsOf for PolicyOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        match attribute {
            Attribute::Arn => Some(&self.arn),
            Attribute::Version => Some(&self.version),
            _ => None,
        }
    }
}

impl Resource for Policy {
    const KIND: Kind = Kind::Policy;
    /// CreatePolicy takes no client token; the name is unique in the account, tags are set at birth.
    const RECOVERY: Recovery = Recovery::Name;
    const TIMING: Timing = Timing::seconds(2, 2, 2);
    type Outputs = PolicyOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { name: _, path: _, description: _, document, tags: _ } = self;
        visitor.document(document);
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { name, path, description, document, tags } = self;
        changes.replace("name", name, &live.name);
        changes.replace("path", path, &live.path);
        changes.replace("description", description, &live.description);
        changes.json("document", document, &live.document);
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
