//! Tags of everything that EKS has an ARN for.

use serde_json::json;

use super::state::{State, member, members};
use super::{access_entry, addon, node_group};
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, TagStyle, Tags};

/// EKS takes tags as a map. The operations on ARNs refuse with `BadRequestException`.
const STYLE: TagStyle = TagStyle {
    key: "key",
    value: "value",
    invalid: "InvalidParameterException",
    too_many: "InvalidParameterException",
};

/// The tags of a create.
pub(super) fn read(input: &Input) -> Result<Tags, Failure> {
    let tags = input.pairs("tags");
    STYLE.check(&tags)?;
    Ok(tags)
}

fn bad_request(failure: Failure) -> Failure {
    Failure::new("BadRequestException", failure.message)
}

/// Where the tags of an ARN are: which table, which row.
enum Place {
    Cluster(String),
    NodeGroup(String),
    Addon(String),
    AccessEntry(String),
    PodIdentity(String),
}

fn place(call: &Call<'_>, arn: &str) -> Result<Place, Failure> {
    let missing =
        || Failure::new("NotFoundException", format!("The specified resource {arn} could not be found."));
    let Some(local) = arn.strip_prefix(&call.arn("eks", "")) else {
        return Err(Failure::new("BadRequestException", format!("Invalid arn {arn}")));
    };
    let parts: Vec<&str> = local.split('/').collect();
    let state: &State = &call.home().eks;
    let found = match parts.as_slice() {
        ["cluster", name] => state.clusters.contains(name).then(|| Place::Cluster((*name).to_owned())),
        ["nodegroup", cluster, name, _] => {
            let key = member(cluster, name);
            let row = state.node_groups.get(&key);
            row.filter(|row| node_group::arn(call, cluster, row) == arn).map(|_| Place::NodeGroup(key))
        }
        ["addon", cluster, name, _] => {
            let key = member(cluster, name);
            let row = state.addons.get(&key);
            row.filter(|row| addon::arn(call, cluster, row) == arn).map(|_| Place::Addon(key))
        }
        ["podidentityassociation", cluster, id] => {
            let key = member(cluster, id);
            state.pod_identities.contains(&key).then_some(Place::PodIdentity(key))
        }
        ["access-entry", cluster, ..] => members(&state.access_entries, cluster)
            .find(|(_, entry)| access_entry::arn(call, cluster, entry) == arn)
            .map(|(principal, _)| Place::AccessEntry(member(cluster, principal))),
        _ => None,
    };
    found.ok_or_else(missing)
}

fn tags_at<'c>(call: &'c mut Call<'_>, place: &Place) -> Result<&'c mut Tags, Failure> {
    let state = &mut call.home_mut().eks;
    let found = match place {
        Place::Cluster(key) => state.clusters.get_mut(key).map(|row| &mut row.tags),
        Place::NodeGroup(key) => state.node_groups.get_mut(key).map(|row| &mut row.tags),
        Place::Addon(key) => state.addons.get_mut(key).map(|row| &mut row.tags),
        Place::AccessEntry(key) => state.access_entries.get_mut(key).map(|row| &mut row.tags),
        Place::PodIdentity(key) => state.pod_identities.get_mut(key).map(|row| &mut row.tags),
    };
    found.ok_or_else(|| Failure::internal("the row was found a moment ago"))
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_TagResource.html>
pub(super) fn tag_resource(call: &mut Call<'_>, input: &Input) -> Outcome {
    let place = place(call, input.str("resourceArn"))?;
    let new = input.pairs("tags");
    STYLE.check(&new).map_err(bad_request)?;
    STYLE.merge(tags_at(call, &place)?, new).map_err(bad_request)?;
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_UntagResource.html>
pub(super) fn untag_resource(call: &mut Call<'_>, input: &Input) -> Outcome {
    let place = place(call, input.str("resourceArn"))?;
    let keys = input.texts("tagKeys");
    tags_at(call, &place)?.retain(|key, _| !keys.contains(key));
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListTagsForResource.html>
pub(super) fn list_tags_for_resource(call: &mut Call<'_>, input: &Input) -> Outcome {
    let place = place(call, input.str("resourceArn"))?;
    let tags = tags_at(call, &place)?.clone();
    Ok(json!({ "tags": tags }).into())
}
