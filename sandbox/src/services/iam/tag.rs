//! Tags of roles, policies, instance profiles and OpenID Connect providers.

use serde_json::{Value, json};

use super::name::page;
use super::{instance_profile, oidc_provider, policy, role};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, TagStyle, Tags};

/// How IAM spells tags.
pub(super) const STYLE: TagStyle =
    TagStyle { key: "Key", value: "Value", invalid: "InvalidInput", too_many: "LimitExceeded" };

/// The tags of a create.
///
/// # Errors
/// `InvalidInput`, also for two keys that differ in case only: IAM does not tell them apart.
pub(super) fn read(input: &Input) -> Result<Tags, Failure> {
    let tags = STYLE.read(input.list("Tags"))?;
    let mut folded: Vec<String> = tags.keys().map(|key| key.to_lowercase()).collect();
    folded.dedup();
    if folded.len() != tags.len() {
        let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        return Err(Failure::new("InvalidInput", text));
    }
    let mut checked = Tags::new();
    STYLE.merge(&mut checked, tags)?;
    Ok(checked)
}

/// Which kind of entity a tag operation is about.
fn tags_of<'c>(call: &'c mut Call<'_>, input: &Input) -> Result<&'c mut Tags, Failure> {
    if input.knows("RoleName") {
        return Ok(&mut role::find_own(call, input.str("RoleName"))?.tags);
    }
    if input.knows("PolicyArn") {
        return Ok(&mut policy::find_own(call, input.str("PolicyArn"))?.tags);
    }
    if input.knows("InstanceProfileName") {
        return Ok(&mut instance_profile::find_mut(call, input.str("InstanceProfileName"))?.tags);
    }
    Ok(&mut oidc_provider::find_mut(call, input.str("OpenIDConnectProviderArn"))?.tags)
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html> and its like
pub(super) fn tag(call: &mut Call<'_>, input: &Input) -> Outcome {
    let new = read(input)?;
    let tags = tags_of(call, input)?;
    // A key that differs in case only takes the new spelling.
    tags.retain(|key, _| !new.keys().any(|other| other.eq_ignore_ascii_case(key)));
    STYLE.merge(tags, new)?;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html> and its like
pub(super) fn untag(call: &mut Call<'_>, input: &Input) -> Outcome {
    let keys = input.texts("TagKeys");
    tags_of(call, input)?.retain(|key, _| !keys.iter().any(|gone| gone.eq_ignore_ascii_case(key)));
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html> and its like
pub(super) fn list_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let tags = if input.knows("RoleName") {
        role::find(call, input.str("RoleName"))?.tags.clone()
    } else if input.knows("PolicyArn") {
        policy::tags(call, input.str("PolicyArn"))?
    } else {
        tags_of(call, input)?.clone()
    };
    let rows = tags.iter().map(|(key, value)| (key.clone(), json!({ "Key": key, "Value": value })));
    let rows: Vec<(String, Value)> = rows.collect();
    Ok(page(call, input, rows)?.into())
}
