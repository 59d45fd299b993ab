//! Add-ons.

use aws_sdk_eks::types::{AddonPodIdentityAssociations, ResolveConflicts};
use platctl::model::eks::{Addon, AddonConflicts, AddonPodIdentity};
use platctl::model::{Attribute, Document, Tags};
use serde_json::json;

use super::{halves, make_cluster, surroundings};
use crate::ec2::managed;
use crate::iam::make_role;
use crate::law::{Case, hold};
use crate::world::{Raw, World};

const PODS: &str = "pods.eks.amazonaws.com";
const VERSION: &str = "v1.20.4-eksbuild.2";
const OLDER: &str = "v1.20.1-eksbuild.1";

fn settings(policies: &str) -> Document {
    Document::new(json!({"enableNetworkPolicy": policies, "env": {"WARM_IP_TARGET": "2"}}))
}

/// Somebody else's add-on: the case's, but for its cluster.
async fn raw_addon(raw: &Raw, cluster: &str, role: &str, tags: Tags) -> String {
    let name = "vpc-cni";
    let create = raw.eks.create_addon().cluster_name(cluster).addon_name(name).addon_version(VERSION);
    let identity = AddonPodIdentityAssociations::builder().service_account("aws-node").role_arn(role);
    let create = create.pod_identity_associations(identity.build().unwrap());
    let create = create.set_tags(Some(tags.into_iter().collect()));
    create.configuration_values(settings("true").to_text()).send().await.unwrap();
    format!("{cluster}/{name}")
}

async fn arn(raw: Raw, id: String) -> String {
    let (cluster, name) = halves(&id);
    let described = raw.eks.describe_addon().cluster_name(cluster).addon_name(name).send().await.unwrap();
    described.addon.unwrap().addon_arn.unwrap()
}

pub(super) async fn addon(world: &mut World) {
    surroundings(world).await;
    make_role(world, "cni", PODS, &[]).await;
    make_role(world, "other", PODS, &[]).await;
    make_cluster(world, "main").await;
    make_cluster(world, "second").await;
    let arn_of =
        |address: &str| world.known.attribute(&address.parse().unwrap(), Attribute::Arn).unwrap().to_owned();
    let (cni, other) = (arn_of("role.cni"), arn_of("role.other"));
    let spec = Addon {
        cluster: managed("main"),
        name: "vpc-cni".to_owned(),
        version: Some(VERSION.to_owned()),
        configuration: Some(settings("true")),
        conflicts: AddonConflicts::Overwrite,
        service_account_role: None,
        pod_identities: [("aws-node".to_owned(), AddonPodIdentity { role: managed("cni") })].into(),
        after: Vec::new(),
        after_nodes: Vec::new(),
        tags: world.tags("addon.case"),
    };
    let by_role = Addon {
        cluster: managed("second"),
        version: None,
        configuration: None,
        service_account_role: Some(managed("cni")),
        pod_identities: Default::default(),
        tags: world.tags("addon.by-role"),
        ..spec.clone()
    };
    let tags = spec.tags.clone();
    let taken = other.clone();
    let case = updates(Case::new("addon.case", spec), other)
        .other("cluster", |raw, _| async move { raw_addon(&raw, "laws-second", &cni, tags).await });
    let by_role = Case::new("addon.by-role", by_role)
        .drift("service_account_role", |raw, id| async move {
            let (cluster, name) = halves(&id);
            let update = raw.eks.update_addon().cluster_name(cluster).addon_name(name);
            update.service_account_role_arn(taken).send().await.unwrap();
        })
        .drift("configuration", |raw, id| async move {
            let (cluster, name) = halves(&id);
            let update = raw.eks.update_addon().cluster_name(cluster).addon_name(name);
            update.configuration_values(r#"{"env":{"WARM_IP_TARGET":"3"}}"#).send().await.unwrap();
        })
        .excused("name", "it is part of the id: one of another name is another add-on")
        .excused("conflicts", "no policy: only calls read it")
        .excused("after", "no policy: for the order only")
        .excused("after_nodes", "no policy: for the order only");
    hold(world, vec![case, by_role]).await;
}

fn updates(case: Case, other: String) -> Case {
    case.drift("version", |raw, id| async move {
        let (cluster, name) = halves(&id);
        let update = raw.eks.update_addon().cluster_name(cluster).addon_name(name).addon_version(OLDER);
        update.configuration_values(settings("true").to_text()).send().await.unwrap();
    })
    .drift("configuration", |raw, id| async move {
        let (cluster, name) = halves(&id);
        let update = raw.eks.update_addon().cluster_name(cluster).addon_name(name);
        let update = update.resolve_conflicts(ResolveConflicts::Overwrite);
        update.configuration_values(settings("false").to_text()).send().await.unwrap();
    })
    .drift("configuration", |raw, id| async move {
        let (cluster, name) = halves(&id);
        let update = raw.eks.update_addon().cluster_name(cluster).addon_name(name);
        update.configuration_values("{}").send().await.unwrap();
    })
    .drift("pod_identities.aws-node", |raw, id| async move {
        let (cluster, name) = halves(&id);
        let identity = AddonPodIdentityAssociations::builder().service_account("aws-node").role_arn(other);
        let update = raw.eks.update_addon().cluster_name(cluster).addon_name(name);
        let update = update.configuration_values(settings("true").to_text());
        update.pod_identity_associations(identity.build().unwrap()).send().await.unwrap();
    })
    .drift("pod_identities.aws-node", |raw, id| async move {
        let (cluster, name) = halves(&id);
        let update = raw.eks.update_addon().cluster_name(cluster).addon_name(name);
        let update = update.configuration_values(settings("true").to_text());
        update.set_pod_identity_associations(Some(Vec::new())).send().await.unwrap();
    })
    .tagged_by_arn(arn)
}
