//! Records of what went through a VPC.

use serde::{Deserialize, Serialize};

use super::Vpc;
use crate::model::{Changes, Kind, NoOutputs, Recovery, Ref, Resource, Tags, Text, Timing, Visitor};

/// A flow log of a whole VPC. AWS changes nothing of it in place but its tags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLog {
    /// The VPC it records.
    pub vpc: Ref<Vpc>,
    /// Which traffic it records.
    pub traffic: RecordedTraffic,
    /// Where the records go.
    pub destination: FlowLogDestination,
    /// The fields of a record, as AWS writes them (`${version} ${account-id} …`); `None` is AWS's default.
    pub format: Option<String>,
    /// Seconds over which a record adds up: 60 or 600.
    pub aggregation_seconds: u32,
    /// Its tags.
    pub tags: Tags,
}

/// The traffic that a flow log records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordedTraffic {
    /// What was let through.
    Accept,
    /// What was refused.
    Reject,
    /// Both.
    All,
}

/// Where the records of a flow log go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowLogDestination {
    /// To a log group of CloudWatch Logs.
    LogGroup {
        /// The group's name (`@{log_group.flow#name}` or `#id`).
        log_group: Text,
        /// The ARN of the role that writes there (`@{role.flow-log#arn}`).
        role: Text,
    },
    /// To an S3 bucket.
    Bucket {
        /// The bucket's ARN, with a folder behind it where wanted (`arn:aws:s3:::name/folder/`).
        arn: Text,
    },
}

impl FlowLogDestination {
    /// The word for the sort of destination.
    pub fn word(&self) -> &'static str {
        match self {
            Self::LogGroup { .. } => "log group",
            Self::Bucket { .. } => "bucket",
        }
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        match (self, live) {
            (
                Self::LogGroup { log_group, role },
                Self::LogGroup { log_group: live_group, role: live_role },
            ) => {
                changes.replace("destination.log_group", log_group, live_group);
                changes.replace("destination.role", role, live_role);
            }
            (Self::Bucket { arn }, Self::Bucket { arn: live_arn }) => {
                changes.replace("destination.arn", arn, live_arn);
            }
            (want, live) => changes.replace("destination", &want.word(), &live.word()),
        }
    }
}

impl Resource for FlowLog {
    const KIND: Kind = Kind::FlowLog;
    /// CreateFlowLogs takes a client token.
    const RECOVERY: Recovery = Recovery::Token;
    const TIMING: Timing = Timing::seconds(3, 1, 3);
    type Outputs = NoOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { vpc, traffic: _, destination, format: _, aggregation_seconds: _, tags: _ } = self;
        visitor.reference(vpc);
        match destination {
            FlowLogDestination::LogGroup { log_group, role } => {
                visitor.text(log_group);
                visitor.text(role);
            }
            FlowLogDestination::Bucket { arn } => visitor.text(arn),
        }
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { vpc, traffic, destination, format, aggregation_seconds, tags } = self;
        changes.replace("vpc", vpc, &live.vpc);
        changes.replace("traffic", traffic, &live.traffic);
        destination.changes(&live.destination, changes);
        changes.replace_if_set("format", format, &live.format);
        changes.replace("aggregation_seconds", aggregation_seconds, &live.aggregation_seconds);
        changes.tags(tags, &live.tags);
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn tags_mut(&mut self) -> Option<&mut Tags> {
        Some(&mut self.tags)
    }
}
