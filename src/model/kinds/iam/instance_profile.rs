//! A role in the form that an instance can carry.

use serde::{Deserialize, Serialize};

use super::Role;
use crate::model::{Attribute, Changes, Kind, OutputsOf, Recovery, Ref, Resource, Tags, Timing, Visitor};

/// An instance profile and the role in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// Its name, unique in the account; also its id.
    pub name: String,
    /// Its path (`/`).
    pub path: String,
    /// The role; `None` is seen only of one whose role was taken out.
    pub role: Option<Ref<Role>>,
    /// Its tags.
    pub tags: Tags,
}

/// What is known of an instance profile once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfileOutputs {
    /// The ARN.
    pub arn: String,
}

impl OutputsOf for InstanceProfileOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        (attribute == Attribute::Arn).then_some(self.arn.as_str())
    }
}

impl Resource for InstanceProfile {
    const KIND: Kind = Kind::InstanceProfile;
    /// CreateInstanceProfile takes no client token; the name is unique in the account, tags are set at birth.
    const RECOVERY: Recovery = Recovery::Name;
    const TIMING: Timing = Timing::seconds(3, 3, 2);
    type Outputs = InstanceProfileOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { name: _, path: _, role, tags: _ } = self;
        visitor.references(role);
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { name, path, role, tags } = self;
        changes.replace("name", name, &live.name);
        changes.replace("path", path, &live.path);
        changes.update("role", role, &live.role);
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
