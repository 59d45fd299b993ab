//! Access entries and pod identity associations.

use std::collections::BTreeMap;

use aws_sdk_eks::types::{AccessScope as RawScope, AccessScopeType};
use platctl::model::eks::{AccessEntry, AccessEntryType, AccessScope, PodIdentityAssociation};
use platctl::model::{Attribute, Tags};

use super::{halves, make_cluster, surroundings};
use crate::ec2::managed;
use crate::iam::make_role;
use crate::law::{Case, hold};
use crate::world::{Raw, World};

const ADMIN: &str = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
const VIEW: &str = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
const EDIT: &str = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy";
const PODS: &str = "pods.eks.amazonaws.com";

fn in_namespaces(names: &[&str]) -> RawScope {
    let scope = RawScope::builder().r#type(AccessScopeType::Namespace);
    scope.set_namespaces(Some(names.iter().map(|name| (*name).to_owned()).collect())).build()
}

fn everywhere() -> RawScope {
    RawScope::builder().r#type(AccessScopeType::Cluster).build()
}

async fn associate(raw: &Raw, id: &str, policy: &str, scope: RawScope) {
    let (cluster, principal) = halves(id);
    let call = raw.eks.associate_access_policy().cluster_name(cluster).principal_arn(principal);
    call.policy_arn(policy).access_scope(scope).send().await.unwrap();
}

/// Somebody else's entry: the case's, but for its cluster, principal or type.
async fn raw_entry(raw: &Raw, id: &str, sort: &str, tags: Tags) -> String {
    let (cluster, principal) = halves(id);
    let create = raw.eks.create_access_entry().cluster_name(cluster).principal_arn(principal).r#type(sort);
    let create = create.set_tags(Some(tags.into_iter().collect()));
    if sort != "STANDARD" {
        create.send().await.unwrap();
        return id.to_owned();
    }
    let create = create.username("laws").kubernetes_groups("readers").kubernetes_groups("writers");
    create.send().await.unwrap();
    associate(raw, id, ADMIN, everywhere()).await;
    associate(raw, id, VIEW, in_namespaces(&["one", "two"])).await;
    id.to_owned()
}

async fn entry_arn(raw: Raw, id: String) -> String {
    let (cluster, principal) = halves(&id);
    let described = raw.eks.describe_access_entry().cluster_name(cluster).principal_arn(principal).send();
    described.await.unwrap().access_entry.unwrap().access_entry_arn.unwrap()
}

pub(super) async fn access_entry(world: &mut World) {
    surroundings(world).await;
    for name in ["admin", "other", "nodes"] {
        make_role(world, name, "ec2.amazonaws.com", &[]).await;
    }
    make_cluster(world, "main").await;
    make_cluster(world, "second").await;
    let role =
        |address: &str| world.known.attribute(&address.parse().unwrap(), Attribute::Arn).unwrap().to_owned();
    let spec = AccessEntry {
        cluster: managed("main"),
        principal: managed("admin"),
        entry_type: AccessEntryType::Standard,
        groups: ["readers".to_owned(), "writers".to_owned()].into(),
        username: Some("laws".to_owned()),
        policies: BTreeMap::from([
            (ADMIN.to_owned(), AccessScope::Cluster),
            (VIEW.to_owned(), AccessScope::Namespaces(["one".to_owned(), "two".to_owned()].into())),
        ]),
        tags: world.tags("access_entry.case"),
    };
    let elsewhere = format!("laws-second/{}", role("role.admin"));
    let other = format!("laws-main/{}", role("role.other"));
    let [one, two, three] = [(); 3].map(|()| spec.tags.clone());
    let bare =
        AccessEntry { groups: Default::default(), username: None, policies: BTreeMap::new(), ..spec.clone() };
    let case = Case::new("access_entry.case", spec)
        .drift("groups", |raw, id| async move {
            let (cluster, principal) = halves(&id);
            let update = raw.eks.update_access_entry().cluster_name(cluster).principal_arn(principal);
            update.kubernetes_groups("masters").username("laws").send().await.unwrap();
        })
        .drift("username", |raw, id| async move {
            let (cluster, principal) = halves(&id);
            let update = raw.eks.update_access_entry().cluster_name(cluster).principal_arn(principal);
            update.username("another").send().await.unwrap();
        })
        .drift(&format!("policies.{ADMIN}"), |raw, id| async move {
            let (cluster, principal) = halves(&id);
            let take = raw.eks.disassociate_access_policy().cluster_name(cluster).principal_arn(principal);
            take.policy_arn(ADMIN).send().await.unwrap();
        })
        .drift(&format!("policies.{VIEW}"), |raw, id| async move {
            associate(&raw, &id, VIEW, in_namespaces(&["one"])).await;
        })
        .drift(&format!("policies.{EDIT}"), |raw, id| async move {
            associate(&raw, &id, EDIT, everywhere()).await;
        })
        .tagged_by_arn(entry_arn)
        .other("cluster", |raw, _| async move { raw_entry(&raw, &elsewhere, "STANDARD", one).await })
        .other("principal", |raw, _| async move { raw_entry(&raw, &other, "STANDARD", two).await })
        .other("entry_type", |raw, id| async move {
            let (cluster, principal) = halves(&id);
            let delete = raw.eks.delete_access_entry().cluster_name(cluster).principal_arn(principal);
            delete.send().await.unwrap();
            raw_entry(&raw, &id, "EC2_LINUX", three).await
        })
        .wanting(bare);
    let nodes = AccessEntry {
        cluster: managed("main"),
        principal: managed("nodes"),
        entry_type: AccessEntryType::Ec2Linux,
        groups: Default::default(),
        username: None,
        policies: BTreeMap::new(),
        tags: world.tags("access_entry.nodes"),
    };
    hold(world, vec![case, Case::new("access_entry.nodes", nodes)]).await;
}

async fn raw_association(
    raw: &Raw,
    cluster: &str,
    [namespace, account]: [&str; 2],
    role: &str,
    tags: Tags,
) -> String {
    let create = raw.eks.create_pod_identity_association().cluster_name(cluster).namespace(namespace);
    let create = create.service_account(account).role_arn(role);
    let made = create.set_tags(Some(tags.into_iter().collect())).send().await.unwrap();
    format!("{cluster}/{}", made.association.unwrap().association_id.unwrap())
}

async fn association_arn(raw: Raw, id: String) -> String {
    let (cluster, association) = halves(&id);
    let describe = raw.eks.describe_pod_identity_association().cluster_name(cluster);
    let described = describe.association_id(association).send().await.unwrap();
    described.association.unwrap().association_arn.unwrap()
}

pub(super) async fn pod_identity_association(world: &mut World) {
    surroundings(world).await;
    make_role(world, "one", PODS, &[]).await;
    make_role(world, "two", PODS, &[]).await;
    make_cluster(world, "main").await;
    make_cluster(world, "second").await;
    let role =
        |address: &str| world.known.attribute(&address.parse().unwrap(), Attribute::Arn).unwrap().to_owned();
    let (first, second) = (role("role.one"), role("role.two"));
    let spec = PodIdentityAssociation {
        cluster: managed("main"),
        namespace: "web".to_owned(),
        service_account: "app".to_owned(),
        role: managed("one"),
        tags: world.tags("pod_identity_association.case"),
    };
    let [t1, t2, t3] = [(); 3].map(|()| spec.tags.clone());
    let [r1, r2, r3] = [(); 3].map(|()| first.clone());
    let case = Case::new("pod_identity_association.case", spec)
        .drift("role", |raw, id| async move {
            let (cluster, association) = halves(&id);
            let update = raw.eks.update_pod_identity_association().cluster_name(cluster);
            update.association_id(association).role_arn(second).send().await.unwrap();
        })
        .tagged_by_arn(association_arn)
        .other("cluster", |raw, _| async move {
            raw_association(&raw, "laws-second", ["web", "app"], &r1, t1).await
        })
        .other("namespace", |raw, _| async move {
            raw_association(&raw, "laws-main", ["other", "app"], &r2, t2).await
        })
        .other("service_account", |raw, _| async move {
            raw_association(&raw, "laws-main", ["web", "other"], &r3, t3).await
        });
    hold(world, vec![case]).await;
}
