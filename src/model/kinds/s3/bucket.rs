//! Where files are kept: logs, mostly.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::kinds::kms::Key;
use crate::model::{
    Attribute, Changes, Document, Kind, OutputsOf, Recovery, Ref, Resource, Tags, Timing, Visitor,
};

/// A bucket in the provider's region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its name, unique in the world; also its id.
    pub name: String,
    /// Whether what is overwritten or deleted is kept as an old version. Once on it can only be paused.
    pub versioning: bool,
    /// How what comes in is encrypted.
    pub encryption: BucketEncryption,
    /// Whether nothing in it can be made public: all four settings of the public access block.
    pub public_access_blocked: bool,
    /// When objects go, by the rule's name.
    pub expiry: BTreeMap<String, Expiry>,
    /// Who may do what with it; `None` for nobody but the account's own.
    pub policy: Option<Document>,
    /// Whether deleting it deletes all that is in it. Only `delete` reads it.
    pub empty_on_delete: bool,
    /// Its tags.
    pub tags: Tags,
}

/// How what comes into a bucket is encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BucketEncryption {
    /// By keys of the service (AES-256), the least that S3 does since 2023.
    Service,
    /// By a key of KMS, with a bucket key between that saves calls.
    Kms(Ref<Key>),
    /// Only seen, never wanted: something else, in the service's words.
    Other(String),
}

/// A rule of when objects go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiry {
    /// How the keys of the objects start; empty for all.
    pub prefix: String,
    /// After how many days they go; `None` for never.
    pub days: Option<u32>,
    /// After how many days old versions go; `None` for never.
    pub old_versions_days: Option<u32>,
    /// After how many days what was never fully uploaded goes; `None` for never.
    pub unfinished_days: Option<u32>,
    /// Whether it counts.
    pub enabled: bool,
    /// Only seen, never wanted: whether the rule does more than this can say.
    #[serde(default)]
    pub more: bool,
}

/// What is known of a bucket once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketOutputs {
    /// The ARN.
    pub arn: String,
}

impl OutputsOf for BucketOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        (attribute == Attribute::Arn).then_some(self.arn.as_str())
    }
}

impl Resource for Bucket {
    const KIND: Kind = Kind::Bucket;
    /// The name is unique in the world, starts with the environment's and, when it is there, is looked at as
    /// the account's own; tags come after birth.
    const RECOVERY: Recovery = Recovery::Name;
    const TIMING: Timing = Timing::seconds(4, 3, 5);
    type Outputs = BucketOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self {
            name: _,
            versioning: _,
            encryption,
            public_access_blocked: _,
            expiry: _,
            policy,
            empty_on_delete: _,
            tags: _,
        } = self;
        if let BucketEncryption::Kms(key) = encryption {
            visitor.reference(key);
        }
        if let Some(policy) = policy {
            visitor.document(policy);
        }
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self {
            name,
            versioning,
            encryption,
            public_access_blocked,
            expiry,
            policy,
            empty_on_delete: _,
            tags,
        } = self;
        changes.replace("name", name, &live.name);
        changes.update("versioning", versioning, &live.versioning);
        changes.update("encryption", encryption, &live.encryption);
        changes.update("public_access_blocked", public_access_blocked, &live.public_access_blocked);
        changes.entries("expiry", expiry, &live.expiry);
        changes.json_option("policy", policy, &live.policy);
        changes.tags(tags, &live.tags);
    }

    fn dispose_as(&mut self, wanted: &Self) {
        self.empty_on_delete = wanted.empty_on_delete;
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
