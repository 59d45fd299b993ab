//! Who may do what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Policy;
use crate::model::{
    Attribute, Changes, Document, Kind, OutputsOf, Recovery, Ref, Resource, Tags, Timing, Visitor,
};

/// A role with everything that says what it may do: attached and inline policies are sets inside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Its name, unique in the account; also its id.
    pub name: String,
    /// Its path (`/`).
    pub path: String,
    /// What it is for; empty for nothing.
    pub description: String,
    /// Who may assume it.
    pub trust: Document,
    /// Attached managed policies: ours by reference, AWS's own by ARN.
    pub policies: Vec<Ref<Policy>>,
    /// Policies written into the role, by name.
    pub inline: BTreeMap<String, Document>,
    /// The longest session, in seconds (3600 to 43200).
    pub max_session: u32,
    /// The policy that limits what any other policy may give it.
    pub boundary: Option<Ref<Policy>>,
    /// Its tags.
    pub tags: Tags,
}

/// What is known of a role once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleOutputs {
    /// The ARN.
    pub arn: String,
}

impl OutputsOf for RoleOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        (attribute == Attribute::Arn).then_some(self.arn.as_str())
    }
}

impl Role {
    /// The longest session of a role that says nothing else, in seconds (CreateRole).
    pub const DEFAULT_SESSION: u32 = 3600;

    /// A role at the root path with a trust policy and nothing else.
    pub fn new(name: impl Into<String>, trust: Document, tags: Tags) -> Self {
        Self {
            name: name.into(),
            path: "/".to_owned(),
            description: String::new(),
            trust,
            policies: Vec::new(),
            inline: BTreeMap::new(),
            max_session: Self::DEFAULT_SESSION,
            boundary: None,
            tags,
        }
    }
}

impl Resource for Role {
    const KIND: Kind = Kind::Role;
    /// CreateRole takes no client token; the name is unique in the account, tags are set at birth.
    const RECOVERY: Recovery = Recovery::Name;
    /// A new role can be assumed some seconds later only.
    const TIMING: Timing = Timing::seconds(8, 2, 2);
    type Outputs = RoleOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self {
            name: _,
            path: _,
            description: _,
            trust,
            policies,
            inline,
            max_session: _,
            boundary,
            tags: _,
        } = self;
        visitor.document(trust);
        visitor.references(policies);
        inline.values_mut().for_each(|document| visitor.document(document));
        visitor.references(boundary);
    }

    fn sort_sets(&mut self) {
        self.policies.sort();
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { name, path, description, trust, policies, inline, max_session, boundary, tags } = self;
        changes.replace("name", name, &live.name);
        changes.replace("path", path, &live.path);
        changes.update("description", description, &live.description);
        changes.json("trust", trust, &live.trust);
        changes.update_set("policies", policies, &live.policies);
        changes.documents("inline", inline, &live.inline);
        changes.update("max_session", max_session, &live.max_session);
        changes.update("boundary", boundary, &live.boundary);
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
