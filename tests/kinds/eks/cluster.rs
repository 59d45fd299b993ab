//! Clusters.

use std::collections::BTreeSet;

use aws_sdk_eks::types::{
    AuthenticationMode as Mode, CreateAccessConfigRequest, EncryptionConfig, KubernetesNetworkConfigRequest,
    LogSetup, LogType, Logging, Provider, SupportType, UpgradePolicyRequest, VpcConfigRequest,
};
use platctl::model::eks::{Cluster, ControlPlaneLog, IpFamily, Support};
use platctl::model::{Attribute, Tags};

use super::{OF_CLUSTER, plain_cluster, surroundings, until_gone};
use crate::ec2::{make_group, make_subnet, managed};
use crate::iam::make_role;
use crate::kms::make_key;
use crate::law::{Case, hold};
use crate::world::{Raw, World};

/// Somebody else's cluster: the case's, but for what is changed in this.
#[derive(Clone)]
struct Other {
    name: &'static str,
    version: &'static str,
    role: String,
    subnets: Vec<String>,
    group: String,
    key: Option<String>,
    mode: Mode,
    services: &'static str,
    tags: Tags,
}

impl Other {
    async fn create(self, raw: &Raw) -> String {
        let network =
            VpcConfigRequest::builder().set_subnet_ids(Some(self.subnets)).security_group_ids(self.group);
        let network = network.endpoint_private_access(true).endpoint_public_access(true);
        let access = CreateAccessConfigRequest::builder().authentication_mode(self.mode);
        let addresses = KubernetesNetworkConfigRequest::builder().service_ipv4_cidr(self.services).build();
        let create = raw
            .eks
            .create_cluster()
            .name(self.name)
            .version(self.version)
            .role_arn(self.role)
            .resources_vpc_config(network.public_access_cidrs("203.0.113.0/24").build())
            .access_config(access.bootstrap_cluster_creator_admin_permissions(false).build())
            .kubernetes_network_config(addresses)
            .logging(logging(&[LogType::Api, LogType::Audit]))
            .upgrade_policy(UpgradePolicyRequest::builder().support_type(SupportType::Standard).build())
            .bootstrap_self_managed_addons(false)
            .set_encryption_config(self.key.map(|key| vec![encryption(&key)]))
            .set_tags(Some(self.tags.into_iter().collect()));
        create.send().await.unwrap();
        self.name.to_owned()
    }

    /// In the place of the case's.
    async fn instead(self, raw: &Raw) -> String {
        raw.eks.delete_cluster().name(self.name).send().await.unwrap();
        until_gone(|| async { raw.eks.describe_cluster().name(self.name).send().await.is_ok() }).await;
        self.create(raw).await
    }
}

#[expect(deprecated, reason = "clusters before 1.28 want what is to be encrypted to be named")]
fn encryption(key: &str) -> EncryptionConfig {
    let provider = Provider::builder().key_arn(key).build();
    EncryptionConfig::builder().resources("secrets").provider(provider).build()
}

fn logging(types: &[LogType]) -> Logging {
    let setup = LogSetup::builder().enabled(true).set_types(Some(types.to_vec())).build();
    Logging::builder().cluster_logging(setup).build()
}

async fn set_network(raw: &Raw, id: &str, network: VpcConfigRequest) {
    let update = raw.eks.update_cluster_config().name(id).resources_vpc_config(network);
    update.send().await.unwrap();
}

async fn arn(raw: Raw, id: String) -> String {
    raw.eks.describe_cluster().name(id).send().await.unwrap().cluster.unwrap().arn.unwrap()
}

pub(super) async fn cluster(world: &mut World) {
    surroundings(world).await;
    make_subnet(world, "c", "eu-central-1c", "10.1.3.0/24").await;
    make_group(world, "another").await;
    make_role(world, "another", "eks.amazonaws.com", OF_CLUSTER).await;
    make_key(world, "cluster").await;
    make_key(world, "another").await;
    let id = |address: &str| world.known.id(&address.parse().unwrap()).unwrap().to_string();
    let arn_of =
        |address: &str| world.known.attribute(&address.parse().unwrap(), Attribute::Arn).unwrap().to_owned();
    let spec = Cluster {
        public_ranges: ["203.0.113.0/24".parse().unwrap()].into(),
        logging: BTreeSet::from([ControlPlaneLog::Api, ControlPlaneLog::Audit]),
        encryption_key: Some(managed("cluster")),
        support: Support::Standard,
        service_range: Some("172.20.0.0/16".parse().unwrap()),
        ..plain_cluster(world, "case")
    };
    let twin = Other {
        name: "laws-case",
        version: "1.34",
        role: arn_of("role.cluster"),
        subnets: vec![id("subnet.a"), id("subnet.b")],
        group: id("security_group.cluster"),
        key: Some(arn_of("key.cluster")),
        mode: Mode::Api,
        services: "172.20.0.0/16",
        tags: spec.tags.clone(),
    };
    let with = |edit: fn(&mut Other)| {
        let mut other = twin.clone();
        edit(&mut other);
        other
    };
    let roles = Other { role: arn_of("role.another"), ..twin.clone() };
    let keys = Other { key: Some(arn_of("key.another")), ..twin.clone() };
    let same = twin.clone();
    let [older, named, keyless, mapped, ranged] = [
        with(|other| other.version = "1.32"),
        with(|other| other.name = "laws-other"),
        with(|other| other.key = None),
        with(|other| other.mode = Mode::ConfigMap),
        with(|other| other.services = "10.100.0.0/16"),
    ];
    let ipv6 = Cluster { ip_family: IpFamily::Ipv6, ..spec.clone() };
    let case = updates(
        Case::new("cluster.case", spec),
        id("subnet.a"),
        id("subnet.c"),
        id("security_group.another"),
    )
    // One minor at a time: two rounds.
    .drift("version", |raw, _| async move { drop(older.instead(&raw).await) })
    .drift("encryption_key", |raw, _| async move { drop(keyless.instead(&raw).await) })
    // By way of both modes: two rounds.
    .drift("authentication", |raw, _| async move { drop(mapped.instead(&raw).await) })
    .other("encryption_key", |raw, _| async move { keys.instead(&raw).await })
    .other("name", |raw, _| async move { named.create(&raw).await })
    .other("role", |raw, _| async move { roles.instead(&raw).await })
    .other("service_range", |raw, _| async move { ranged.instead(&raw).await })
    .other("ip_family", |raw, _| async move { same.instead(&raw).await })
    // The other way round: what is seen is IPv4, which is all that emulators have.
    .wanting(ipv6)
    .excused("creator_is_admin", "no policy: it counts at birth only")
    .excused("bootstrap_addons", "no policy: EKS does not tell afterwards")
    .excused("log_group", "no policy: for the order only");
    hold(world, vec![case]).await;
}

/// What UpdateClusterConfig and its kin change.
fn updates(case: Case, subnet: String, third: String, group: String) -> Case {
    case.drift("subnets", |raw, id| async move {
        let network = VpcConfigRequest::builder().subnet_ids(subnet).subnet_ids(third).build();
        set_network(&raw, &id, network).await;
    })
    .drift("security_groups", |raw, id| async move {
        let network = VpcConfigRequest::builder().security_group_ids(group).build();
        set_network(&raw, &id, network).await;
    })
    .drift("private_endpoint", |raw, id| async move {
        set_network(&raw, &id, VpcConfigRequest::builder().endpoint_private_access(false).build()).await;
    })
    .drift("public_endpoint", |raw, id| async move {
        set_network(&raw, &id, VpcConfigRequest::builder().endpoint_public_access(false).build()).await;
    })
    .drift("public_ranges", |raw, id| async move {
        set_network(&raw, &id, VpcConfigRequest::builder().public_access_cidrs("0.0.0.0/0").build()).await;
    })
    .drift("logging", |raw, id| async move {
        let update = raw.eks.update_cluster_config().name(id).logging(logging(&[LogType::Scheduler]));
        update.send().await.unwrap();
    })
    .drift("support", |raw, id| async move {
        let extended = UpgradePolicyRequest::builder().support_type(SupportType::Extended).build();
        raw.eks.update_cluster_config().name(id).upgrade_policy(extended).send().await.unwrap();
    })
    .drift("deletion_protection", |raw, id| async move {
        raw.eks.update_cluster_config().name(id).deletion_protection(true).send().await.unwrap();
    })
    .tagged_by_arn(arn)
}
