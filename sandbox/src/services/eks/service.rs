//! What EKS offers.

use serde_json::json;

use super::{
    access_entry, access_policy, addon, addon_catalog, addon_update, cluster_config, cluster_create,
    cluster_delete, cluster_read, cluster_version, encryption, insight, node_group_create, node_group_delete,
    node_group_read, node_group_update, pod_identity, progress, tag, update, version,
};
use crate::services::{Item, Operation, Service, invalid_parameter, model};
use crate::world::{Tags, World};

/// The service.
pub const SERVICE: Service = Service {
    name: "eks",
    model: model!("eks"),
    operation,
    complete: progress::complete,
    refuse: invalid_parameter,
    inventory,
    raw: None,
};

fn operation(name: &str) -> Option<Operation> {
    on_clusters(name).or_else(|| on_members(name))
}

fn on_clusters(name: &str) -> Option<Operation> {
    Some(match name {
        "AssociateEncryptionConfig" => encryption::associate_encryption_config,
        "CreateCluster" => cluster_create::create_cluster,
        "DeleteCluster" => cluster_delete::delete_cluster,
        "DescribeCluster" => cluster_read::describe_cluster,
        "DescribeClusterVersions" => version::describe_cluster_versions,
        "DescribeInsight" => insight::describe_insight,
        "DescribeUpdate" => update::describe_update,
        "ListClusters" => cluster_read::list_clusters,
        "ListInsights" => insight::list_insights,
        "ListTagsForResource" => tag::list_tags_for_resource,
        "ListUpdates" => update::list_updates,
        "TagResource" => tag::tag_resource,
        "UntagResource" => tag::untag_resource,
        "UpdateClusterConfig" => cluster_config::update_cluster_config,
        "UpdateClusterVersion" => cluster_version::update_cluster_version,
        _ => return None,
    })
}

fn on_members(name: &str) -> Option<Operation> {
    Some(match name {
        "AssociateAccessPolicy" => access_policy::associate_access_policy,
        "CreateAccessEntry" => access_entry::create_access_entry,
        "CreateAddon" => addon::create_addon,
        "CreateNodegroup" => node_group_create::create_nodegroup,
        "CreatePodIdentityAssociation" => pod_identity::create,
        "DeleteAccessEntry" => access_entry::delete_access_entry,
        "DeleteAddon" => addon::delete_addon,
        "DeleteNodegroup" => node_group_delete::delete_nodegroup,
        "DeletePodIdentityAssociation" => pod_identity::delete,
        "DescribeAccessEntry" => access_entry::describe_access_entry,
        "DescribeAddon" => addon::describe_addon,
        "DescribeAddonConfiguration" => addon_catalog::describe_addon_configuration,
        "DescribeAddonVersions" => addon_catalog::describe_addon_versions,
        "DescribeNodegroup" => node_group_read::describe_nodegroup,
        "DescribePodIdentityAssociation" => pod_identity::describe,
        "DisassociateAccessPolicy" => access_policy::disassociate_access_policy,
        "ListAccessEntries" => access_entry::list_access_entries,
        "ListAccessPolicies" => access_policy::list_access_policies,
        "ListAddons" => addon::list_addons,
        "ListAssociatedAccessPolicies" => access_policy::list_associated_access_policies,
        "ListFargateProfiles" | "ListIdentityProviderConfigs" => node_group_read::list_none,
        "ListNodegroups" => node_group_read::list_nodegroups,
        "ListPodIdentityAssociations" => pod_identity::list,
        "UpdateAccessEntry" => access_entry::update_access_entry,
        "UpdateAddon" => addon_update::update_addon,
        "UpdateNodegroupConfig" => node_group_update::update_nodegroup_config,
        "UpdateNodegroupVersion" => node_group_update::update_nodegroup_version,
        "UpdatePodIdentityAssociation" => pod_identity::update,
        _ => return None,
    })
}

fn inventory(world: &World, account: &str, region: &str) -> Vec<Item> {
    let Some(state) = world.region(account, region).map(|region| &region.eks) else { return Vec::new() };
    let mut items = Vec::new();
    let mut add = |kind: &str, local: String, id: &str, tags: &Tags, detail| {
        let arn = format!("arn:aws:eks:{region}:{account}:{local}");
        items.push(Item { arn, kind: format!("eks:{kind}"), id: id.to_owned(), tags: tags.clone(), detail });
    };
    for (name, row) in state.clusters.iter() {
        let detail = json!({ "status": row.phase.name(), "version": row.version, "vpc": row.network.vpc });
        add("cluster", format!("cluster/{name}"), name, &row.tags, detail);
    }
    for (key, row) in state.node_groups.iter() {
        let detail = json!({ "status": row.phase.name(), "version": row.version, "scaling": row.scaling });
        add("nodegroup", format!("nodegroup/{key}/{}", row.id), key, &row.tags, detail);
    }
    for (key, row) in state.addons.iter() {
        let detail = json!({ "status": row.phase.name(), "version": row.version });
        add("addon", format!("addon/{key}/{}", row.id), key, &row.tags, detail);
    }
    for (key, row) in state.access_entries.iter() {
        let cluster = key.split('/').next().unwrap_or_default();
        let local = row.principal.splitn(6, ':').nth(5).unwrap_or_default();
        let (kind, path) = local.split_once('/').unwrap_or((local, ""));
        let name = path.rsplit('/').next().unwrap_or(path);
        let local = format!("access-entry/{cluster}/{kind}/{account}/{name}/{}", row.id);
        add("access-entry", local, key, &row.tags, json!({ "type": row.kind }));
    }
    for (key, row) in state.pod_identities.iter() {
        let detail =
            json!({ "namespace": row.namespace, "service_account": row.service_account, "role": row.role });
        add("podidentityassociation", format!("podidentityassociation/{key}"), key, &row.tags, detail);
    }
    items
}
