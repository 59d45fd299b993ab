//! What a client that is not platctl's finds in an account.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_sdk_ec2::types::NatGatewayState;
use aws_sdk_iam::types::PolicyScopeType;
use aws_sdk_kms::types::KeyState;

/// All of the kinds that an environment consists of, as `kind id`; without what only waits for its end.
pub(crate) async fn listing(config: &SdkConfig) -> BTreeSet<String> {
    let mut found = network(config).await;
    found.append(&mut cluster(config).await);
    found.append(&mut account(config).await);
    found
}

fn put<T>(found: &mut BTreeSet<String>, kind: &str, items: Option<Vec<T>>, id: impl Fn(T) -> Option<String>) {
    found.extend(items.unwrap_or_default().into_iter().filter_map(id).map(|id| format!("{kind} {id}")));
}

async fn network(config: &SdkConfig) -> BTreeSet<String> {
    let ec2 = aws_sdk_ec2::Client::new(config);
    let mut found = BTreeSet::new();
    let vpcs = ec2.describe_vpcs().send().await.unwrap().vpcs;
    put(&mut found, "VPC", vpcs, |vpc| vpc.vpc_id);
    let subnets = ec2.describe_subnets().send().await.unwrap().subnets;
    put(&mut found, "subnet", subnets, |subnet| subnet.subnet_id);
    let gateways = ec2.describe_internet_gateways().send().await.unwrap().internet_gateways;
    put(&mut found, "internet gateway", gateways, |gateway| gateway.internet_gateway_id);
    let gateways = ec2.describe_nat_gateways().send().await.unwrap().nat_gateways;
    put(&mut found, "NAT gateway", gateways, |gateway| {
        gateway.nat_gateway_id.filter(|_| gateway.state != Some(NatGatewayState::Deleted))
    });
    let addresses = ec2.describe_addresses().send().await.unwrap().addresses;
    put(&mut found, "address", addresses, |address| address.allocation_id);
    let tables = ec2.describe_route_tables().send().await.unwrap().route_tables;
    put(&mut found, "route table", tables, |table| table.route_table_id);
    let groups = ec2.describe_security_groups().send().await.unwrap().security_groups;
    put(&mut found, "security group", groups, |group| group.group_id);
    let endpoints = ec2.describe_vpc_endpoints().send().await.unwrap().vpc_endpoints;
    put(&mut found, "VPC endpoint", endpoints, |endpoint| {
        let state = endpoint.state?.as_str().to_lowercase();
        endpoint.vpc_endpoint_id.filter(|_| state != "deleted")
    });
    let templates = ec2.describe_launch_templates().send().await.unwrap().launch_templates;
    put(&mut found, "launch template", templates, |template| template.launch_template_id);
    let logs = ec2.describe_flow_logs().send().await.unwrap().flow_logs;
    put(&mut found, "flow log", logs, |log| log.flow_log_id);
    found
}

async fn cluster(config: &SdkConfig) -> BTreeSet<String> {
    let eks = aws_sdk_eks::Client::new(config);
    let mut found = BTreeSet::new();
    let clusters = eks.list_clusters().send().await.unwrap().clusters;
    for name in clusters.iter().flatten() {
        let groups = eks.list_nodegroups().cluster_name(name).send().await.unwrap().nodegroups;
        put(&mut found, "node group", groups, Some);
    }
    put(&mut found, "cluster", clusters, Some);
    let repositories = aws_sdk_ecr::Client::new(config).describe_repositories().send().await.unwrap();
    put(&mut found, "repository", repositories.repositories, |repository| repository.repository_name);
    found
}

async fn account(config: &SdkConfig) -> BTreeSet<String> {
    let (iam, kms) = (aws_sdk_iam::Client::new(config), aws_sdk_kms::Client::new(config));
    let mut found = BTreeSet::new();
    let roles = iam.list_roles().send().await.unwrap().roles;
    put(&mut found, "role", Some(roles), |role| Some(role.role_name));
    let policies = iam.list_policies().scope(PolicyScopeType::Local).send().await.unwrap().policies;
    put(&mut found, "policy", policies, |policy| policy.arn);
    let providers = iam.list_open_id_connect_providers().send().await.unwrap();
    put(&mut found, "OIDC provider", providers.open_id_connect_provider_list, |provider| provider.arn);
    for key in kms.list_keys().send().await.unwrap().keys.unwrap_or_default() {
        let Some(id) = key.key_id else { continue };
        let key = kms.describe_key().key_id(&id).send().await.unwrap().key_metadata.unwrap();
        if key.key_state != Some(KeyState::PendingDeletion) {
            found.insert(format!("key {id}"));
        }
    }
    let aliases = kms.list_aliases().send().await.unwrap().aliases;
    put(&mut found, "alias", aliases, |alias| alias.alias_name);
    let logs = aws_sdk_cloudwatchlogs::Client::new(config).describe_log_groups().send().await.unwrap();
    put(&mut found, "log group", logs.log_groups, |group| group.log_group_name);
    let zones = aws_sdk_route53::Client::new(config).list_hosted_zones().send().await.unwrap().hosted_zones;
    put(&mut found, "hosted zone", Some(zones), |zone| Some(zone.id));
    let secrets = aws_sdk_secretsmanager::Client::new(config).list_secrets().send().await.unwrap();
    put(&mut found, "secret", secrets.secret_list, |secret| secret.name);
    found
}
