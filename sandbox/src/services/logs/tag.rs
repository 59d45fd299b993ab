//! Tags of log groups, by ARN and, in the older operations, by name.

use serde_json::json;

use super::group;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, TagStyle, Tags};

/// Logs takes tags as a map.
const STYLE: TagStyle = TagStyle {
    key: "key",
    value: "value",
    invalid: "InvalidParameterException",
    too_many: "TooManyTagsException",
};

/// The tags of a request.
pub(super) fn read(input: &Input) -> Result<Tags, Failure> {
    let tags = input.pairs("tags");
    STYLE.check(&tags)?;
    let mut checked = Tags::new();
    STYLE.merge(&mut checked, tags)?;
    Ok(checked)
}

/// The group's name from its ARN (with or without the closing `:*`), or as it is.
fn target(call: &Call<'_>, input: &Input) -> Result<String, Failure> {
    if !input.knows("resourceArn") {
        return Ok(input.str("logGroupName").to_owned());
    }
    let arn = input.str("resourceArn");
    let local = arn.strip_prefix(&call.arn("logs", "log-group:")).ok_or_else(|| {
        Failure::new("ResourceNotFoundException", format!("The specified resource {arn} does not exist."))
    })?;
    Ok(local.strip_suffix(":*").unwrap_or(local).to_owned())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html>
pub(super) fn tag(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = target(call, input)?;
    let tags = input.pairs("tags");
    STYLE.check(&tags)?;
    STYLE.merge(&mut group::find_mut(call, &name)?.tags, tags)?;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html>
pub(super) fn untag(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = target(call, input)?;
    let keys = if input.knows("tagKeys") { input.texts("tagKeys") } else { input.texts("tags") };
    group::find_mut(call, &name)?.tags.retain(|key, _| !keys.contains(key));
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html>
pub(super) fn list_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let name = target(call, input)?;
    let group = call.home().logs.groups.get(&name).ok_or_else(group::missing)?;
    Ok(json!({ "tags": group.tags }).into())
}
