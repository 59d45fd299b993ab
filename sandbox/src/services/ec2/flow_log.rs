//! Flow logs. What they would write is not modelled.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Describe, no_more};
use super::kind::Kind;
use super::tag;
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filterable};

/// The format of version 2, the default.
const DEFAULT_FORMAT: &str = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} \
                              ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

/// A flow log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowLog {
    /// What is watched: a VPC, a subnet or an interface.
    pub resource: String,
    /// `ACCEPT`, `REJECT` or `ALL`.
    pub traffic: String,
    /// `cloud-watch-logs`, `s3` or `kinesis-data-firehose`.
    pub destination_type: String,
    /// The ARN it writes to, if it was made with one.
    pub destination: Option<String>,
    /// The log group.
    pub group: Option<String>,
    /// The role that delivers.
    pub role: Option<String>,
    /// The line format.
    pub format: String,
    /// Seconds of aggregation.
    pub interval: i64,
    /// When it was made.
    pub created: Time,
}

impl Filterable for FlowLog {
    const FILTERS: &'static [&'static str] = &[
        "deliver-log-status",
        "flow-log-id",
        "log-destination-type",
        "log-group-name",
        "resource-id",
        "traffic-type",
    ];

    fn values(&self, filter: &str) -> Vec<String> {
        match filter {
            "deliver-log-status" => vec!["SUCCESS".to_owned()],
            "log-destination-type" => vec![self.destination_type.clone()],
            "log-group-name" => self.group.iter().cloned().collect(),
            "resource-id" => vec![self.resource.clone()],
            "traffic-type" => vec![self.traffic.clone()],
            _ => Vec::new(),
        }
    }
}

fn show(call: &Call<'_>, id: &str, log: &FlowLog) -> Value {
    json!({
        "FlowLogId": id, "ResourceId": log.resource, "TrafficType": log.traffic, "FlowLogStatus": "ACTIVE",
        "DeliverLogsStatus": "SUCCESS", "DeliverLogsPermissionArn": log.role,
        "LogDestinationType": log.destination_type, "LogDestination": log.destination, "LogGroupName": log.group,
        "LogFormat": log.format, "MaxAggregationInterval": log.interval, "CreationTime": log.created.value(),
        "Tags": tag::shown(call, id),
    })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html>
pub(super) fn create_flow_logs(call: &mut Call<'_>, input: &Input) -> Outcome {
    let ids = match call.replayed(input, "ClientToken", "IdempotentParameterMismatch")? {
        Some(ids) => ids.split(',').map(str::to_owned).collect(),
        None => make(call, input)?,
    };
    let token = input.text("ClientToken");
    Ok(json!({ "FlowLogIds": ids, "Unsuccessful": [], "ClientToken": token }).into())
}

fn make(call: &mut Call<'_>, input: &Input) -> Result<Vec<String>, Failure> {
    let kind = match input.str("ResourceType") {
        "VPC" => Kind::Vpc,
        "Subnet" => Kind::Subnet,
        "NetworkInterface" => Kind::NetworkInterface,
        other => return Err(Failure::unmodelled(format!("flow logs of {other}"))),
    };
    let tags = tag::at_birth(input, Kind::FlowLog)?;
    let destination_type = input.text("LogDestinationType").unwrap_or("cloud-watch-logs").to_owned();
    let destination = input.text("LogDestination").map(str::to_owned);
    let named = destination.as_deref().and_then(|arn| arn.split(":log-group:").nth(1));
    let from_arn = named.map(|name| name.trim_end_matches(":*").to_owned());
    let group = input.text("LogGroupName").map(str::to_owned).or(from_arn);
    let role = input.text("DeliverLogsPermissionArn").map(str::to_owned);
    if destination_type == "cloud-watch-logs" && role.is_none() {
        let text = "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.";
        return Err(Failure::new("InvalidParameter", text));
    }
    if destination.is_none() && group.is_none() {
        let text = "Either LogDestination or LogGroupName must be given.";
        return Err(Failure::new("MissingParameter", text));
    }
    let interval = input.integer("MaxAggregationInterval").unwrap_or(600);
    if ![60, 600].contains(&interval) {
        return Err(Failure::new("InvalidParameter", "Invalid Flow Log Max Aggregation Interval"));
    }
    let mut made = Vec::new();
    for resource in input.texts("ResourceIds") {
        if !call.home().ec2.has(kind, &resource) {
            return Err(kind.missing(&resource));
        }
        let log = FlowLog {
            resource,
            traffic: input.text("TrafficType").unwrap_or("ALL").to_owned(),
            destination_type: destination_type.clone(),
            destination: destination.clone(),
            group: group.clone(),
            role: role.clone(),
            format: input.text("LogFormat").unwrap_or(DEFAULT_FORMAT).to_owned(),
            interval,
            created: call.now,
        };
        let same = |other: &FlowLog| {
            let same_goal = other.group == log.group
                && other.destination_type == log.destination_type
                && other.destination == log.destination;
            other.resource == log.resource && same_goal && other.traffic == log.traffic
        };
        if call.home().ec2.flow_logs.values().any(same) {
            let text =
                "Error. There is an existing Flow Log with the same configuration and log destination.";
            return Err(Failure::new("FlowLogAlreadyExists", text));
        }
        let id = call.id("fl");
        call.home_mut().ec2.flow_logs.insert(&id, log);
        tag::attach(call, &id, tags.clone());
        made.push(id);
    }
    call.remember(input, "ClientToken", &made.join(","));
    Ok(made)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeFlowLogs.html>
pub(super) fn describe_flow_logs(call: &mut Call<'_>, input: &Input) -> Outcome {
    let describe = Describe {
        kind: Kind::FlowLog,
        ids: "FlowLogIds",
        filters: "Filter",
        table: |state| &state.flow_logs,
        show,
        more: no_more,
    };
    describe.answer(call, input)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteFlowLogs.html>
pub(super) fn delete_flow_logs(call: &mut Call<'_>, input: &Input) -> Outcome {
    let ids = input.texts("FlowLogIds");
    if let Some(missing) = ids.iter().find(|id| !call.home().ec2.flow_logs.contains(id)) {
        return Err(Kind::FlowLog.missing(missing));
    }
    let state = &mut call.home_mut().ec2;
    for id in &ids {
        state.flow_logs.remove(id);
        state.tags.remove(id);
    }
    Ok(json!({ "Unsuccessful": [] }).into())
}
