//! Cases of the kinds of EKS.

mod access;
mod addon;
mod cluster;
mod node_group;

use platctl::model::eks::{AuthenticationMode, Cluster, IpFamily, Support};

use super::ec2::{make_group, make_subnet, make_vpc, managed};
use super::iam::make_role;
use super::world::{Raw, World};

laws! {
    cluster: cluster::cluster;
    node_group: node_group::node_group;
    addon: addon::addon;
    access_entry: access::access_entry;
    pod_identity_association: access::pod_identity_association;
}

const OF_CLUSTER: &[&str] = &["arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"];
const OF_NODES: &[&str] = &[
    "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
    "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
];

/// A VPC with two subnets, a security group, and the role of clusters.
async fn surroundings(world: &mut World) {
    make_vpc(world, "main", "10.1.0.0/16").await;
    make_subnet(world, "a", "eu-central-1a", "10.1.1.0/24").await;
    make_subnet(world, "b", "eu-central-1b", "10.1.2.0/24").await;
    make_group(world, "cluster").await;
    make_role(world, "cluster", "eks.amazonaws.com", OF_CLUSTER).await;
}

fn plain_cluster(world: &World, name: &str) -> Cluster {
    Cluster {
        name: format!("laws-{name}"),
        version: "1.34".to_owned(),
        role: managed("cluster"),
        subnets: vec![managed("a"), managed("b")],
        security_groups: vec![managed("cluster")],
        private_endpoint: true,
        public_endpoint: true,
        public_ranges: ["0.0.0.0/0".parse().unwrap()].into(),
        logging: Default::default(),
        encryption_key: None,
        authentication: AuthenticationMode::Api,
        creator_is_admin: false,
        bootstrap_addons: false,
        // What a cluster has of which nothing is told: ministack keeps none.
        support: Support::Extended,
        deletion_protection: false,
        service_range: None,
        ip_family: IpFamily::Ipv4,
        log_group: None,
        tags: world.tags(&format!("cluster.{name}")),
    }
}

/// `cluster.NAME` for what is part of clusters.
async fn make_cluster(world: &mut World, name: &str) {
    let spec = plain_cluster(world, name);
    world.make(&format!("cluster.{name}"), spec).await;
}

/// Tags that somebody changes by ARN.
impl super::law::Case {
    fn tagged_by_arn<F>(self, arn: fn(Raw, String) -> F) -> Self
    where
        F: std::future::Future<Output = String> + 'static,
    {
        self.drift("tags.team", move |raw, id| async move {
            let set = raw.eks.tag_resource().resource_arn(arn(raw.clone(), id).await);
            set.tags("team", "another").send().await.unwrap();
        })
        .drift("tags.surprise", move |raw, id| async move {
            let set = raw.eks.tag_resource().resource_arn(arn(raw.clone(), id).await);
            set.tags("surprise", "here").send().await.unwrap();
        })
        .drift("tags.Name", move |raw, id| async move {
            let unset = raw.eks.untag_resource().resource_arn(arn(raw.clone(), id).await);
            unset.tag_keys("Name").send().await.unwrap();
        })
    }
}

/// The two halves of the id of what is part of a cluster.
fn halves(id: &str) -> (&str, &str) {
    id.split_once('/').unwrap()
}

/// Asks until something is gone.
async fn until_gone<F: std::future::Future<Output = bool>>(is_there: impl Fn() -> F) {
    for _ in 0..100 {
        if !is_there().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it does not go");
}
