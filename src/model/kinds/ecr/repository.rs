//! Where a service's images are kept.

use serde::{Deserialize, Serialize};

use crate::model::kinds::kms::Key;
use crate::model::{
    Attribute, Changes, Document, Effect, Kind, OutputsOf, Recovery, Ref, Resource, Shown, Tags, Timing,
    Visitor,
};

/// An image repository with its lifecycle and access policies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Repository {
    /// Its name, unique in account and region (`dev/backend-app`); also its id.
    pub name: String,
    /// Whether images are scanned for known vulnerabilities when they are pushed.
    pub scan_on_push: bool,
    /// Whether a tag, once pushed, stays with its image.
    pub immutable_tags: bool,
    /// How images are encrypted; set at birth.
    pub encryption: ImageEncryption,
    /// Which images go, and when; `None` keeps all.
    pub lifecycle: Option<Document>,
    /// Who else may use it; `None` for nobody.
    pub policy: Option<Document>,
    /// Whether deleting it deletes the images in it. Only `delete` reads it.
    pub force_delete: bool,
    /// Its tags.
    pub tags: Tags,
}

/// How images are encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageEncryption {
    /// By keys of the service (AES-256).
    Service,
    /// By a key of KMS; `None` is the account's own key for ECR.
    Kms(Option<Ref<Key>>),
}

impl ImageEncryption {
    /// True when `live` is what this asks for: the account's own key has an ARN when it is read back.
    fn is_met_by(&self, live: &Self) -> bool {
        matches!((self, live), (Self::Kms(None), Self::Kms(_))) || self == live
    }
}

/// What is known of a repository once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryOutputs {
    /// The ARN.
    pub arn: String,
    /// The registry's host.
    pub host: String,
    /// Host and name: what an image reference starts with.
    pub url: String,
}

impl OutputsOf for RepositoryOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        match attribute {
            Attribute::Arn => Some(&self.arn),
            Attribute::Host => Some(&self.host),
            Attribute::Url => Some(&self.url),
            _ => None,
        }
    }
}

impl Resource for Repository {
    const KIND: Kind = Kind::Repository;
    /// CreateRepository takes no client token; the name is unique, tags are set at birth.
    const RECOVERY: Recovery = Recovery::Name;
    const TIMING: Timing = Timing::seconds(2, 2, 2);
    type Outputs = RepositoryOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self {
            name: _,
            scan_on_push: _,
            immutable_tags: _,
            encryption,
            lifecycle,
            policy,
            force_delete: _,
            tags: _,
        } = self;
        if let ImageEncryption::Kms(key) = encryption {
            visitor.references(key);
        }
        for document in [lifecycle, policy].into_iter().flatten() {
            visitor.document(document);
        }
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { name, scan_on_push, immutable_tags, encryption, lifecycle, policy, force_delete: _, tags } =
            self;
        changes.replace("name", name, &live.name);
        changes.update("scan_on_push", scan_on_push, &live.scan_on_push);
        changes.update("immutable_tags", immutable_tags, &live.immutable_tags);
        if !encryption.is_met_by(&live.encryption) {
            let [before, after] = [Shown::of(&live.encryption), Shown::of(encryption)];
            changes.push("encryption", before, after, Effect::Replace);
        }
        changes.json_option("lifecycle", lifecycle, &live.lifecycle);
        changes.json_option("policy", policy, &live.policy);
        changes.tags(tags, &live.tags);
    }

    fn dispose_as(&mut self, wanted: &Self) {
        self.force_delete = wanted.force_delete;
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
