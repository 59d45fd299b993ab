//! Settings to expand, made by hand and by chance.

use std::path::Path;

use platctl::blueprint;
use platctl::config::{self, Folder, Memory, Platform, Style};
use platctl::model::{Desired, Kind, Spec};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The platform of some settings, if they pass the checks.
pub(crate) fn platform(environment: &str, settings: &Value) -> Option<Platform> {
    let text = toml::to_string(settings).expect("settings made here are tables of plain values");
    let files: Memory = [(environment, text)].into_iter().collect();
    config::load(&files, environment).ok().map(|loaded| loaded.platform)
}

/// What a file expands to.
pub(crate) fn expand(environment: &str, text: &str) -> Desired {
    let files: Memory = [(environment, text)].into_iter().collect();
    let loaded = config::load(&files, environment);
    let loaded = loaded.unwrap_or_else(|findings| panic!("{}", findings.render(Style::Plain)));
    blueprint::expand(&loaded.platform)
}

/// What an environment of this repository expands to.
pub(crate) fn expand_repository(environment: &str) -> Desired {
    let folder = Folder::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("environments"));
    let loaded = config::load(&folder, environment);
    let loaded = loaded.unwrap_or_else(|findings| panic!("{}", findings.render(Style::Plain)));
    blueprint::expand(&loaded.platform)
}

/// The names that AWS keeps per account and region: two resources with one of them would be one and the same.
pub(crate) fn account_names(desired: &Desired) -> Vec<(Kind, String)> {
    let name = |spec: &Spec| match spec {
        Spec::Role(role) => Some(role.name.clone()),
        Spec::Policy(policy) => Some(policy.name.clone()),
        Spec::Key(key) => key.alias.clone(),
        Spec::LogGroup(group) => Some(group.name.clone()),
        Spec::Cluster(cluster) => Some(cluster.name.clone()),
        Spec::LaunchTemplate(template) => Some(template.name.clone()),
        Spec::Repository(repository) => Some(repository.name.clone()),
        Spec::Secret(secret) => Some(secret.name.clone()),
        Spec::Parameter(parameter) => Some(parameter.name.clone()),
        Spec::Bucket(bucket) => Some(bucket.name.clone()),
        Spec::InstanceProfile(profile) => Some(profile.name.clone()),
        _ => None,
    };
    desired.resources.values().filter_map(|spec| Some((spec.kind(), name(spec)?))).collect()
}

/// Settings by chance, most of which pass the checks.
pub(crate) fn settings() -> impl Strategy<Value = Value> {
    (network(), cluster(), services(), components(), any::<bool>()).prop_map(
        |(mut network, cluster, services, mut components, protect)| {
            // Without NAT nodes need endpoints, and without the driver there is no volume for metrics.
            if network["nat"] == "none" {
                network["s3_endpoint"] = json!(true);
                network["interface_endpoints"] = json!(["ec2", "ecr.api", "ecr.dkr", "sts"]);
            }
            if cluster["addons"].to_string().contains("aws-ebs-csi-driver") {
                components["monitoring"]["enabled"] = json!(false);
            }
            json!({
                "protect": protect,
                "tags": {"team": "platform"},
                "aws": {"region": "eu-central-1", "account_id": "123456789012"},
                "network": network,
                "cluster": cluster,
                "registry": {"repositories": ["extra/tool"], "delete_with_images": protect},
                "dns": {"enabled": true},
                "services": services,
                "components": components,
            })
        },
    )
}

fn network() -> impl Strategy<Value = Value> {
    let zones = proptest::sample::subsequence(vec!["a", "b", "c", "d"], 2..=4);
    let endpoints = proptest::sample::subsequence(vec!["ec2", "ecr.api", "ecr.dkr", "sts", "logs"], 0..=5);
    let nat = prop_oneof![Just("none"), Just("single"), Just("per-zone")];
    (16u8..=24, zones, nat, endpoints, any::<bool>(), any::<bool>()).prop_map(
        |(prefix, zones, nat, endpoints, flow_logs, s3)| {
            json!({
                "cidr": format!("10.0.0.0/{prefix}"), "zones": zones, "nat": nat, "s3_endpoint": s3,
                "interface_endpoints": endpoints, "flow_logs": {"enabled": flow_logs},
            })
        },
    )
}

fn cluster() -> impl Strategy<Value = Value> {
    let group = |name: String, types: Value, capacity: &str| {
        json!({"name": name, "instance_types": types, "capacity": capacity, "max": 5, "labels": {"role": name},
            "taints": [{"key": "only", "value": "x", "effect": "no-schedule"}]})
    };
    let types = prop_oneof![Just(json!(["m6i.large"])), Just(json!(["m7g.large", "c7g.large"]))];
    let groups = proptest::collection::vec((types, prop_oneof![Just("spot"), Just("on-demand")]), 0..4);
    let groups = groups.prop_map(move |groups| {
        let named = groups.into_iter().enumerate();
        named.map(|(at, (types, capacity))| group(format!("group-{at}"), types, capacity)).collect::<Vec<_>>()
    });
    let addons = ["vpc-cni", "kube-proxy", "coredns", "aws-ebs-csi-driver", "metrics-server"];
    let off = proptest::sample::subsequence(addons.to_vec(), 0..=3);
    (groups, off, any::<bool>(), any::<bool>()).prop_map(|(groups, off, logs, encrypted)| {
        let addons: Vec<Value> =
            off.into_iter().map(|name| json!({"name": name, "enabled": false})).collect();
        let types = if logs { json!(["api", "audit"]) } else { json!([]) };
        json!({
            "node_groups": groups, "addons": addons, "logs": {"types": types},
            "secrets_encryption": {"enabled": encrypted},
            "access_entries": [{
                "name": "admin", "principal_arn": "arn:aws:iam::123456789012:role/admin", "policy": "admin",
                "namespaces": if logs { json!(["a"]) } else { json!([]) },
            }],
        })
    })
}

fn services() -> impl Strategy<Value = Value> {
    let service = (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(enabled, built, rights)| {
        let mut service = json!({"enabled": enabled, "port": 8080});
        let source = if built { ("path", "services/x") } else { ("image", "example.com/x:1") };
        service[source.0] = json!(source.1);
        if rights {
            service["policy_arns"] = json!(["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
        }
        service
    });
    let names = prop_oneof![Just("web"), Just("cluster"), Just("node"), Just("api"), Just("ebs-csi")];
    proptest::collection::btree_map(names, service, 0..4).prop_map(|services| json!(services))
}

fn components() -> impl Strategy<Value = Value> {
    proptest::collection::vec(any::<bool>(), 6).prop_map(|on| {
        json!({
            "monitoring": {"enabled": on[0], "alerts": {"smtp_user": "x"}, "grafana": {"enabled": on[5]}},
            "logging": {"enabled": on[1]},
            "external_secrets": {"enabled": on[2]},
            "load_balancer_controller": {"enabled": on[3]},
            "cluster_autoscaler": {"enabled": on[4]},
        })
    })
}
