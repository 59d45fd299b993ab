//! What an instance looks like at its start.

use serde::{Deserialize, Serialize};

use super::SecurityGroup;
use crate::model::{
    Attribute, Changes, Kind, OutputsOf, Recovery, Ref, Resource, Tags, Text, Timing, Visitor,
};

/// A launch template: its default version. A change makes a new version and makes that the default; older
/// versions stay, for what still uses them.
///
/// Instance types and the image are left to the node group that uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchTemplate {
    /// Its name, unique in the account and region.
    pub name: String,
    /// The root volume; `None` leaves it to the image.
    pub disk: Option<Disk>,
    /// Who may reach the instances; empty leaves it to the node group, which takes the cluster's own group.
    pub security_groups: Vec<Ref<SecurityGroup>>,
    /// How the instance answers its own questions about itself.
    pub metadata: MetadataOptions,
    /// Whether measurements come every minute (they cost) instead of every five.
    pub detailed_monitoring: bool,
    /// What the instance runs at its start, plain (it is encoded on the way); empty for nothing.
    pub user_data: String,
    /// The tags that instances, their volumes and network interfaces get.
    pub instance_tags: Tags,
    /// Its own tags.
    pub tags: Tags,
}

/// A root volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// The device name that the image has for its root (`/dev/xvda` for Amazon Linux and Bottlerocket data).
    pub device: String,
    /// Its size in GiB.
    pub size_gib: u32,
    /// Its type (`gp3`).
    pub volume_type: String,
    /// Operations a second; `None` leaves it to the type.
    pub iops: Option<u32>,
    /// MiB a second; `None` leaves it to the type.
    pub throughput: Option<u32>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The key it is encrypted with, by ARN; `None` is the account's own key for volumes.
    pub kms_key: Option<Text>,
}

/// The instance metadata service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataOptions {
    /// Whether only its second version, with session tokens, answers (CIS: yes).
    pub tokens_required: bool,
    /// How many network hops an answer may take: 1 keeps pods without host networking away from it.
    pub hop_limit: u8,
}

impl Default for MetadataOptions {
    fn default() -> Self {
        Self { tokens_required: true, hop_limit: 1 }
    }
}

/// What is known of a launch template once it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchTemplateOutputs {
    /// Its name.
    pub name: String,
    /// The number of its default version, which the spec describes.
    pub version: String,
}

impl OutputsOf for LaunchTemplateOutputs {
    fn attribute(&self, attribute: Attribute) -> Option<&str> {
        match attribute {
            Attribute::Name => Some(&self.name),
            Attribute::Version => Some(&self.version),
            _ => None,
        }
    }
}

impl Resource for LaunchTemplate {
    const KIND: Kind = Kind::LaunchTemplate;
    /// CreateLaunchTemplate takes a client token.
    const RECOVERY: Recovery = Recovery::Token;
    const TIMING: Timing = Timing::seconds(2, 2, 1);
    type Outputs = LaunchTemplateOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self {
            name: _,
            disk,
            security_groups,
            metadata: _,
            detailed_monitoring: _,
            user_data: _,
            instance_tags: _,
            tags: _,
        } = self;
        if let Some(key) = disk.as_mut().and_then(|disk| disk.kms_key.as_mut()) {
            visitor.text(key);
        }
        visitor.references(security_groups);
    }

    fn sort_sets(&mut self) {
        self.security_groups.sort();
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self {
            name,
            disk,
            security_groups,
            metadata,
            detailed_monitoring,
            user_data,
            instance_tags,
            tags,
        } = self;
        let MetadataOptions { tokens_required, hop_limit } = metadata;
        changes.replace("name", name, &live.name);
        match (disk, &live.disk) {
            (Some(disk), Some(live)) => disk.changes(live, changes),
            (disk, live) => changes.update("disk", disk, live),
        }
        changes.update_set("security_groups", security_groups, &live.security_groups);
        changes.update("metadata.tokens_required", tokens_required, &live.metadata.tokens_required);
        changes.update("metadata.hop_limit", hop_limit, &live.metadata.hop_limit);
        changes.update("detailed_monitoring", detailed_monitoring, &live.detailed_monitoring);
        changes.update("user_data", user_data, &live.user_data);
        changes.entries("instance_tags", instance_tags, &live.instance_tags);
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}

impl Disk {
    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { device, size_gib, volume_type, iops, throughput, encrypted, kms_key } = self;
        changes.update("disk.device", device, &live.device);
        changes.update("disk.size_gib", size_gib, &live.size_gib);
        changes.update("disk.volume_type", volume_type, &live.volume_type);
        changes.update("disk.iops", iops, &live.iops);
        changes.update("disk.throughput", throughput, &live.throughput);
        changes.update("disk.encrypted", encrypted, &live.encrypted);
        changes.update("disk.kms_key", kms_key, &live.kms_key);
    }
}
