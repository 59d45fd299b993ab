//! The add-ons that EKS offers, and their versions for each Kubernetes version.
//!
//! `sandbox/data/eks-addons.json` holds them. Of the many versions that AWS keeps, the newest few are listed; the
//! schemas have the settings that people use, and refuse what is not in them, as AWS's do.

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Value, json};

use super::refuse::{invalid_parameter, not_found};
use super::version::{PAGES, supported_versions};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// An add-on of the catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CatalogEntry {
    pub(super) name: String,
    #[serde(rename = "type")]
    kind: String,
    namespace: String,
    /// True when it runs as a deployment and not on every node.
    needs_nodes: bool,
    /// Service account and the AWS-managed policies that it should have.
    #[serde(default)]
    pod_identity: Vec<(String, Vec<String>)>,
    versions: Vec<CatalogVersion>,
    pub(super) schema: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogVersion {
    version: String,
    /// Kubernetes versions that it runs on; all when empty.
    #[serde(default)]
    kubernetes: Vec<String>,
    /// Kubernetes versions for which it is the default; all when missing.
    #[serde(default)]
    default_for: Option<Vec<String>>,
}

impl CatalogVersion {
    fn runs_on(&self, kubernetes: &str) -> bool {
        self.kubernetes.is_empty() || self.kubernetes.iter().any(|known| known == kubernetes)
    }

    fn is_default(&self, kubernetes: &str) -> bool {
        self.runs_on(kubernetes)
            && self.default_for.as_ref().is_none_or(|list| list.iter().any(|known| known == kubernetes))
    }
}

fn catalog() -> &'static [CatalogEntry] {
    static ALL: OnceLock<Vec<CatalogEntry>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all: Vec<CatalogEntry> = serde_json::from_str(include_str!("../../../data/eks-addons.json"))
            .expect("the file is checked by a test");
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    })
}

/// The add-on, if it exists for a Kubernetes version.
///
/// # Errors
/// `InvalidParameterException`.
pub(super) fn find(name: &str, kubernetes: &str) -> Result<&'static CatalogEntry, Failure> {
    let found = catalog().iter().find(|entry| entry.name == name);
    found.filter(|entry| entry.versions.iter().any(|version| version.runs_on(kubernetes))).ok_or_else(|| {
        invalid_parameter(format!(
            "Addon {name} specified is not supported in {kubernetes} kubernetes version"
        ))
    })
}

/// The namespace of an add-on.
pub(super) fn namespace(name: &str) -> &'static str {
    catalog().iter().find(|entry| entry.name == name).map_or("kube-system", |entry| entry.namespace.as_str())
}

/// True when an add-on is nothing without nodes.
pub(super) fn needs_nodes(name: &str) -> bool {
    catalog().iter().any(|entry| entry.name == name && entry.needs_nodes)
}

/// The version that was asked for, or the default one.
///
/// # Errors
/// `InvalidParameterException` for one that does not exist or does not run on the Kubernetes version.
pub(super) fn version(
    entry: &CatalogEntry,
    asked: Option<&str>,
    kubernetes: &str,
) -> Result<String, Failure> {
    let fits = |version: &&CatalogVersion| match asked {
        Some(asked) => version.version == asked && version.runs_on(kubernetes),
        None => version.is_default(kubernetes),
    };
    let found = entry.versions.iter().find(fits).map(|version| version.version.clone());
    found.ok_or_else(|| {
        let asked = asked.unwrap_or("default");
        invalid_parameter(format!(
            "Addon version specified is not supported: {} {asked} on {kubernetes}",
            entry.name
        ))
    })
}

/// True when a version of an add-on runs on a Kubernetes version.
pub(super) fn is_compatible(name: &str, version: &str, kubernetes: &str) -> bool {
    let versions = catalog().iter().filter(|entry| entry.name == name).flat_map(|entry| &entry.versions);
    versions.into_iter().any(|known| known.version == version && known.runs_on(kubernetes))
}

/// The versions of an add-on that run on a Kubernetes version.
pub(super) fn compatible_versions(name: &str, kubernetes: &str) -> Vec<&'static str> {
    let versions = catalog().iter().filter(|entry| entry.name == name).flat_map(|entry| &entry.versions);
    versions.filter(|version| version.runs_on(kubernetes)).map(|version| version.version.as_str()).collect()
}

fn show(entry: &CatalogEntry, kubernetes: Option<&str>) -> Option<Value> {
    let wanted: Vec<&str> =
        supported_versions().filter(|known| kubernetes.is_none_or(|only| only == *known)).collect();
    let versions: Vec<Value> = entry
        .versions
        .iter()
        .filter_map(|version| {
            let compatible: Vec<Value> = wanted
                .iter()
                .filter(|kubernetes| version.runs_on(kubernetes))
                .map(|kubernetes| {
                    json!({
                        "clusterVersion": kubernetes, "platformVersions": ["*"],
                        "defaultVersion": version.is_default(kubernetes),
                    })
                })
                .collect();
            (!compatible.is_empty()).then(|| {
                json!({
                    "addonVersion": version.version, "architecture": ["amd64", "arm64"],
                    "computeTypes": ["ec2", "hybrid"], "compatibilities": compatible, "requiresConfiguration": false,
                    "requiresIamPermissions": !entry.pod_identity.is_empty(),
                })
            })
        })
        .collect();
    (!versions.is_empty()).then(|| {
        json!({
            "addonName": entry.name, "type": entry.kind, "addonVersions": versions, "publisher": "eks",
            "owner": "aws", "defaultNamespace": entry.namespace,
        })
    })
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddonVersions.html>
pub(super) fn describe_addon_versions(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (name, kubernetes) = (input.text("addonName"), input.text("kubernetesVersion"));
    let (types, publishers, owners) =
        (input.texts("types"), input.texts("publishers"), input.texts("owners"));
    let among = |wanted: &[String], value: &str| wanted.is_empty() || wanted.iter().any(|text| text == value);
    let rows = catalog()
        .iter()
        .filter(|entry| name.is_none_or(|name| name == entry.name))
        .filter(|entry| among(&types, &entry.kind) && among(&publishers, "eks") && among(&owners, "aws"))
        .filter_map(|entry| Some((entry.name.clone(), show(entry, kubernetes)?)))
        .collect();
    Ok(call.page(input, PAGES, rows)?.into())
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddonConfiguration.html>
pub(super) fn describe_addon_configuration(_: &mut Call<'_>, input: &Input) -> Outcome {
    let (name, version) = (input.str("addonName"), input.str("addonVersion"));
    let entry = catalog().iter().find(|entry| entry.name == name);
    let entry = entry.filter(|entry| entry.versions.iter().any(|known| known.version == version));
    let entry = entry.ok_or_else(|| not_found(format!("Addon {name} version {version} was not found.")))?;
    let identities: Vec<Value> = entry
        .pod_identity
        .iter()
        .map(|(account, policies)| json!({ "serviceAccount": account, "recommendedManagedPolicies": policies }))
        .collect();
    Ok(json!({
        "addonName": name, "addonVersion": version, "configurationSchema": entry.schema.to_string(),
        "podIdentityConfiguration": identities,
    })
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::iam::managed_policy;

    #[test]
    fn every_kubernetes_version_has_exactly_one_default_of_each_addon() {
        for entry in catalog() {
            for kubernetes in supported_versions() {
                let defaults = entry.versions.iter().filter(|version| version.is_default(kubernetes)).count();
                assert_eq!(defaults, 1, "{} on {kubernetes}", entry.name);
            }
            for (_, policies) in &entry.pod_identity {
                for policy in policies {
                    assert!(managed_policy(policy).is_some(), "{}: {policy}", entry.name);
                }
            }
        }
    }

    #[test]
    fn the_schemas_use_only_what_is_checked() {
        for entry in catalog() {
            super::super::addon_schema::assert_understood(&entry.schema, &entry.name);
        }
    }
}
