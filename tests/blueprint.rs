//! Laws of the expansion: references resolve, names are unique and the environment's own, tags are complete,
//! the same settings expand to the same resources, whatever passes the checks expands.

#![allow(clippy::unwrap_used, reason = "what is not as expected fails the test")]

mod blueprint_support;

use std::collections::{BTreeMap, BTreeSet};

use blueprint_support::{account_names, expand, expand_repository, platform, settings};
use platctl::model::{ADDRESS_TAG, Address, Desired, ENVIRONMENT_TAG, Kind, Spec};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

fn spec<'a>(desired: &'a Desired, address: &str) -> &'a Spec {
    desired.resources.get(&address.parse().unwrap()).unwrap_or_else(|| panic!("no {address}"))
}

/// The order in which everything could be made; `None` when references go round in a circle.
fn order(desired: &Desired) -> Option<Vec<Address>> {
    let mut waiting: BTreeMap<Address, BTreeSet<Address>> = desired
        .resources
        .iter()
        .map(|(address, spec)| (address.clone(), spec.refs().into_iter().collect()))
        .collect();
    let mut order: Vec<Address> = Vec::new();
    while !waiting.is_empty() {
        let ready: Vec<Address> = waiting
            .iter()
            .filter(|(_, refs)| refs.iter().all(|target| order.contains(target)))
            .map(|(address, _)| address.clone())
            .collect();
        if ready.is_empty() {
            return None;
        }
        ready.iter().for_each(|address| drop(waiting.remove(address)));
        order.extend(ready);
    }
    Some(order)
}

fn check_laws(desired: &Desired) {
    let environment = &desired.environment;
    assert_eq!(desired.dangling(), [], "every reference resolves");
    assert!(order(desired).is_some(), "references go round in a circle");
    let names = account_names(desired);
    let unique: BTreeSet<&(Kind, String)> = names.iter().collect();
    assert_eq!(unique.len(), names.len(), "names are unique: {names:?}");
    for (address, spec) in &desired.resources {
        assert_eq!(address.kind, spec.kind());
        let Some(tags) = spec.tags() else { continue };
        assert!(tags.contains_key("Name"), "{address} has no name");
        assert_eq!(tags.get(ENVIRONMENT_TAG), Some(environment), "{address}");
        assert_eq!(tags.get(ADDRESS_TAG), Some(&address.to_string()), "{address}");
    }
    for (kind, name) in &names {
        let start = if *kind == Kind::LogGroup { name.trim_start_matches("/aws/eks/") } else { name };
        let own = [format!("{environment}-eks"), format!("{environment}/")];
        assert!(
            own.iter().any(|own| start.starts_with(own.as_str())),
            "{kind:?} {name} is not {environment}'s"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn whatever_passes_the_checks_expands_by_the_laws(settings in settings()) {
        let Some(platform) = platform("dev", &settings) else { return Ok(()) };
        let desired = platctl::blueprint::expand(&platform);
        check_laws(&desired);
        let again = platctl::blueprint::expand(&platform);
        prop_assert_eq!(serde_json::to_vec(&desired).unwrap(), serde_json::to_vec(&again).unwrap());
    }

    #[test]
    fn no_name_of_one_environment_is_one_of_another(
        settings in settings(), pair in proptest::sample::subsequence(vec![
            "dev", "dev-a", "dev-cluster", "dev-node", "a", "a-dev", "d", "staging", "dev-app", "dev-pods",
        ], 2),
    ) {
        let (Some(one), Some(other)) = (platform(pair[0], &settings), platform(pair[1], &settings)) else {
            return Ok(());
        };
        let names = |platform| -> BTreeSet<(Kind, String)> {
            account_names(&platctl::blueprint::expand(&platform)).into_iter().collect()
        };
        let (one, other) = (names(one), names(other));
        prop_assert!(one.is_disjoint(&other), "{:?}", one.intersection(&other).collect::<Vec<_>>());
    }
}

#[test]
fn most_of_what_the_laws_are_tried_on_passes_the_checks() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let tried = 64;
    let passed = (0..tried)
        .filter(|_| {
            let settings = settings().new_tree(&mut runner).unwrap().current();
            platform("dev", &settings).is_some()
        })
        .count();
    assert!(passed * 2 > tried, "only {passed} of {tried}");
}

#[test]
fn the_environments_of_this_repository_hold_what_is_checked_in() {
    for name in ["dev", "staging", "prod"] {
        let desired = expand_repository(name);
        check_laws(&desired);
        let list: Vec<String> = desired.resources.keys().map(ToString::to_string).collect();
        insta::assert_snapshot!(format!("resources-of-{name}"), list.join("\n"));
    }
}

#[test]
fn another_environment_of_the_same_account_shares_no_name() {
    let all: Vec<(Kind, String)> =
        ["dev", "staging", "prod"].iter().flat_map(|name| account_names(&expand_repository(name))).collect();
    let unique: BTreeSet<_> = all.iter().collect();
    assert_eq!(unique.len(), all.len());
}

#[test]
fn what_is_protected_is_protected_in_the_cloud_too() {
    for (name, protect) in [("dev", false), ("prod", true)] {
        let desired = expand_repository(name);
        assert_eq!(desired.protect, protect);
        let Spec::Cluster(cluster) = spec(&desired, "cluster.main") else { panic!() };
        assert_eq!(cluster.deletion_protection, protect);
    }
}

#[test]
fn nodes_wait_for_the_network_and_pods_for_nodes() {
    let order = order(&expand_repository("dev")).unwrap();
    let at = |address: &str| order.iter().position(|known| known.to_string() == address).unwrap();
    for (first, then) in [
        ("log_group.cluster", "cluster.main"),
        ("addon.vpc-cni", "node_group.general"),
        ("addon.kube-proxy", "node_group.general"),
        ("addon.eks-pod-identity-agent", "node_group.general"),
        ("node_group.general", "addon.coredns"),
        ("node_group.general", "addon.aws-ebs-csi-driver"),
        ("internet_gateway.main", "nat_gateway.a"),
    ] {
        assert!(at(first) < at(then), "{first} must come before {then}");
    }
}

#[test]
fn network_policies_are_enforced_and_instances_harden_themselves() {
    let desired = expand_repository("dev");
    let Spec::Addon(cni) = spec(&desired, "addon.vpc-cni") else { panic!() };
    let configuration = cni.configuration.as_ref().unwrap().value();
    assert_eq!(configuration["enableNetworkPolicy"], "true", "a string, or EKS refuses it");
    let Spec::LaunchTemplate(template) = spec(&desired, "launch_template.general") else { panic!() };
    assert!(template.metadata.tokens_required);
    assert!(template.disk.as_ref().is_some_and(|disk| disk.encrypted && disk.volume_type == "gp3"));
    let Spec::DefaultSecurityGroup(group) = spec(&desired, "default_security_group.main") else { panic!() };
    assert!(group.ingress.is_empty() && group.egress.is_empty());
}

#[test]
fn another_number_of_nat_gateways_changes_nothing_but_routes_and_gateways() {
    let with = |nat: &str| {
        expand(
            "dev",
            &format!("aws.region = \"eu-west-1\"\n[network]\ncidr = \"10.0.0.0/16\"\nnat = \"{nat}\""),
        )
    };
    let (single, per_zone) = (with("single"), with("per-zone"));
    for (address, spec) in &single.resources {
        let same = per_zone.resources.get(address) == Some(spec);
        assert!(same || address.kind == Kind::RouteTable, "{address} changed");
    }
}

#[test]
fn a_zone_more_moves_no_subnet() {
    let with = |zones: &str| {
        expand(
            "dev",
            &format!("aws.region = \"eu-west-1\"\n[network]\ncidr = \"10.0.0.0/16\"\nzones = {zones}"),
        )
    };
    let (two, four) = (with("[\"a\", \"b\"]"), with("[\"a\", \"b\", \"c\", \"d\"]"));
    for (address, spec) in two.resources.iter().filter(|(address, _)| address.kind == Kind::Subnet) {
        assert_eq!(four.resources.get(address), Some(spec));
    }
}

#[test]
fn what_exists_already_is_referred_to_and_not_made() {
    let desired = expand(
        "dev",
        r#"
            aws.region = "eu-west-1"
            [network]
            cidr = "10.0.0.0/16"
            [network.existing]
            vpc = "vpc-0123456789abcdef0"
            private_subnets = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
            [cluster]
            role_arn = "arn:aws:iam::123456789012:role/cluster"
            node_role_arn = "arn:aws:iam::123456789012:role/node"
            secrets_encryption = { key_arn = "arn:aws:kms:eu-west-1:123456789012:key/abc" }
            [[cluster.node_groups]]
            name = "general"
            instance_types = ["m7g.large"]
        "#,
    );
    check_laws(&desired);
    for kind in [Kind::Vpc, Kind::Subnet, Kind::RouteTable, Kind::NatGateway, Kind::Key] {
        assert!(desired.resources.keys().all(|address| address.kind != kind), "{kind:?} was made");
    }
    let Spec::Cluster(cluster) = spec(&desired, "cluster.main") else { panic!() };
    assert_eq!(cluster.role.to_string(), "arn:aws:iam::123456789012:role/cluster");
    assert_eq!(cluster.subnets.len(), 2);
    let Spec::NodeGroup(nodes) = spec(&desired, "node_group.general") else { panic!() };
    assert_eq!(
        (nodes.ami_type.as_str(), nodes.role.to_string().as_str()),
        ("AL2023_ARM_64_STANDARD", "arn:aws:iam::123456789012:role/node")
    );
}

#[test]
fn beside_a_cluster_that_exists_only_repositories_are_made() {
    let desired = expand(
        "dev",
        r#"
            aws.region = "eu-west-1"
            network.cidr = "10.0.0.0/16"
            cluster.existing.context = "kind-dev"
            [services.shop]
            path = "services/shop"
            port = 8080
        "#,
    );
    let addresses: Vec<String> = desired.resources.keys().map(ToString::to_string).collect();
    assert_eq!(addresses, ["repository.shop"]);
}

#[test]
fn without_the_pod_identity_agent_volumes_come_by_token() {
    let desired = expand(
        "dev",
        r#"
            aws.region = "eu-west-1"
            network.cidr = "10.0.0.0/16"
            [[cluster.addons]]
            name = "eks-pod-identity-agent"
            enabled = false
            [components]
            logging.enabled = false
            external_secrets.enabled = false
            load_balancer_controller.enabled = false
            cluster_autoscaler.enabled = false
        "#,
    );
    check_laws(&desired);
    let Spec::Addon(driver) = spec(&desired, "addon.aws-ebs-csi-driver") else { panic!() };
    assert!(driver.pod_identities.is_empty() && driver.service_account_role.is_some());
    let Spec::Role(role) = spec(&desired, "role.ebs-csi") else { panic!() };
    assert!(role.trust.to_text().contains("@{oidc_provider.main#host}:sub"));
}

#[test]
fn policies_keep_inside_iam_s_limits() {
    for name in ["dev", "staging", "prod"] {
        for (address, spec) in &expand_repository(name).resources {
            let size = |text: String| text.chars().filter(|c| !c.is_whitespace()).count();
            match spec {
                Spec::Policy(policy) => assert!(size(policy.document.to_text()) <= 6144, "{address}"),
                Spec::Role(role) => {
                    assert!(role.name.len() <= 64, "{address}");
                    assert!(
                        role.inline.values().map(|d| size(d.to_text())).sum::<usize>() <= 10_240,
                        "{address}"
                    );
                    assert!(size(role.trust.to_text()) <= 2048, "{address}");
                }
                _ => {}
            }
        }
    }
}
