//! Pod identity: which role the pods of a service account get.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refuse::{TOKEN_MISMATCH, in_use, invalid_parameter, invalid_request, not_found};
use super::state::{member, members};
use super::version::PAGES;
use super::{cluster, role, tag};
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Tags};

/// An association.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PodIdentity {
    /// The namespace.
    pub namespace: String,
    /// The service account.
    pub service_account: String,
    /// ARN of the role.
    pub role: String,
    /// ARN of the role of another account that is assumed next.
    pub target: Option<String>,
    /// What the target role is assumed with.
    pub external_id: Option<String>,
    /// Whether sessions carry no tags.
    pub no_session_tags: bool,
    /// ARN of the add-on that owns it.
    pub owner: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created: Time,
    /// When it was last changed.
    pub modified: Time,
}

/// The ARN of an association.
pub(super) fn arn(call: &Call<'_>, cluster: &str, id: &str) -> String {
    call.arn("eks", &format!("podidentityassociation/{cluster}/{id}"))
}

fn show(call: &Call<'_>, cluster: &str, id: &str, row: &PodIdentity) -> Value {
    json!({
        "clusterName": cluster, "namespace": row.namespace, "serviceAccount": row.service_account,
        "roleArn": row.role, "associationArn": arn(call, cluster, id), "associationId": id, "tags": row.tags,
        "createdAt": row.created.value(), "modifiedAt": row.modified.value(), "ownerArn": row.owner,
        "disableSessionTags": row.no_session_tags, "targetRoleArn": row.target, "externalId": row.external_id,
    })
}

fn find<'c>(call: &'c Call<'_>, cluster: &str, id: &str) -> Result<&'c PodIdentity, Failure> {
    cluster::find(call, cluster)?;
    let rows = &call.home().eks.pod_identities;
    rows.get(&member(cluster, id)).ok_or_else(|| not_found(format!("Association not found: {id}")))
}

fn check_role(call: &Call<'_>, arn: &str) -> Result<(), Failure> {
    match role::find(call, arn) {
        Some(_) => Ok(()),
        None => Err(invalid_parameter("Role provided in the request does not exist.")),
    }
}

/// Makes an association and gives its id.
///
/// # Errors
/// `ResourceInUseException` when the service account has one, `InvalidParameterException` for a missing role.
pub(super) fn make(
    call: &mut Call<'_>,
    cluster: &str,
    (namespace, account): (&str, &str),
    (role, owner): (&str, Option<String>),
) -> Result<String, Failure> {
    check_role(call, role)?;
    let same = |row: &PodIdentity| row.namespace == namespace && row.service_account == account;
    let taken = members(&call.home().eks.pod_identities, cluster).find(|(_, row)| same(row));
    if let Some((id, _)) = taken {
        return Err(in_use(format!("Association already exists: {id}")));
    }
    let row = PodIdentity {
        namespace: namespace.to_owned(),
        service_account: account.to_owned(),
        role: role.to_owned(),
        target: None,
        external_id: None,
        no_session_tags: false,
        owner,
        tags: Tags::new(),
        created: call.now,
        modified: call.now,
    };
    let id = format!("a-{}", call.world_mut().dice.text(17, "abcdefghijklmnopqrstuvwxyz0123456789"));
    call.home_mut().eks.pod_identities.insert(member(cluster, &id), row);
    Ok(id)
}

/// What an association gets from a target role.
fn set_target(call: &mut Call<'_>, cluster: &str, id: &str, target: Option<String>) {
    let Some(target) = target else { return };
    let unique = call.world_mut().dice.uuid();
    let external = format!("{}/{}/{cluster}/{unique}", call.region, call.account);
    if let Some(row) = call.home_mut().eks.pod_identities.get_mut(&member(cluster, id)) {
        let empty = target.is_empty();
        row.target = (!empty).then_some(target);
        row.external_id = (!empty).then_some(external);
    }
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html>
pub(super) fn create(call: &mut Call<'_>, input: &Input) -> Outcome {
    let cluster = input.str("clusterName").to_owned();
    let replayed = call.replayed(input, "clientRequestToken", TOKEN_MISMATCH)?;
    if let Some(id) = replayed
        && let Ok(row) = find(call, &cluster, &id)
    {
        return Ok(json!({ "association": show(call, &cluster, &id, row) }).into());
    }
    cluster::require_active(call, &cluster)?;
    let tags = tag::read(input)?;
    let place = (input.str("namespace"), input.str("serviceAccount"));
    let id = make(call, &cluster, place, (input.str("roleArn"), None))?;
    set_target(call, &cluster, &id, input.text("targetRoleArn").map(str::to_owned));
    let without = input.flag("disableSessionTags").unwrap_or(false);
    if let Some(row) = call.home_mut().eks.pod_identities.get_mut(&member(&cluster, &id)) {
        (row.tags, row.no_session_tags) = (tags, without);
    }
    call.remember(input, "clientRequestToken", &id);
    Ok(json!({ "association": show(call, &cluster, &id, find(call, &cluster, &id)?) }).into())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribePodIdentityAssociation.html>
pub(super) fn describe(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, id) = (input.str("clusterName"), input.str("associationId"));
    Ok(json!({ "association": show(call, cluster, id, find(call, cluster, id)?) }).into())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListPodIdentityAssociations.html>
pub(super) fn list(call: &mut Call<'_>, input: &Input) -> Outcome {
    let cluster = input.str("clusterName");
    cluster::find(call, cluster)?;
    let (namespace, account) = (input.text("namespace"), input.text("serviceAccount"));
    let rows = members(&call.home().eks.pod_identities, cluster)
        .filter(|(_, row)| {
            namespace.is_none_or(|namespace| namespace == row.namespace)
                && account.is_none_or(|account| account == row.service_account)
        })
        .map(|(id, row)| {
            let shown = json!({
                "clusterName": cluster, "namespace": row.namespace, "serviceAccount": row.service_account,
                "associationArn": arn(call, cluster, id), "associationId": id, "ownerArn": row.owner,
            });
            (id.to_owned(), shown)
        })
        .collect();
    Ok(call.page(input, PAGES, rows)?.into())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdatePodIdentityAssociation.html>
pub(super) fn update(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, id) = (input.str("clusterName").to_owned(), input.str("associationId").to_owned());
    let _ = input.text("clientRequestToken");
    refuse_owned(find(call, &cluster, &id)?)?;
    let role = input.text("roleArn").map(str::to_owned);
    if let Some(role) = &role {
        check_role(call, role)?;
    }
    let (without, now) = (input.flag("disableSessionTags"), call.now);
    set_target(call, &cluster, &id, input.text("targetRoleArn").map(str::to_owned));
    if let Some(row) = call.home_mut().eks.pod_identities.get_mut(&member(&cluster, &id)) {
        row.role = role.unwrap_or_else(|| row.role.clone());
        row.no_session_tags = without.unwrap_or(row.no_session_tags);
        row.modified = now;
    }
    Ok(json!({ "association": show(call, &cluster, &id, find(call, &cluster, &id)?) }).into())
}

/// An association of an add-on is changed through the add-on.
fn refuse_owned(row: &PodIdentity) -> Result<(), Failure> {
    match &row.owner {
        Some(owner) => Err(invalid_request(format!("The association is owned by {owner}; change it there."))),
        None => Ok(()),
    }
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DeletePodIdentityAssociation.html>
pub(super) fn delete(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, id) = (input.str("clusterName").to_owned(), input.str("associationId").to_owned());
    let row = find(call, &cluster, &id)?;
    refuse_owned(row)?;
    let shown = show(call, &cluster, &id, row);
    call.home_mut().eks.pod_identities.remove(&member(&cluster, &id));
    Ok(json!({ "association": shown }).into())
}
