//! Tags of hosted zones. Health checks, which could have tags too, are not modelled.

use serde_json::{Value, json};

use super::zone;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, TagStyle};

/// How Route 53 spells tags.
const STYLE: TagStyle =
    TagStyle { key: "Key", value: "Value", invalid: "InvalidInput", too_many: "InvalidInput" };

fn only_zones(input: &Input) -> Result<(), Failure> {
    match input.str("ResourceType") {
        "hostedzone" => Ok(()),
        other => Err(Failure::unmodelled(format!("tags of the type {other}"))),
    }
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeTagsForResource.html>
pub(super) fn change_tags_for_resource(call: &mut Call<'_>, input: &Input) -> Outcome {
    only_zones(input)?;
    let (id, mut zone) = zone::find(call, input.str("ResourceId"))?;
    let removed = input.texts("RemoveTagKeys");
    zone.tags.retain(|key, _| !removed.contains(key));
    STYLE.merge(&mut zone.tags, STYLE.read(input.list("AddTags"))?)?;
    call.account_state_mut().route53.zones.insert(&id, zone);
    Ok(Answer::empty())
}

fn set(call: &Call<'_>, asked: &str) -> Result<Value, Failure> {
    let (id, zone) = zone::find(call, asked)?;
    Ok(json!({ "ResourceType": "hostedzone", "ResourceId": id, "Tags": STYLE.write(&zone.tags) }))
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListTagsForResource.html>
pub(super) fn list_tags_for_resource(call: &mut Call<'_>, input: &Input) -> Outcome {
    only_zones(input)?;
    Ok(json!({ "ResourceTagSet": set(call, input.str("ResourceId"))? }).into())
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListTagsForResources.html>
pub(super) fn list_tags_for_resources(call: &mut Call<'_>, input: &Input) -> Outcome {
    only_zones(input)?;
    let sets: Vec<Value> =
        input.texts("ResourceIds").iter().map(|id| set(call, id)).collect::<Result<_, _>>()?;
    Ok(json!({ "ResourceTagSets": sets }).into())
}
