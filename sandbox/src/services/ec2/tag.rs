//! Tags of EC2 resources: at birth, later, and as rows of their own.

use serde_json::{Value, json};

use super::kind::Kind;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filters, PageRules, TagStyle, Tags};

/// How EC2 spells tags.
pub(super) const STYLE: TagStyle =
    TagStyle { key: "Key", value: "Value", invalid: "InvalidParameterValue", too_many: "TagLimitExceeded" };

/// The tags that a create asks for its new resource, in `TagSpecifications`.
///
/// # Errors
/// `InvalidParameterValue` when a specification is for another type of resource.
pub(super) fn at_birth(input: &Input, kind: Kind) -> Result<Tags, Failure> {
    let mut tags = Tags::new();
    for specification in input.list("TagSpecifications") {
        let asked = specification.str("ResourceType");
        if asked != kind.resource_type() {
            let text = format!("'{asked}' is not a valid taggable resource type for this operation.");
            return Err(Failure::new("InvalidParameterValue", text));
        }
        STYLE.merge(&mut tags, STYLE.read(specification.list("Tags"))?)?;
    }
    Ok(tags)
}

/// Gives tags to a new resource.
pub(super) fn attach(call: &mut Call<'_>, id: &str, tags: Tags) {
    if !tags.is_empty() {
        call.home_mut().ec2.tags.insert(id, tags);
    }
}

/// A resource's tags for an answer.
pub(super) fn shown(call: &Call<'_>, id: &str) -> Value {
    call.home().ec2.tags.get(id).map_or_else(|| json!([]), |tags| STYLE.write(tags))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html>
pub(super) fn create_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let tags = STYLE.read(input.list("Tags"))?;
    for id in input.texts("Resources") {
        require(call, &id)?;
        let mut mine = call.home().ec2.tags.get(&id).cloned().unwrap_or_default();
        STYLE.merge(&mut mine, tags.clone())?;
        attach(call, &id, mine);
    }
    Ok(Answer::empty())
}

/// A tag without a value goes whatever its value is; with one, only if that is its value. No tags: all of them.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTags.html>
pub(super) fn delete_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let wanted: Vec<(String, Option<String>)> = input
        .list("Tags")
        .iter()
        .map(|tag| (tag.str("Key").to_owned(), tag.text("Value").map(str::to_owned)))
        .collect();
    for id in input.texts("Resources") {
        require(call, &id)?;
        let Some(mut tags) = call.home().ec2.tags.get(&id).cloned() else { continue };
        let named = |key: &str, value: &str| {
            wanted.iter().any(|(k, v)| k == key && v.as_ref().is_none_or(|v| v == value))
        };
        tags.retain(|key, value| key.starts_with("aws:") || !(wanted.is_empty() || named(key, value)));
        call.home_mut().ec2.tags.remove(&id);
        attach(call, &id, tags);
    }
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTags.html>
pub(super) fn describe_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let filters = Filters::read(input.list("Filters"));
    filters.check_names(&["key", "resource-id", "resource-type", "value"])?;
    let mut rows = Vec::new();
    for (id, tags) in call.home().ec2.tags.iter() {
        let kind = Kind::of(id).map_or("", Kind::resource_type);
        for (key, value) in tags {
            let alone = Tags::from([(key.clone(), value.clone())]);
            let passes = filters.pass_with(Some(&alone), |name| {
                let found = match name {
                    "key" => key,
                    "resource-id" => id,
                    "resource-type" => kind,
                    _ => value.as_str(),
                };
                vec![found.to_owned()]
            });
            if passes {
                let row = json!({ "Key": key, "Value": value, "ResourceId": id, "ResourceType": kind });
                rows.push((format!("{id}/{key}"), row));
            }
        }
    }
    Ok(call.page(input, PageRules::EC2, rows)?.into())
}

/// Refuses the id of something that does not exist.
fn require(call: &Call<'_>, id: &str) -> Result<(), Failure> {
    let Some(kind) = Kind::of(id) else {
        return Err(Failure::new("InvalidID", format!("The ID '{id}' is not valid")));
    };
    if call.home().ec2.has(kind, id) { Ok(()) } else { Err(kind.missing(id)) }
}
