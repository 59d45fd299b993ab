//! Where log lines are kept.

use serde::{Deserialize, Serialize};

use crate::model::kinds::kms::Key;
use crate::model::{Attribute, Changes, Kind, OutputsOf, Recovery, Ref, Resource, Tags, Timing, Visitor};

/// A log group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    /// Its name, unique in account and region; also its id. EKS writes to `/aws/eks/CLUSTER/cluster`.
    pub name: String,
    /// How many days lines are kept (a number of PutRetentionPolicy's list); `None` keeps them for good.
    pub retention: Option<u32>,
    /// The key that lines are encrypted with; `None` is the service's own.
    pub key: Option<Ref<Key>>,
    /// What can be done with it, and what it costs.
    pub class: LogClass,
    /// Its tags.
    pub tags: Tags,
}

/// The class of a log group, set at birth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogClass {
    /// All features.
    #[default]
    Standard,
    /// Half the price, fewer features.
    InfrequentAccess,
    /// Only on the way to somewhere else.
    Delivery,
}

/// What is known of a log group once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroupOutputs {
    /// The ARN, without the `:*` that some calls add to it.
    pub arn: String,
}

impl OutputsOf for LogGroupOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        (attribute == Attribute::Arn).then_some(self.arn.as_str())
    }
}

impl Resource for LogGroup {
    const KIND: Kind = Kind::LogGroup;
    /// CreateLogGroup takes no client token; the name is unique, tags are set at birth.
    const RECOVERY: Recovery = Recovery::Name;
    const TIMING: Timing = Timing::seconds(2, 2, 2);
    type Outputs = LogGroupOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { name: _, retention: _, key, class: _, tags: _ } = self;
        visitor.references(key);
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { name, retention, key, class, tags } = self;
        changes.replace("name", name, &live.name);
        changes.update("retention", retention, &live.retention);
        changes.update("key", key, &live.key);
        changes.replace("class", class, &live.class);
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
