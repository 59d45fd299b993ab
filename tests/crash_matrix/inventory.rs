//! What is in the world, counted by another client than platctl's: AWS's own SDK, asked for everything there is.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ec2::types::Tag;
use platctl::model::ADDRESS_TAG;
use platctl::provider::aws::http_client;

/// One line a thing.
pub(crate) fn inventory(url: &str) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(count(&config(url)))
}

fn config(url: &str) -> SdkConfig {
    let credentials = Credentials::new("AKIAINVENTORYEXAMPLE", "secret", None, None, "inventory");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client(Some(url)))
        .endpoint_url(url)
        .build()
}

async fn count(config: &SdkConfig) -> Vec<String> {
    let mut lines = Vec::new();
    Box::pin(network(config, &mut lines)).await;
    Box::pin(attached(config, &mut lines)).await;
    Box::pin(identity(config, &mut lines)).await;
    Box::pin(cluster(config, &mut lines)).await;
    Box::pin(balancers(config, &mut lines)).await;
    Box::pin(stores(config, &mut lines)).await;
    Box::pin(names(config, &mut lines)).await;
    lines
}

fn address(tags: &[Tag]) -> &str {
    tags.iter().find(|tag| tag.key() == Some(ADDRESS_TAG)).and_then(Tag::value).unwrap_or("-")
}

async fn network(config: &SdkConfig, lines: &mut Vec<String>) {
    let ec2 = aws_sdk_ec2::Client::new(config);
    for vpc in ec2.describe_vpcs().send().await.unwrap().vpcs() {
        lines.push(format!("vpc {} {:?}", address(vpc.tags()), vpc.cidr_block()));
    }
    for subnet in ec2.describe_subnets().send().await.unwrap().subnets() {
        lines.push(format!("subnet {} {:?}", address(subnet.tags()), subnet.cidr_block()));
    }
    for gateway in ec2.describe_internet_gateways().send().await.unwrap().internet_gateways() {
        let attached = gateway.attachments().len();
        lines.push(format!("internet gateway {} attached {attached}", address(gateway.tags())));
    }
    for allocation in ec2.describe_addresses().send().await.unwrap().addresses() {
        lines.push(format!("address {}", address(allocation.tags())));
    }
    for gateway in ec2.describe_nat_gateways().send().await.unwrap().nat_gateways() {
        let state = gateway.state().unwrap().as_str();
        // One that is gone is shown for an hour.
        if state != "deleted" {
            lines.push(format!("nat gateway {} {state}", address(gateway.tags())));
        }
    }
    for table in ec2.describe_route_tables().send().await.unwrap().route_tables() {
        let (routes, associations) = (table.routes().len(), table.associations().len());
        lines.push(format!("route table {} {routes} {associations}", address(table.tags())));
    }
    for group in ec2.describe_security_groups().send().await.unwrap().security_groups() {
        let (into, out) = (group.ip_permissions().len(), group.ip_permissions_egress().len());
        lines.push(match address(group.tags()) {
            // What the controllers of load balancers let through follows the pods.
            "-" => "security group".to_owned(),
            ours => format!("security group {ours} {into} {out}"),
        });
    }
}

async fn attached(config: &SdkConfig, lines: &mut Vec<String>) {
    let ec2 = aws_sdk_ec2::Client::new(config);
    for endpoint in ec2.describe_vpc_endpoints().send().await.unwrap().vpc_endpoints() {
        lines.push(format!("vpc endpoint {} {:?}", address(endpoint.tags()), endpoint.service_name()));
    }
    for log in ec2.describe_flow_logs().send().await.unwrap().flow_logs() {
        lines.push(format!("flow log {}", address(log.tags())));
    }
    for template in ec2.describe_launch_templates().send().await.unwrap().launch_templates() {
        lines.push(format!("launch template {}", address(template.tags())));
    }
    for interface in ec2.describe_network_interfaces().send().await.unwrap().network_interfaces() {
        lines.push(format!("interface {:?}", interface.interface_type()));
    }
    for volume in ec2.describe_volumes().send().await.unwrap().volumes() {
        lines.push(format!("volume {}", address(volume.tags())));
    }
    for reservation in ec2.describe_instances().send().await.unwrap().reservations() {
        for instance in reservation.instances() {
            let state = instance.state().and_then(|state| state.name()).unwrap().as_str();
            if state != "terminated" {
                lines.push(format!("instance {state}"));
            }
        }
    }
}

async fn identity(config: &SdkConfig, lines: &mut Vec<String>) {
    let iam = aws_sdk_iam::Client::new(config);
    for role in iam.list_roles().send().await.unwrap().roles() {
        // Roles of services are the account's, and stay.
        if role.path().starts_with("/aws-service-role/") {
            continue;
        }
        let name = role.role_name();
        let attached = iam.list_attached_role_policies().role_name(name).send().await.unwrap();
        let inline = iam.list_role_policies().role_name(name).send().await.unwrap();
        let (attached, inline) = (attached.attached_policies().len(), inline.policy_names().len());
        lines.push(format!("role {name} {attached} {inline}"));
    }
    let local = aws_sdk_iam::types::PolicyScopeType::Local;
    for policy in iam.list_policies().scope(local).send().await.unwrap().policies() {
        lines.push(format!("policy {:?} {:?}", policy.policy_name(), policy.attachment_count()));
    }
    for profile in iam.list_instance_profiles().send().await.unwrap().instance_profiles() {
        // EKS makes one for each group of nodes, named by a random id.
        let name = profile.instance_profile_name();
        lines.push(format!("instance profile {}", if name.starts_with("eks-") { "eks" } else { name }));
    }
    let providers = iam.list_open_id_connect_providers().send().await.unwrap();
    lines.extend(providers.open_id_connect_provider_list().iter().map(|_| "oidc provider".to_owned()));
}

async fn cluster(config: &SdkConfig, lines: &mut Vec<String>) {
    let eks = aws_sdk_eks::Client::new(config);
    for name in eks.list_clusters().send().await.unwrap().clusters() {
        lines.push(format!("cluster {name}"));
        let groups = eks.list_nodegroups().cluster_name(name).send().await.unwrap();
        lines.extend(groups.nodegroups().iter().map(|group| format!("node group {group}")));
        let addons = eks.list_addons().cluster_name(name).send().await.unwrap();
        lines.extend(addons.addons().iter().map(|addon| format!("add-on {addon}")));
        let entries = eks.list_access_entries().cluster_name(name).send().await.unwrap();
        lines.extend(entries.access_entries().iter().map(|entry| format!("access entry {entry}")));
        let identities = eks.list_pod_identity_associations().cluster_name(name).send().await.unwrap();
        for identity in identities.associations() {
            let (space, account) = (identity.namespace(), identity.service_account());
            lines.push(format!("pod identity {space:?} {account:?}"));
        }
    }
}

/// The names of load balancers are made of what their Services are called inside.
async fn balancers(config: &SdkConfig, lines: &mut Vec<String>) {
    let balancers = aws_sdk_elasticloadbalancingv2::Client::new(config);
    for one in balancers.describe_load_balancers().send().await.unwrap().load_balancers() {
        lines.push(format!("load balancer {:?} {:?}", one.r#type(), one.scheme()));
    }
    let groups = balancers.describe_target_groups().send().await.unwrap();
    lines
        .extend(groups.target_groups().iter().map(|group| format!("target group {:?}", group.target_type())));
}

async fn stores(config: &SdkConfig, lines: &mut Vec<String>) {
    let kms = aws_sdk_kms::Client::new(config);
    for key in kms.list_keys().send().await.unwrap().keys() {
        let id = key.key_id().unwrap();
        let metadata = kms.describe_key().key_id(id).send().await.unwrap().key_metadata.unwrap();
        // One whose deletion was asked for waits for its day.
        if metadata.key_state().unwrap().as_str() != "PendingDeletion" {
            lines.push(format!("key {:?}", metadata.description()));
        }
    }
    let aliases = kms.list_aliases().send().await.unwrap();
    lines.extend(aliases.aliases().iter().map(|alias| format!("alias {:?}", alias.alias_name())));
    let logs = aws_sdk_cloudwatchlogs::Client::new(config);
    let groups = logs.describe_log_groups().send().await.unwrap();
    lines.extend(groups.log_groups().iter().map(|group| format!("log group {:?}", group.log_group_name())));
    let ecr = aws_sdk_ecr::Client::new(config);
    let repositories = ecr.describe_repositories().send().await.unwrap();
    for repository in repositories.repositories() {
        lines.push(format!("repository {:?}", repository.repository_name()));
    }
    let secrets = aws_sdk_secretsmanager::Client::new(config).list_secrets().send().await.unwrap();
    lines.extend(secrets.secret_list().iter().map(|secret| format!("secret {:?}", secret.name())));
    let parameters = aws_sdk_ssm::Client::new(config).describe_parameters().send().await.unwrap();
    lines.extend(parameters.parameters().iter().map(|one| format!("parameter {:?}", one.name())));
}

async fn names(config: &SdkConfig, lines: &mut Vec<String>) {
    let route53 = aws_sdk_route53::Client::new(config);
    for zone in route53.list_hosted_zones().send().await.unwrap().hosted_zones() {
        let id = zone.id().trim_start_matches("/hostedzone/");
        let vpcs = route53.get_hosted_zone().id(id).send().await.unwrap().vpcs().len();
        lines.push(format!("hosted zone {} {vpcs}", zone.name()));
        let records = route53.list_resource_record_sets().hosted_zone_id(id).send().await.unwrap();
        for record in records.resource_record_sets() {
            lines.push(format!("record {} {}", record.name(), record.r#type().as_str()));
        }
    }
    let buckets = aws_sdk_s3::Client::new(config).list_buckets().send().await.unwrap();
    lines.extend(buckets.buckets().iter().map(|bucket| format!("bucket {:?}", bucket.name())));
}
