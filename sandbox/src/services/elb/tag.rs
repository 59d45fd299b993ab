//! Tags of classic load balancers.

use serde_json::{Value, json};

use super::balancer;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, TagStyle, Tags};

const STYLE: TagStyle =
    TagStyle { key: "Key", value: "Value", invalid: "DuplicateTagKeys", too_many: "TooManyTags" };

/// The tags of a request.
pub(super) fn read(input: &Input) -> Result<Tags, Failure> {
    let mut tags = Tags::new();
    STYLE.merge(&mut tags, STYLE.read(input.list("Tags"))?)?;
    Ok(tags)
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_AddTags.html>
pub(super) fn add_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let new = read(input)?;
    for name in input.texts("LoadBalancerNames") {
        STYLE.merge(&mut balancer::find_mut(call, &name)?.tags, new.clone())?;
    }
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_RemoveTags.html>
pub(super) fn remove_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let keys: Vec<String> = input.list("Tags").iter().map(|entry| entry.str("Key").to_owned()).collect();
    for name in input.texts("LoadBalancerNames") {
        balancer::find_mut(call, &name)?.tags.retain(|key, _| !keys.contains(key));
    }
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DescribeTags.html>
pub(super) fn describe_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let names = input.texts("LoadBalancerNames");
    let one = |name: &String| {
        let row = balancer::find(call, name)?;
        Ok(json!({ "LoadBalancerName": name, "Tags": STYLE.write(&row.tags) }))
    };
    let shown: Vec<Value> = names.iter().map(one).collect::<Result<_, Failure>>()?;
    Ok(json!({ "TagDescriptions": shown }).into())
}
