//! Insights: what EKS finds about the readiness of a cluster for its next version, computed from the world.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::refuse::not_found;
use super::state::{Phase, members};
use super::version::{PAGES, minor, supported_versions};
use super::{addon_catalog, cluster, cluster_version};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// One finding.
struct Insight {
    name: String,
    description: String,
    status: &'static str,
    reason: String,
    recommendation: &'static str,
    resources: Vec<Value>,
    summary: Value,
}

/// An id that is always the same for an insight of a cluster.
fn id(cluster: &str, name: &str) -> String {
    let digest = Sha256::digest(format!("{cluster}/{name}"));
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

fn status_and_reason(errors: usize, what: &str, fine: &str) -> (&'static str, String) {
    if errors == 0 { ("PASSING", fine.to_owned()) } else { ("ERROR", format!("{errors} {what}")) }
}

/// Kubelets that would be too old for the next version.
fn skew(call: &Call<'_>, cluster: &str, next: u32) -> Insight {
    let groups = members(&call.home().eks.node_groups, cluster);
    let behind: Vec<Value> = groups
        .filter(|(_, group)| minor(&group.version).is_some_and(|nodes| nodes + cluster_version::SKEW < next))
        .map(|(_, group)| {
            json!({
                "arn": super::node_group::arn(call, cluster, group),
                "insightStatus": { "status": "ERROR", "reason": format!("kubelets run {}", group.version) },
            })
        })
        .collect();
    let (status, reason) = status_and_reason(
        behind.len(),
        "node groups would be too old for the next version.",
        "Node kubelet versions match the cluster control plane version.",
    );
    Insight {
        name: "Kubelet version skew".to_owned(),
        description:
            "Checks for kubelet versions of worker nodes in the cluster to see if upgrade would cause \
                      noncompliance with supported Kubernetes kubelet version skew policy."
                .to_owned(),
        status,
        reason,
        recommendation: "Upgrade your worker nodes to match the Kubernetes version of your cluster control plane.",
        resources: behind,
        summary: json!({}),
    }
}

/// Add-on versions that do not run on the next version.
fn addons(call: &Call<'_>, cluster: &str, next: &str) -> Insight {
    let rows = members(&call.home().eks.addons, cluster);
    let broken: Vec<(String, Value, Value)> = rows
        .filter(|(name, addon)| !addon_catalog::is_compatible(name, &addon.version, next))
        .map(|(name, addon)| {
            let resource = json!({
                "arn": super::addon::arn(call, cluster, addon),
                "insightStatus": { "status": "ERROR", "reason": format!("{} does not run on {next}", addon.version) },
            });
            let fitting = json!({ "name": name, "compatibleVersions": addon_catalog::compatible_versions(name, next) });
            (name.to_owned(), resource, fitting)
        })
        .collect();
    let (status, reason) = status_and_reason(
        broken.len(),
        "add-ons are not compatible with the next Kubernetes version.",
        "All installed EKS add-on versions are compatible with next Kubernetes version.",
    );
    let details: Vec<Value> = broken.iter().map(|(.., fitting)| fitting.clone()).collect();
    Insight {
        name: "EKS add-on version compatibility".to_owned(),
        description:
            "Checks version of installed EKS add-ons to ensure they are compatible with the next version of \
                      Kubernetes."
                .to_owned(),
        status,
        reason,
        recommendation: "Upgrade the add-ons to versions that run on the next Kubernetes version.",
        resources: broken.into_iter().map(|(_, resource, _)| resource).collect(),
        summary: json!({ "addonCompatibilityDetails": details }),
    }
}

/// Node groups that do not work.
fn health(call: &Call<'_>, cluster: &str) -> Insight {
    let groups = members(&call.home().eks.node_groups, cluster);
    let sick: Vec<Value> = groups
        .filter(|(_, group)| group.phase == Phase::CreateFailed)
        .map(|(name, group)| {
            json!({
                "arn": super::node_group::arn(call, cluster, group),
                "insightStatus": { "status": "ERROR", "reason": format!("node group {name} failed") },
            })
        })
        .collect();
    let (status, reason) = status_and_reason(
        sick.len(),
        "cluster health issues detected.",
        "No cluster health issues detected.",
    );
    Insight {
        name: "Cluster health issues".to_owned(),
        description:
            "Checks for any cluster health issues that prevent successful upgrade to the next Kubernetes \
                      version on EKS."
                .to_owned(),
        status,
        reason,
        recommendation: "Resolve any cluster health issue that is reported in cluster health.",
        resources: sick,
        summary: json!({}),
    }
}

fn all(call: &Call<'_>, cluster: &str) -> Result<(String, Vec<Insight>), Failure> {
    let version = cluster::find(call, cluster)?.version.clone();
    let next = minor(&version).unwrap_or(0) + 1;
    let next_version = format!("1.{next}");
    if !supported_versions().any(|known| known == next_version) {
        return Ok((version, Vec::new()));
    }
    let found = vec![skew(call, cluster, next), addons(call, cluster, &next_version), health(call, cluster)];
    Ok((next_version, found))
}

fn show(call: &Call<'_>, cluster: &str, version: &str, insight: &Insight) -> Value {
    json!({
        "id": id(cluster, &insight.name), "name": insight.name, "category": "UPGRADE_READINESS",
        "kubernetesVersion": version, "lastRefreshTime": call.now.value(), "lastTransitionTime": call.now.value(),
        "description": insight.description,
        "insightStatus": { "status": insight.status, "reason": insight.reason },
    })
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListInsights.html>
pub(super) fn list_insights(call: &mut Call<'_>, input: &Input) -> Outcome {
    let cluster = input.str("clusterName").to_owned();
    let filter = input.get("filter");
    let wanted = |name: &str| filter.map(|filter| filter.texts(name)).unwrap_or_default();
    let (categories, versions, statuses) =
        (wanted("categories"), wanted("kubernetesVersions"), wanted("statuses"));
    let among = |list: &[String], value: &str| list.is_empty() || list.iter().any(|text| text == value);
    let (version, insights) = all(call, &cluster)?;
    let rows = insights
        .iter()
        .filter(|insight| {
            among(&categories, "UPGRADE_READINESS")
                && among(&versions, &version)
                && among(&statuses, insight.status)
        })
        .map(|insight| (insight.name.clone(), show(call, &cluster, &version, insight)));
    let mut rows: Vec<(String, Value)> = rows.collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(call.page(input, PAGES, rows)?.into())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeInsight.html>
pub(super) fn describe_insight(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (cluster, wanted) = (input.str("clusterName").to_owned(), input.str("id"));
    let (version, insights) = all(call, &cluster)?;
    let found = insights.iter().find(|insight| id(&cluster, &insight.name) == wanted);
    let insight = found.ok_or_else(|| not_found(format!("No insight found for id: {wanted}")))?;
    let mut shown = show(call, &cluster, &version, insight);
    shown["recommendation"] = insight.recommendation.into();
    shown["additionalInfo"] = json!({ "EKS update cluster documentation": "https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html" });
    shown["resources"] = insight.resources.clone().into();
    shown["categorySpecificSummary"] = insight.summary.clone();
    Ok(json!({ "insight": shown }).into())
}
