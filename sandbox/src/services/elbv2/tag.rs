//! Tags of load balancers, target groups, listeners and rules.

use serde_json::{Value, json};

use super::state::State;
use super::{listener, target_group};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, TagStyle, Tags};

const STYLE: TagStyle =
    TagStyle { key: "Key", value: "Value", invalid: "ValidationError", too_many: "TooManyTags" };

/// The tags of a request; a repeated key has an error of its own.
pub(super) fn read(input: &Input) -> Result<Tags, Failure> {
    let entries = input.list("Tags");
    let mut keys: Vec<&str> = entries.iter().map(|entry| entry.str("Key")).collect();
    keys.sort_unstable();
    if keys.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Failure::new("DuplicateTagKeys", "Tag keys must be unique."));
    }
    let mut tags = Tags::new();
    STYLE.merge(&mut tags, STYLE.read(entries)?)?;
    Ok(tags)
}

/// Gives tags to something new.
pub(super) fn attach(call: &mut Call<'_>, arn: &str, tags: Tags) {
    if !tags.is_empty() {
        call.home_mut().elbv2.tags.insert(arn, tags);
    }
}

fn require(call: &Call<'_>, arn: &str) -> Result<(), Failure> {
    let state: &State = &call.home().elbv2;
    let local = arn.split(':').nth(5).unwrap_or_default();
    match local.split('/').next().unwrap_or_default() {
        "loadbalancer" if state.balancers.contains(arn) => Ok(()),
        "targetgroup" => target_group::find(call, arn).map(drop),
        "listener" => listener::find(call, arn).map(drop),
        "listener-rule" if state.rules.contains(arn) => Ok(()),
        "listener-rule" => Err(Failure::new("RuleNotFound", format!("One or more rules not found: '{arn}'"))),
        _ => Err(super::balancer::missing(arn)),
    }
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddTags.html>
pub(super) fn add_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let new = read(input)?;
    for arn in input.texts("ResourceArns") {
        require(call, &arn)?;
        let mut tags = call.home().elbv2.tags.get(&arn).cloned().unwrap_or_default();
        STYLE.merge(&mut tags, new.clone())?;
        attach(call, &arn, tags);
    }
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RemoveTags.html>
pub(super) fn remove_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let keys = input.texts("TagKeys");
    for arn in input.texts("ResourceArns") {
        require(call, &arn)?;
        let mut tags = call.home().elbv2.tags.get(&arn).cloned().unwrap_or_default();
        tags.retain(|key, _| !keys.contains(key));
        call.home_mut().elbv2.tags.remove(&arn);
        attach(call, &arn, tags);
    }
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html>
pub(super) fn describe_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arns = input.texts("ResourceArns");
    if arns.len() > 20 {
        return Err(Failure::new("ValidationError", "You can specify up to 20 resources in a single call."));
    }
    let mut shown: Vec<Value> = Vec::new();
    for arn in arns {
        require(call, &arn)?;
        let tags = call.home().elbv2.tags.get(&arn).map_or_else(|| json!([]), |tags| STYLE.write(tags));
        shown.push(json!({ "ResourceArn": arn, "Tags": tags }));
    }
    Ok(json!({ "TagDescriptions": shown }).into())
}
