//! Node groups.

use aws_sdk_eks::types::{
    AmiTypes, CapacityTypes, LaunchTemplateSpecification, NodegroupScalingConfig, NodegroupUpdateConfig,
    Taint as RawTaint, TaintEffect as RawEffect, UpdateLabelsPayload, UpdateTaintsPayload,
};
use platctl::model::ec2::LaunchTemplate;
use platctl::model::eks::{Capacity, NodeGroup, NodeTemplate, Taint, TaintEffect, Unavailable};
use platctl::model::{Attribute, Tags};

use super::{OF_NODES, halves, make_cluster, surroundings, until_gone};
use crate::ec2::managed;
use crate::iam::make_role;
use crate::law::{Case, hold};
use crate::world::{Raw, World};

const RELEASE: &str = "1.34.1-20260115";

/// Somebody else's node group: the case's, but for what is changed in this.
#[derive(Clone)]
struct Other {
    cluster: &'static str,
    name: &'static str,
    role: String,
    subnets: Vec<String>,
    instance_type: Option<&'static str>,
    capacity: CapacityTypes,
    ami_type: AmiTypes,
    disk: Option<i32>,
    version: Option<&'static str>,
    release: Option<&'static str>,
    template: Option<(String, &'static str)>,
    tags: Tags,
}

impl Other {
    async fn create(self, raw: &Raw) -> String {
        let sizes = NodegroupScalingConfig::builder().min_size(1).max_size(4).desired_size(2).build();
        let web = RawTaint::builder().key("web").value("yes").effect(RawEffect::NoSchedule).build();
        let slow = RawTaint::builder().key("slow").value("").effect(RawEffect::PreferNoSchedule).build();
        let create = raw
            .eks
            .create_nodegroup()
            .cluster_name(self.cluster)
            .nodegroup_name(self.name)
            .node_role(self.role)
            .set_subnets(Some(self.subnets))
            .set_instance_types(self.instance_type.map(|kind| vec![kind.to_owned()]))
            .capacity_type(self.capacity)
            .ami_type(self.ami_type)
            .set_disk_size(self.disk)
            .set_version(self.version.map(str::to_owned))
            .set_release_version(self.release.map(str::to_owned))
            .set_launch_template(self.template.map(|(id, version)| template(&id, version)))
            .scaling_config(sizes)
            .labels("tier", "web")
            .taints(web)
            .taints(slow)
            .update_config(NodegroupUpdateConfig::builder().max_unavailable(1).build())
            .set_tags(Some(self.tags.into_iter().collect()));
        create.send().await.unwrap();
        format!("{}/{}", self.cluster, self.name)
    }

    /// In the place of the case's.
    async fn instead(self, raw: &Raw) -> String {
        let Self { cluster, name, .. } = self;
        raw.eks.delete_nodegroup().cluster_name(cluster).nodegroup_name(name).send().await.unwrap();
        let describe = || raw.eks.describe_nodegroup().cluster_name(cluster).nodegroup_name(name).send();
        until_gone(|| async { describe().await.is_ok() }).await;
        self.create(raw).await
    }
}

fn template(id: &str, version: &str) -> LaunchTemplateSpecification {
    LaunchTemplateSpecification::builder().id(id).version(version).build()
}

async fn set_sizes(raw: &Raw, id: &str, [min, max, desired]: [i32; 3]) {
    let (cluster, name) = halves(id);
    let sizes = NodegroupScalingConfig::builder().min_size(min).max_size(max).desired_size(desired).build();
    let update = raw.eks.update_nodegroup_config().cluster_name(cluster).nodegroup_name(name);
    update.scaling_config(sizes).send().await.unwrap();
}

async fn arn(raw: Raw, id: String) -> String {
    let (cluster, name) = halves(&id);
    let described = raw.eks.describe_nodegroup().cluster_name(cluster).nodegroup_name(name).send();
    described.await.unwrap().nodegroup.unwrap().nodegroup_arn.unwrap()
}

fn taint(key: &str, value: &str, effect: TaintEffect) -> Taint {
    Taint { key: key.to_owned(), value: value.to_owned(), effect }
}

/// `launch_template.NAME` with two versions, the first in force.
async fn make_template(world: &mut World, name: &str) -> String {
    let address = format!("launch_template.{name}");
    let spec = LaunchTemplate {
        name: format!("laws-{name}"),
        disk: None,
        security_groups: Vec::new(),
        metadata: Default::default(),
        detailed_monitoring: false,
        user_data: String::new(),
        instance_tags: [("born-by".to_owned(), name.to_owned())].into(),
        tags: world.tags(&address),
    };
    let id = world.make(&address, spec).await.to_string();
    let create = world.raw.ec2.create_launch_template_version().launch_template_id(&id).source_version("1");
    let data = aws_sdk_ec2::types::RequestLaunchTemplateData::builder().ebs_optimized(true).build();
    create.launch_template_data(data).send().await.unwrap();
    id
}

pub(super) async fn node_group(world: &mut World) {
    surroundings(world).await;
    make_role(world, "nodes", "ec2.amazonaws.com", OF_NODES).await;
    make_role(world, "others", "ec2.amazonaws.com", OF_NODES).await;
    make_cluster(world, "main").await;
    make_cluster(world, "second").await;
    let one = make_template(world, "one").await;
    let two = make_template(world, "two").await;
    let spec = NodeGroup {
        cluster: managed("main"),
        name: "case".to_owned(),
        role: managed("nodes"),
        subnets: vec![managed("b"), managed("a")],
        min: 1,
        max: 4,
        desired: Some(2),
        instance_types: vec!["t3.large".to_owned()],
        capacity: Capacity::OnDemand,
        ami_type: "AL2023_x86_64_STANDARD".to_owned(),
        disk_gib: Some(30),
        labels: [("tier".to_owned(), "web".to_owned())].into(),
        taints: vec![
            taint("web", "yes", TaintEffect::NoSchedule),
            taint("slow", "", TaintEffect::PreferNoSchedule),
        ],
        unavailable: Unavailable::Count(1),
        version: Some("1.34".to_owned()),
        release: None,
        template: None,
        after: Vec::new(),
        tags: world.tags("node_group.case"),
    };
    let templated = NodeGroup {
        name: "templated".to_owned(),
        disk_gib: None,
        version: None,
        release: Some(RELEASE.to_owned()),
        template: Some(NodeTemplate { template: managed("one"), version: "1".into() }),
        tags: world.tags("node_group.templated"),
        ..spec.clone()
    };
    let id = |address: &str| world.known.id(&address.parse().unwrap()).unwrap().to_string();
    let role =
        |address: &str| world.known.attribute(&address.parse().unwrap(), Attribute::Arn).unwrap().to_owned();
    let twin = Other {
        cluster: "laws-main",
        name: "case",
        role: role("role.nodes"),
        subnets: vec![id("subnet.a"), id("subnet.b")],
        instance_type: Some("t3.large"),
        capacity: CapacityTypes::OnDemand,
        ami_type: AmiTypes::Al2023X8664Standard,
        disk: Some(30),
        version: Some("1.34"),
        release: None,
        template: None,
        tags: spec.tags.clone(),
    };
    let of_template = Other {
        name: "templated",
        disk: None,
        version: None,
        release: Some(RELEASE),
        template: Some((one.clone(), "1")),
        tags: templated.tags.clone(),
        ..twin.clone()
    };
    let roles = Other { role: role("role.others"), ..twin.clone() };
    let case = births(settings(Case::new("node_group.case", spec)), twin)
        .other("role", |raw, _| async move { roles.instead(&raw).await })
        .excused("after", "no policy: for the order only");
    let templated = of_templates(Case::new("node_group.templated", templated), of_template, one, two);
    hold(world, vec![case, templated]).await;
}

/// What UpdateNodegroupConfig changes.
fn settings(case: Case) -> Case {
    case.drift("min", |raw, id| async move { set_sizes(&raw, &id, [2, 4, 2]).await })
        .drift("max", |raw, id| async move { set_sizes(&raw, &id, [1, 3, 2]).await })
        .drift("desired", |raw, id| async move { set_sizes(&raw, &id, [1, 4, 3]).await })
        .drift("labels.tier", |raw, id| async move {
            let (cluster, name) = halves(&id);
            let labels = UpdateLabelsPayload::builder().add_or_update_labels("tier", "another").build();
            let update = raw.eks.update_nodegroup_config().cluster_name(cluster).nodegroup_name(name);
            update.labels(labels).send().await.unwrap();
        })
        .drift("labels.surprise", |raw, id| async move {
            let (cluster, name) = halves(&id);
            let labels = UpdateLabelsPayload::builder().add_or_update_labels("surprise", "here").build();
            let update = raw.eks.update_nodegroup_config().cluster_name(cluster).nodegroup_name(name);
            update.labels(labels).send().await.unwrap();
        })
        .drift("taints", |raw, id| async move {
            let (cluster, name) = halves(&id);
            let web = RawTaint::builder().key("web").value("no").effect(RawEffect::NoSchedule).build();
            let more = RawTaint::builder().key("more").value("").effect(RawEffect::NoExecute).build();
            let slow = RawTaint::builder().key("slow").value("").effect(RawEffect::PreferNoSchedule).build();
            let taints = UpdateTaintsPayload::builder().add_or_update_taints(web).add_or_update_taints(more);
            let update = raw.eks.update_nodegroup_config().cluster_name(cluster).nodegroup_name(name);
            update.taints(taints.remove_taints(slow).build()).send().await.unwrap();
        })
        .drift("unavailable", |raw, id| async move {
            let (cluster, name) = halves(&id);
            let config = NodegroupUpdateConfig::builder().max_unavailable_percentage(33).build();
            let update = raw.eks.update_nodegroup_config().cluster_name(cluster).nodegroup_name(name);
            update.update_config(config).send().await.unwrap();
        })
        .tagged_by_arn(arn)
}

/// What is set at birth.
fn births(case: Case, twin: Other) -> Case {
    let with = |edit: fn(&mut Other)| {
        let mut other = twin.clone();
        edit(&mut other);
        other
    };
    let older = with(|other| other.version = Some("1.33"));
    let elsewhere = with(|other| other.cluster = "laws-second");
    let named = with(|other| other.name = "other");
    let zoned = with(|other| drop(other.subnets.pop()));
    let larger = with(|other| other.instance_type = Some("t3.xlarge"));
    let spot = with(|other| other.capacity = CapacityTypes::Spot);
    let bottled = with(|other| other.ami_type = AmiTypes::BottlerocketX8664);
    let disk = with(|other| other.disk = Some(31));
    case.drift("version", |raw, _| async move { drop(older.instead(&raw).await) })
        .other("cluster", |raw, _| async move { elsewhere.create(&raw).await })
        .other("name", |raw, _| async move { named.create(&raw).await })
        .other("subnets", |raw, _| async move { zoned.instead(&raw).await })
        .other("instance_types", |raw, _| async move { larger.instead(&raw).await })
        .other("capacity", |raw, _| async move { spot.instead(&raw).await })
        .other("ami_type", |raw, _| async move { bottled.instead(&raw).await })
        .other("disk_gib", |raw, _| async move { disk.instead(&raw).await })
}

fn of_templates(case: Case, twin: Other, one: String, two: String) -> Case {
    let older = Other { release: Some("1.34.1-20251201"), ..twin.clone() };
    let another = Other { template: Some((two, "1")), ..twin.clone() };
    let without = Other { template: None, ..twin };
    case.drift("template.version", |raw, id| async move {
        let (cluster, name) = halves(&id);
        let update = raw.eks.update_nodegroup_version().cluster_name(cluster).nodegroup_name(name);
        update.launch_template(template(&one, "2")).send().await.unwrap();
    })
    .drift("release", |raw, _| async move { drop(older.instead(&raw).await) })
    .other("template", |raw, _| async move { another.instead(&raw).await })
    .other("template", |raw, _| async move { without.instead(&raw).await })
}
