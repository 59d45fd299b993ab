//! Log groups.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::tag;
use crate::clock::Time;
use crate::services::Outcome;
use crate::services::kms::usable_key;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules, Tags};

/// Fifty entries a page, and never more.
pub(super) const PAGES: PageRules =
    PageRules { default: Some(50), min: 1, max: 50, strict: None, bad_token: "InvalidParameterException" };

/// Days of retention that exist.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
const RETENTION: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// A log group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// When it was made.
    pub created: Time,
    /// Days that events are kept; for ever when missing.
    pub retention: Option<i64>,
    /// ARN of the key.
    pub key: Option<String>,
    /// `STANDARD`, `INFREQUENT_ACCESS` or `DELIVERY`.
    pub class: String,
    /// Its tags.
    pub tags: Tags,
}

/// The refusal of a group that is not there.
pub(super) fn missing() -> Failure {
    Failure::new("ResourceNotFoundException", "The specified log group does not exist.")
}

/// The group called `name`, to change.
pub(super) fn find_mut<'c>(call: &'c mut Call<'_>, name: &str) -> Result<&'c mut Group, Failure> {
    call.home_mut().logs.groups.get_mut(name).ok_or_else(missing)
}

/// A group's name from a member that holds it, or from one that holds its name or ARN.
pub(super) fn named(call: &Call<'_>, input: &Input) -> Result<String, Failure> {
    let prefix = call.arn("logs", "log-group:");
    let by_arn = |text: &str| {
        let local = text.strip_prefix(&prefix).unwrap_or(text);
        local.strip_suffix(":*").unwrap_or(local).to_owned()
    };
    let other = ["logGroupIdentifier", "resourceIdentifier"].into_iter().find(|member| input.knows(member));
    match (input.text("logGroupName"), other.and_then(|member| input.text(member))) {
        (Some(_), Some(_)) => {
            let text = "LogGroupName and the group's identifier are mutually exclusive.";
            Err(Failure::new("InvalidParameterException", text))
        }
        (Some(name), None) => Ok(name.to_owned()),
        (None, Some(text)) => Ok(by_arn(text)),
        (None, None) => Err(Failure::new("InvalidParameterException", "A log group must be named.")),
    }
}

fn key_arn(call: &Call<'_>, input: &Input) -> Result<Option<String>, Failure> {
    let Some(name) = input.text("kmsKeyId") else { return Ok(None) };
    let refuse = |_| {
        let text = format!("The specified KMS key does not exist or is not allowed to be used with {name}");
        Failure::new("InvalidParameterException", text)
    };
    usable_key(call, name).map(Some).map_err(refuse)
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>
pub(super) fn create_log_group(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("logGroupName").to_owned();
    if name.starts_with("aws/") {
        let text = "Log groups starting with AWS/ are reserved for AWS.";
        return Err(Failure::new("InvalidParameterException", text));
    }
    input.only("deletionProtectionEnabled", "false")?;
    let group = Group {
        created: call.now,
        retention: None,
        key: key_arn(call, input)?,
        class: input.text("logGroupClass").unwrap_or("STANDARD").to_owned(),
        tags: tag::read(input)?,
    };
    if call.home().logs.groups.contains(&name) {
        let text = "The specified log group already exists";
        return Err(Failure::new("ResourceAlreadyExistsException", text));
    }
    call.home_mut().logs.groups.insert(name, group);
    Ok(Answer::empty())
}

fn show(call: &Call<'_>, name: &str, group: &Group) -> Value {
    let arn = call.arn("logs", &format!("log-group:{name}"));
    let bytes: usize = call.home().logs.streams_of(name).map(|(_, stream)| stream.bytes()).sum();
    json!({
        "logGroupName": name, "creationTime": group.created.0, "retentionInDays": group.retention,
        "metricFilterCount": 0, "arn": format!("{arn}:*"), "logGroupArn": arn, "storedBytes": bytes,
        "kmsKeyId": group.key, "logGroupClass": group.class,
    })
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>
pub(super) fn describe_log_groups(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (prefix, pattern) = (input.text("logGroupNamePrefix"), input.text("logGroupNamePattern"));
    if prefix.is_some() && pattern.is_some() {
        let text = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.";
        return Err(Failure::new("InvalidParameterException", text));
    }
    let class = input.text("logGroupClass");
    let identifiers = input.texts("logGroupIdentifiers");
    let arn_prefix = call.arn("logs", "log-group:");
    let named: Vec<&str> =
        identifiers.iter().map(|text| text.strip_prefix(&arn_prefix).unwrap_or(text)).collect();
    input.only("includeLinkedAccounts", "false")?;
    let rows = call.home().logs.groups.iter();
    let rows = rows
        .filter(|(name, group)| {
            prefix.is_none_or(|prefix| name.starts_with(prefix))
                && pattern.is_none_or(|pattern| name.contains(pattern))
                && class.is_none_or(|class| class == group.class)
                && (named.is_empty() || named.contains(name))
                && call.visible(group.created)
        })
        .map(|(name, group)| (name.to_owned(), show(call, name, group)))
        .collect();
    Ok(call.page(input, PAGES, rows)?.into())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>
pub(super) fn delete_log_group(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = input.str("logGroupName");
    let state = &mut call.home_mut().logs;
    state.groups.remove(name).ok_or_else(missing)?;
    let prefix = format!("{name}:");
    state.streams.retain(|key, _| !key.starts_with(&prefix));
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
pub(super) fn put_retention_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    let days = input.integer("retentionInDays").unwrap_or(0);
    if !RETENTION.contains(&days) {
        let text = format!("retentionInDays {days} is not a valid value");
        return Err(Failure::new("InvalidParameterException", text));
    }
    find_mut(call, input.str("logGroupName"))?.retention = Some(days);
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html>
pub(super) fn delete_retention_policy(call: &mut Call<'_>, input: &Input) -> Outcome {
    find_mut(call, input.str("logGroupName"))?.retention = None;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html>
pub(super) fn associate_kms_key(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = named(call, input)?;
    let key = key_arn(call, input)?;
    find_mut(call, &name)?.key = key;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DisassociateKmsKey.html>
pub(super) fn disassociate_kms_key(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = named(call, input)?;
    find_mut(call, &name)?.key = None;
    Ok(Answer::empty())
}
