//! Access entries: who may use the Kubernetes API as whom.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refuse::{TOKEN_MISMATCH, in_use, invalid_parameter, invalid_request, not_found};
use super::state::{member, members};
use super::version::PAGES;
use super::{cluster, tag};
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Tags};

/// Where a policy holds.
pub(super) type Scope = Option<Vec<String>>;

/// An access entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccessEntry {
    /// ARN of the role or user.
    pub principal: String,
    /// The unique part of its ARN.
    pub id: String,
    /// `STANDARD`, `EC2_LINUX`, …
    pub kind: String,
    /// The Kubernetes user.
    pub username: String,
    /// The Kubernetes groups.
    pub groups: Vec<String>,
    /// Access policies by ARN: the namespaces, or nothing for the whole cluster, and when they came and changed.
    pub policies: BTreeMap<String, (Option<Vec<String>>, Time, Time)>,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created: Time,
    /// When it was last changed.
    pub modified: Time,
}

const KINDS: [&str; 5] = ["STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX"];

/// Refuses where the cluster looks at its config map only.
pub(super) fn require_mode(call: &Call<'_>, cluster: &str) -> Result<(), Failure> {
    if cluster::find(call, cluster)?.authentication == "CONFIG_MAP" {
        return Err(invalid_request(
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this \
             operation.",
        ));
    }
    Ok(())
}

/// The entry of a principal.
pub(super) fn find<'c>(
    call: &'c Call<'_>,
    cluster: &str,
    principal: &str,
) -> Result<&'c AccessEntry, Failure> {
    require_mode(call, cluster)?;
    call.home().eks.access_entries.get(&member(cluster, principal)).ok_or_else(missing)
}

/// The entry of a principal, to change.
pub(super) fn find_mut<'c>(
    call: &'c mut Call<'_>,
    cluster: &str,
    principal: &str,
) -> Result<&'c mut AccessEntry, Failure> {
    require_mode(call, cluster)?;
    call.home_mut().eks.access_entries.get_mut(&member(cluster, principal)).ok_or_else(missing)
}

fn missing() -> Failure {
    not_found(
        "The specified principalArn could not be found. You can view your available access entries with 'aws eks \
         list-access-entries'",
    )
}

/// Its ARN: `access-entry/CLUSTER/role/ACCOUNT/NAME/ID`.
pub(super) fn arn(call: &Call<'_>, cluster: &str, entry: &AccessEntry) -> String {
    let local = entry.principal.splitn(6, ':').nth(5).unwrap_or_default();
    let (kind, path) = local.split_once('/').unwrap_or((local, ""));
    let name = path.rsplit('/').next().unwrap_or(path);
    call.arn("eks", &format!("access-entry/{cluster}/{kind}/{}/{name}/{}", call.account, entry.id))
}

pub(super) fn show(call: &Call<'_>, cluster: &str, entry: &AccessEntry) -> Value {
    json!({
        "clusterName": cluster, "principalArn": entry.principal, "kubernetesGroups": entry.groups,
        "accessEntryArn": arn(call, cluster, entry), "createdAt": entry.created.value(),
        "modifiedAt": entry.modified.value(), "tags": entry.tags, "username": entry.username, "type": entry.kind,
    })
}

/// The principal of a request. That it exists is not asked for, only that a new role is known already: an account
/// has principals of which the sandbox does not know.
fn check_principal(call: &Call<'_>, principal: &str) -> Result<(), Failure> {
    let invalid = || invalid_parameter("The specified principalArn is invalid: invalid principal.");
    let parts: Vec<&str> = principal.splitn(6, ':').collect();
    let [_, _, "iam", "", _, local] = parts.as_slice() else { return Err(invalid()) };
    let new = call.account_state().iam.role_by_arn(principal, |made| !call.visible(made)).is_some();
    let named =
        ["role/", "user/"].iter().any(|kind| local.strip_prefix(kind).is_some_and(|name| !name.is_empty()));
    if named && !new { Ok(()) } else { Err(invalid()) }
}

fn usual_username(principal: &str, kind: &str) -> String {
    match kind {
        "STANDARD" => match principal.split_once(":role/") {
            Some((head, path)) => {
                let account = head.rsplit(':').next().unwrap_or_default();
                let name = path.rsplit('/').next().unwrap_or(path);
                format!("arn:aws:sts::{account}:assumed-role/{name}/{{{{SessionName}}}}")
            }
            None => principal.to_owned(),
        },
        "FARGATE_LINUX" | "HYBRID_LINUX" => "system:node:{{SessionName}}".to_owned(),
        _ => "system:node:{{EC2PrivateDNSName}}".to_owned(),
    }
}

fn check_groups(groups: &[String]) -> Result<(), Failure> {
    match groups.iter().find(|group| group.starts_with("system:")) {
        Some(group) => Err(invalid_parameter(format!(
            "The kubernetes group name {group} is invalid, it cannot start with system:"
        ))),
        None => Ok(()),
    }
}

fn entry(call: &mut Call<'_>, principal: &str, kind: &str) -> AccessEntry {
    let groups = match kind {
        "STANDARD" => Vec::new(),
        "FARGATE_LINUX" => vec!["system:node-proxier".to_owned()],
        _ => vec!["system:nodes".to_owned()],
    };
    AccessEntry {
        principal: principal.to_owned(),
        id: call.world_mut().dice.uuid(),
        kind: kind.to_owned(),
        username: usual_username(principal, kind),
        groups,
        policies: BTreeMap::new(),
        tags: Tags::new(),
        created: call.now,
        modified: call.now,
    }
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAccessEntry.html>
pub(super) fn create_access_entry(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, principal) = (input.str("clusterName").to_owned(), input.str("principalArn").to_owned());
    let key = member(&cluster, &principal);
    let replayed = call.replayed(input, "clientRequestToken", TOKEN_MISMATCH)?;
    if let Some(entry) = replayed.and_then(|key| call.home().eks.access_entries.get(&key)) {
        return Ok(json!({ "accessEntry": show(call, &cluster, entry) }).into());
    }
    require_mode(call, &cluster)?;
    check_principal(call, &principal)?;
    if call.home().eks.access_entries.contains(&key) {
        return Err(in_use("The specified access entry resource is already in use on this cluster.")
            .with("clusterName", cluster));
    }
    let kind = input.text("type").unwrap_or("STANDARD");
    if !KINDS.contains(&kind) {
        return Err(Failure::unmodelled(format!("the access entry type {kind}")));
    }
    let (groups, username) = (input.texts("kubernetesGroups"), input.text("username"));
    if kind != "STANDARD" && (!groups.is_empty() || username.is_some()) {
        return Err(invalid_parameter(format!(
            "kubernetesGroups and username cannot be set for an access entry of type {kind}."
        )));
    }
    check_groups(&groups)?;
    let tags = tag::read(input)?;
    let usual = entry(call, &principal, kind);
    let made = AccessEntry {
        groups: if kind == "STANDARD" { groups } else { usual.groups.clone() },
        username: username.map_or_else(|| usual.username.clone(), str::to_owned),
        tags,
        ..usual
    };
    let shown = show(call, &cluster, &made);
    call.home_mut().eks.access_entries.insert(&key, made);
    call.remember(input, "clientRequestToken", &key);
    Ok(json!({ "accessEntry": shown }).into())
}

/// The entry of the cluster's creator, who becomes its administrator.
pub(super) fn admit_creator(call: &mut Call<'_>, cluster: &str) {
    let caller = call.caller().arn;
    // A session's principal is its role.
    let principal = match caller.split_once(":assumed-role/") {
        Some((_, session)) => {
            let name = session.split('/').next().unwrap_or(session);
            let roles = &call.account_state().iam.roles;
            roles.get(name).map_or(caller.clone(), |role| role.arn.clone())
        }
        None => caller,
    };
    let now = call.now;
    let mut admin = entry(call, &principal, "STANDARD");
    let policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
    admin.policies.insert(policy.to_owned(), (None, now, now));
    let key = member(cluster, &principal);
    if !call.home().eks.access_entries.contains(&key) {
        call.home_mut().eks.access_entries.insert(key, admin);
    }
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAccessEntry.html>
pub(super) fn describe_access_entry(call: &mut Call<'_>, input: &Input) -> Outcome {
    let cluster = input.str("clusterName");
    let entry = find(call, cluster, input.str("principalArn"))?;
    Ok(json!({ "accessEntry": show(call, cluster, entry) }).into())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListAccessEntries.html>
pub(super) fn list_access_entries(call: &mut Call<'_>, input: &Input) -> Outcome {
    let cluster = input.str("clusterName");
    require_mode(call, cluster)?;
    let policy = input.text("associatedPolicyArn");
    let rows = members(&call.home().eks.access_entries, cluster)
        .filter(|(_, entry)| policy.is_none_or(|policy| entry.policies.contains_key(policy)))
        .map(|(principal, _)| (principal.to_owned(), principal.into()))
        .collect();
    Ok(call.page(input, PAGES, rows)?.into())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateAccessEntry.html>
pub(super) fn update_access_entry(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, principal) = (input.str("clusterName").to_owned(), input.str("principalArn").to_owned());
    let _ = input.text("clientRequestToken");
    let groups = input.has("kubernetesGroups").then(|| input.texts("kubernetesGroups"));
    check_groups(groups.as_deref().unwrap_or_default())?;
    let (username, now) = (input.text("username").map(str::to_owned), call.now);
    let entry = find_mut(call, &cluster, &principal)?;
    if entry.kind != "STANDARD" {
        return Err(invalid_request(format!("An access entry of type {} cannot be updated.", entry.kind)));
    }
    entry.groups = groups.unwrap_or_else(|| entry.groups.clone());
    entry.username = username.unwrap_or_else(|| entry.username.clone());
    entry.modified = now;
    let entry = entry.clone();
    Ok(json!({ "accessEntry": show(call, &cluster, &entry) }).into())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DeleteAccessEntry.html>
pub(super) fn delete_access_entry(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, principal) = (input.str("clusterName"), input.str("principalArn"));
    find(call, cluster, principal)?;
    call.home_mut().eks.access_entries.remove(&member(cluster, principal));
    Ok(Answer::empty())
}
