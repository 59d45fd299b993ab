//! Endpoints, flow logs, launch templates.

use aws_sdk_ec2::types::{
    FlowLogsResourceType, LaunchTemplateBlockDeviceMappingRequest, LaunchTemplateEbsBlockDeviceRequest,
    LaunchTemplateHttpTokensState, LaunchTemplateInstanceMetadataOptionsRequest,
    LaunchTemplateTagSpecificationRequest, LaunchTemplatesMonitoringRequest, LogDestinationType,
    RequestLaunchTemplateData, ResourceType, TrafficType, VolumeType, VpcEndpointType,
};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use aws_smithy_types::base64;
use platctl::model::ec2::{
    Disk, FlowLog, FlowLogDestination, LaunchTemplate, MetadataOptions, Reach, RecordedTraffic, RouteTable,
    VpcEndpoint,
};
use platctl::model::{Document, Tags};
use serde_json::json;

use super::{born, make_group, make_subnet, make_vpc, managed, sdk_tags};
use crate::law::{Case, hold};
use crate::world::{Raw, World};

const S3: &str = "com.amazonaws.eu-central-1.s3";
const DYNAMODB: &str = "com.amazonaws.eu-central-1.dynamodb";
const ECR: &str = "com.amazonaws.eu-central-1.ecr.api";

fn policy(action: &str) -> Document {
    Document::new(json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}],
    }))
}

async fn make_table(world: &mut World, name: &str) -> String {
    let address = format!("route_table.{name}");
    let spec = RouteTable {
        vpc: managed("main"),
        routes: Default::default(),
        subnets: Vec::new(),
        tags: world.tags(&address),
    };
    world.make(&address, spec).await.to_string()
}

async fn raw_endpoint(raw: &Raw, vpc: &str, service: &str, tables: &[String], tags: &Tags) -> String {
    let made = raw
        .ec2
        .create_vpc_endpoint()
        .vpc_id(vpc)
        .vpc_endpoint_type(VpcEndpointType::Gateway)
        .service_name(service)
        .set_route_table_ids(Some(tables.to_vec()))
        .policy_document(policy("*").to_text())
        .tag_specifications(born(ResourceType::VpcEndpoint, tags))
        .send()
        .await
        .unwrap();
    made.vpc_endpoint.unwrap().vpc_endpoint_id.unwrap()
}

pub(super) async fn vpc_endpoint(world: &mut World) {
    let main = make_vpc(world, "main", "10.1.0.0/16").await.to_string();
    let second = make_vpc(world, "second", "10.2.0.0/16").await.to_string();
    let a = make_table(world, "a").await;
    let b = make_table(world, "b").await;
    let subnet = make_subnet(world, "a", "eu-central-1a", "10.1.1.0/24").await.to_string();
    make_subnet(world, "b", "eu-central-1b", "10.1.2.0/24").await;
    make_group(world, "one").await;
    let group = make_group(world, "two").await.to_string();
    let gateway = VpcEndpoint {
        vpc: managed("main"),
        service: S3.to_owned(),
        reach: Reach::Gateway { route_tables: vec![managed("a"), managed("b")] },
        policy: Some(policy("*")),
        tags: world.tags("vpc_endpoint.gateway"),
    };
    let bare = VpcEndpoint { reach: Reach::Gateway { route_tables: Vec::new() }, ..gateway.clone() };
    let tags = gateway.tags.clone();
    let [first, other] = [(); 2].map(|()| tags.clone());
    let tables = [a.clone(), b];
    let gateway = Case::new("vpc_endpoint.gateway", gateway)
        .drift("route_tables", |raw, id| async move {
            let modify = raw.ec2.modify_vpc_endpoint().vpc_endpoint_id(id);
            modify.remove_route_table_ids(a).send().await.unwrap();
        })
        .drift("policy", |raw, id| async move {
            let modify = raw.ec2.modify_vpc_endpoint().vpc_endpoint_id(id);
            modify.policy_document(policy("s3:GetObject").to_text()).send().await.unwrap();
        })
        .other("vpc", |raw, _| async move { raw_endpoint(&raw, &second, S3, &[], &first).await })
        .wanting(bare)
        .other("service", |raw, _| async move { raw_endpoint(&raw, &main, DYNAMODB, &tables, &other).await })
        .tagged();

    let interface = VpcEndpoint {
        vpc: managed("main"),
        service: ECR.to_owned(),
        reach: Reach::Interface {
            subnets: vec![managed("a"), managed("b")],
            security_groups: vec![managed("one")],
            private_dns: true,
        },
        policy: Some(policy("*")),
        tags: world.tags("vpc_endpoint.interface"),
    };
    let interface = Case::new("vpc_endpoint.interface", interface)
        .drift("subnets", |raw, id| async move {
            let modify = raw.ec2.modify_vpc_endpoint().vpc_endpoint_id(id);
            modify.remove_subnet_ids(subnet).send().await.unwrap();
        })
        .drift("security_groups", |raw, id| async move {
            let modify = raw.ec2.modify_vpc_endpoint().vpc_endpoint_id(id);
            modify.add_security_group_ids(group).send().await.unwrap();
        })
        .drift("private_dns", |raw, id| async move {
            let modify = raw.ec2.modify_vpc_endpoint().vpc_endpoint_id(id);
            modify.private_dns_enabled(false).send().await.unwrap();
        })
        .tagged();
    hold(world, vec![gateway, interface]).await;
}

/// What another flow log differs in.
#[derive(Clone, Default)]
struct Other {
    vpc: Option<String>,
    traffic: Option<TrafficType>,
    group: Option<&'static str>,
    role: Option<&'static str>,
    bucket: Option<&'static str>,
    format: Option<&'static str>,
    seconds: Option<i32>,
}

const ROLE: &str = "arn:aws:iam::123456789012:role/flow-log";
const FORMAT: &str = "${version} ${srcaddr} ${dstaddr} ${action}";

async fn raw_log(raw: Raw, main: String, tags: Tags, other: Other) -> String {
    let request = raw
        .ec2
        .create_flow_logs()
        .resource_type(FlowLogsResourceType::Vpc)
        .resource_ids(other.vpc.unwrap_or(main))
        .traffic_type(other.traffic.unwrap_or(TrafficType::All))
        .log_format(other.format.unwrap_or(FORMAT))
        .max_aggregation_interval(other.seconds.unwrap_or(60))
        .tag_specifications(born(ResourceType::VpcFlowLog, &tags));
    let request = match other.bucket {
        Some(arn) => request.log_destination_type(LogDestinationType::S3).log_destination(arn),
        None => request
            .log_destination_type(LogDestinationType::CloudWatchLogs)
            .log_group_name(other.group.unwrap_or("/laws/flow"))
            .deliver_logs_permission_arn(other.role.unwrap_or(ROLE)),
    };
    let made = request.send().await.unwrap();
    assert!(made.unsuccessful().is_empty(), "{:?}", made.unsuccessful());
    made.flow_log_ids.unwrap().remove(0)
}

pub(super) async fn flow_log(world: &mut World) {
    let main = make_vpc(world, "main", "10.1.0.0/16").await.to_string();
    let second = make_vpc(world, "second", "10.2.0.0/16").await.to_string();
    let group = FlowLog {
        vpc: managed("main"),
        traffic: RecordedTraffic::All,
        destination: FlowLogDestination::LogGroup { log_group: "/laws/flow".into(), role: ROLE.into() },
        format: Some(FORMAT.to_owned()),
        aggregation_seconds: 60,
        tags: world.tags("flow_log.case"),
    };
    let bucket = FlowLog {
        destination: FlowLogDestination::Bucket { arn: "arn:aws:s3:::laws".into() },
        tags: world.tags("flow_log.bucket"),
        ..group.clone()
    };
    let (vpc, tags) = (main.clone(), group.tags.clone());
    let other = move |other: Other| {
        let (main, tags) = (vpc.clone(), tags.clone());
        // AWS refuses a second log of the same VPC to the same place, so the first one goes for it.
        move |raw: Raw, id: String| async move {
            raw.ec2.delete_flow_logs().flow_log_ids(id).send().await.unwrap();
            raw_log(raw, main, tags, other).await
        }
    };
    let case = Case::new("flow_log.case", group)
        .other("vpc", other(Other { vpc: Some(second), ..Other::default() }))
        .other("traffic", other(Other { traffic: Some(TrafficType::Reject), ..Other::default() }))
        .other("destination.log_group", other(Other { group: Some("/laws/other"), ..Other::default() }))
        .other(
            "destination.role",
            other(Other { role: Some("arn:aws:iam::123456789012:role/other"), ..Other::default() }),
        )
        .other("destination", other(Other { bucket: Some("arn:aws:s3:::laws"), ..Other::default() }))
        .other("format", other(Other { format: Some("${version} ${action}"), ..Other::default() }))
        .other("aggregation_seconds", other(Other { seconds: Some(600), ..Other::default() }))
        .tagged();
    let (main, tags) = (main, bucket.tags.clone());
    let bucket = Case::new("flow_log.bucket", bucket)
        .other("destination.arn", |raw, _| async move {
            let other = Other { bucket: Some("arn:aws:s3:::laws-other"), ..Other::default() };
            raw_log(raw, main, tags, other).await
        })
        .tagged();
    flow_log_surroundings(world).await;
    hold(world, vec![case, bucket]).await;
}

/// The log groups, roles and buckets that the logs go to: some endpoints want them to be there.
async fn flow_log_surroundings(world: &World) {
    let Raw { logs, iam, s3, .. } = &world.raw;
    for name in ["/laws/flow", "/laws/other"] {
        let _ = logs.create_log_group().log_group_name(name).send().await;
    }
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}}]});
    for name in ["flow-log", "other"] {
        let create = iam.create_role().role_name(name).assume_role_policy_document(trust.to_string());
        let _ = create.send().await;
    }
    for name in ["laws", "laws-other"] {
        let here = CreateBucketConfiguration::builder()
            .location_constraint(BucketLocationConstraint::EuCentral1)
            .build();
        let _ = s3.create_bucket().bucket(name).create_bucket_configuration(here).send().await;
    }
}

/// What somebody else's version of a template holds: the case's, but for what `other` changes.
fn data(group: &str, other: impl FnOnce(&mut Version)) -> RequestLaunchTemplateData {
    let mut version = Version {
        device: "/dev/xvda",
        size: 30,
        kind: VolumeType::Gp3,
        iops: 4000,
        throughput: 200,
        encrypted: true,
        key: "arn:aws:kms:eu-central-1:123456789012:key/1",
        tokens: LaunchTemplateHttpTokensState::Required,
        hops: 2,
        monitoring: true,
        user_data: "#!/bin/sh\n",
        group: group.to_owned(),
        tag: "one",
    };
    other(&mut version);
    version.data()
}

struct Version {
    device: &'static str,
    size: i32,
    kind: VolumeType,
    iops: i32,
    throughput: i32,
    encrypted: bool,
    key: &'static str,
    tokens: LaunchTemplateHttpTokensState,
    hops: i32,
    monitoring: bool,
    user_data: &'static str,
    group: String,
    tag: &'static str,
}

impl Version {
    fn data(self) -> RequestLaunchTemplateData {
        let volume = LaunchTemplateEbsBlockDeviceRequest::builder()
            .volume_size(self.size)
            .volume_type(self.kind)
            .iops(self.iops)
            .throughput(self.throughput)
            .encrypted(self.encrypted)
            .kms_key_id(self.key)
            .delete_on_termination(true)
            .build();
        let mapping =
            LaunchTemplateBlockDeviceMappingRequest::builder().device_name(self.device).ebs(volume).build();
        let metadata = LaunchTemplateInstanceMetadataOptionsRequest::builder()
            .http_tokens(self.tokens)
            .http_put_response_hop_limit(self.hops)
            .build();
        let tags: Tags = [("born-by".to_owned(), self.tag.to_owned())].into();
        let tags =
            [ResourceType::Instance, ResourceType::Volume, ResourceType::NetworkInterface].map(|kind| {
                let tags = Some(sdk_tags(&tags));
                LaunchTemplateTagSpecificationRequest::builder().resource_type(kind).set_tags(tags).build()
            });
        RequestLaunchTemplateData::builder()
            .block_device_mappings(mapping)
            .metadata_options(metadata)
            .monitoring(LaunchTemplatesMonitoringRequest::builder().enabled(self.monitoring).build())
            .user_data(base64::encode(self.user_data))
            .security_group_ids(self.group)
            .set_tag_specifications(Some(tags.to_vec()))
            .build()
    }
}

/// Makes a version and makes it the default.
async fn put_version(raw: Raw, id: String, data: RequestLaunchTemplateData) {
    let create = raw.ec2.create_launch_template_version().launch_template_id(&id);
    let made = create.launch_template_data(data).send().await.unwrap();
    let number = made.launch_template_version.unwrap().version_number.unwrap();
    let modify = raw.ec2.modify_launch_template().launch_template_id(id);
    modify.default_version(number.to_string()).send().await.unwrap();
}

pub(super) async fn launch_template(world: &mut World) {
    make_vpc(world, "main", "10.1.0.0/16").await;
    let nodes = make_group(world, "nodes").await.to_string();
    let stranger = make_group(world, "stranger").await.to_string();
    let spec = LaunchTemplate {
        name: "laws-case".to_owned(),
        disk: Some(Disk {
            device: "/dev/xvda".to_owned(),
            size_gib: 30,
            volume_type: "gp3".to_owned(),
            iops: Some(4000),
            throughput: Some(200),
            encrypted: true,
            kms_key: Some("arn:aws:kms:eu-central-1:123456789012:key/1".into()),
        }),
        security_groups: vec![managed("nodes")],
        metadata: MetadataOptions { tokens_required: true, hop_limit: 2 },
        detailed_monitoring: true,
        user_data: "#!/bin/sh\n".to_owned(),
        instance_tags: [("born-by".to_owned(), "one".to_owned())].into(),
        tags: world.tags("launch_template.case"),
    };
    let tags = spec.tags.clone();
    let twin = nodes.clone();
    let mut case = Case::new("launch_template.case", spec).tagged().other("name", |raw, _| async move {
        let create = raw.ec2.create_launch_template().launch_template_name("laws-other");
        let create = create.tag_specifications(born(ResourceType::LaunchTemplate, &tags));
        let made = create.launch_template_data(data(&twin, |_| {})).send().await.unwrap();
        made.launch_template.unwrap().launch_template_id.unwrap()
    });
    type Edit = fn(&mut Version);
    let edits: [(&str, Edit); 12] = [
        ("disk.device", |v| v.device = "/dev/sda1"),
        ("disk.size_gib", |v| v.size = 31),
        ("disk.volume_type", |v| v.kind = VolumeType::Io2),
        ("disk.iops", |v| v.iops = 5000),
        ("disk.throughput", |v| v.throughput = 250),
        ("disk.encrypted", |v| v.encrypted = false),
        ("disk.kms_key", |v| v.key = "arn:aws:kms:eu-central-1:123456789012:key/2"),
        ("metadata.tokens_required", |v| v.tokens = LaunchTemplateHttpTokensState::Optional),
        ("metadata.hop_limit", |v| v.hops = 1),
        ("detailed_monitoring", |v| v.monitoring = false),
        ("user_data", |v| v.user_data = "#!/bin/false\n"),
        ("instance_tags.born-by", |v| v.tag = "another"),
    ];
    for (field, edit) in edits {
        let group = nodes.clone();
        case = case.drift(field, move |raw, id| put_version(raw, id, data(&group, edit)));
    }
    let case = case.drift("security_groups", move |raw, id| put_version(raw, id, data(&stranger, |_| {})));
    hold(world, vec![case]).await;
}
