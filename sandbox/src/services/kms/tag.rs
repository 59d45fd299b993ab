//! Tags of keys.

use serde_json::{Value, json};

use super::key::page;
use super::lookup::{key, own_key, require_kept, resolve_key};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules, TagStyle, Tags};

/// How KMS spells tags.
const STYLE: TagStyle = TagStyle {
    key: "TagKey",
    value: "TagValue",
    invalid: "TagException",
    too_many: "LimitExceededException",
};

/// Fifty tags a page, and never more.
const PAGES: PageRules =
    PageRules { default: Some(50), min: 1, max: 50, strict: None, bad_token: "InvalidMarkerException" };

/// The tags of a create.
pub(super) fn read(input: &Input) -> Result<Tags, Failure> {
    let mut tags = Tags::new();
    STYLE.merge(&mut tags, STYLE.read(input.list("Tags"))?)?;
    Ok(tags)
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html>
pub(super) fn tag_resource(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = resolve_key(call, input.str("KeyId"))?;
    require_kept(call, &id)?;
    let tags = STYLE.read(input.list("Tags"))?;
    STYLE.merge(&mut own_key(call, &id)?.tags, tags)?;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html>
pub(super) fn untag_resource(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = resolve_key(call, input.str("KeyId"))?;
    require_kept(call, &id)?;
    let keys = input.texts("TagKeys");
    own_key(call, &id)?.tags.retain(|key, _| !keys.contains(key));
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html>
pub(super) fn list_resource_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let id = resolve_key(call, input.str("KeyId"))?;
    let tags = key(call, &id)?.tags.iter();
    let rows: Vec<(String, Value)> =
        tags.map(|(key, value)| (key.clone(), json!({ "TagKey": key, "TagValue": value }))).collect();
    page(call, input, PAGES, rows)
}
