//! Tags of groups.

use serde_json::{Value, json};

use super::describe::{PAGES, filters};
use super::group::missing;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, TagStyle, Tags};

const STYLE: TagStyle =
    TagStyle { key: "Key", value: "Value", invalid: "ValidationError", too_many: "LimitExceeded" };

fn show_one(group: &str, key: &str, value: &str) -> Value {
    json!({
        "ResourceId": group, "ResourceType": "auto-scaling-group", "Key": key, "Value": value,
        "PropagateAtLaunch": true,
    })
}

/// The tags of a group in an answer.
pub(super) fn show(group: &str, tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| show_one(group, key, value)).collect()
}

/// The group, key and value of a tag in a request.
fn read(entry: &Input) -> Result<(String, Tags), Failure> {
    entry.only("ResourceType", "auto-scaling-group")?;
    let tags = Tags::from([(entry.str("Key").to_owned(), entry.str("Value").to_owned())]);
    Ok((entry.need("ResourceId")?.to_owned(), tags))
}

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateOrUpdateTags.html>
pub(super) fn create_or_update_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    for entry in input.list("Tags") {
        entry.only("PropagateAtLaunch", "true")?;
        let (name, tags) = read(entry)?;
        STYLE.check(&tags)?;
        let group = call.home_mut().autoscaling.groups.get_mut(&name).ok_or_else(|| missing(&name))?;
        STYLE.merge(&mut group.tags, tags)?;
    }
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteTags.html>
pub(super) fn delete_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    for entry in input.list("Tags") {
        let _ = entry.flag("PropagateAtLaunch");
        let (name, tags) = read(entry)?;
        let group = call.home_mut().autoscaling.groups.get_mut(&name).ok_or_else(|| missing(&name))?;
        group.tags.retain(|key, _| !tags.contains_key(key));
    }
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeTags.html>
pub(super) fn describe_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let filters = filters(input, &["auto-scaling-group", "key", "value", "propagate-at-launch"])?;
    let mut rows = Vec::new();
    for (name, group) in call.home().autoscaling.groups.iter() {
        for (key, value) in &group.tags {
            let passes = filters.pass_with(None, |filter| {
                let found = match filter {
                    "auto-scaling-group" => name,
                    "key" => key,
                    "value" => value,
                    _ => "true",
                };
                vec![found.to_owned()]
            });
            if passes {
                rows.push((format!("{name}/{key}"), show_one(name, key, value)));
            }
        }
    }
    Ok(call.page(input, PAGES, rows)?.into())
}
