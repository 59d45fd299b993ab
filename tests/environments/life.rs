//! The life of an environment: up, drift, change, replacement, what its cluster bears, destroy.

use aws_sdk_ec2::types::{Filter, IpPermission, IpRange, Tag};
use serde_json::{Value, json};

use crate::ground::Ground;

/// What differs, as `address field origin`, in order.
fn differences(plan: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for step in plan["steps"].as_array().unwrap() {
        let address = step["address"].as_str().unwrap();
        for change in step["changes"].as_array().unwrap() {
            let (field, origin) = (change["field"].as_str().unwrap(), change["origin"].as_str().unwrap());
            found.push(format!("{address} {field} {origin}"));
        }
    }
    found.sort();
    found
}

/// Three things that somebody does behind platctl's back, shown by name and healed.
pub(crate) async fn drifts_and_heals(ground: &Ground) {
    let config = ground.other_client();
    let (ec2, ecr) = (aws_sdk_ec2::Client::new(&config), aws_sdk_ecr::Client::new(&config));
    let environment = ground.environment();
    let ours = Filter::builder().name("tag:platctl:environment").values(environment).build();
    let vpcs = ec2.describe_vpcs().filters(ours).send().await.unwrap();
    let vpc = vpcs.vpcs()[0].vpc_id().unwrap();
    ec2.delete_tags().resources(vpc).tags(Tag::builder().key("managed-by").build()).send().await.unwrap();
    let filters = [("vpc-id", vpc), ("group-name", "default")]
        .map(|(name, value)| Filter::builder().name(name).values(value).build());
    let groups = ec2.describe_security_groups().set_filters(Some(filters.to_vec())).send().await.unwrap();
    let range = IpRange::builder().cidr_ip("0.0.0.0/0").build();
    let open = IpPermission::builder().ip_protocol("tcp").from_port(22).to_port(22).ip_ranges(range).build();
    let group = groups.security_groups()[0].group_id().unwrap();
    let authorize = ec2.authorize_security_group_ingress().group_id(group);
    authorize.ip_permissions(open).send().await.unwrap();
    let repository = format!("{environment}/backend-app");
    ecr.delete_lifecycle_policy().repository_name(&repository).send().await.unwrap();

    let plan = ground.plan();
    let found = differences(&plan);
    let expected = [
        ("default_security_group.", "ingress.tcp/22 0.0.0.0/0 drift"),
        ("repository.backend-app", "lifecycle drift"),
        ("vpc.", "tags.managed-by drift"),
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, (address, change)) in found.iter().zip(expected) {
        assert!(found.starts_with(address) && found.ends_with(change), "{found}: {change}");
    }
    ground.run("up", 0);
    ground.stands();
}

/// Verbs that only read make no call that changes anything.
pub(crate) fn reads_only(ground: &Ground) {
    ground.control("DELETE", "/calls", &Value::Null);
    for verb in ["diff", "diff --destroy", "status", "graph", "output"] {
        ground.run(verb, 0);
    }
    let log = ground.control("GET", "/calls", &Value::Null);
    let calls = log["calls"].as_array().unwrap();
    assert!(calls.len() > 50, "the log is of these verbs: {}", calls.len());
    let writes: Vec<&Value> = calls.iter().filter(|call| call["mutating"] == true).collect();
    assert!(writes.is_empty(), "{writes:?}");
}

/// A change of the file is made in place, and then there is nothing left to do.
pub(crate) fn changes(ground: &Ground, settings: &str) {
    ground.set(settings);
    let plan = ground.plan();
    assert_eq!(plan["totals"]["replace"], 0, "{:?}", differences(&plan));
    assert_eq!(plan["pending"], true, "{settings}");
    ground.run("up", 0);
    ground.stands();
}

/// A change that only a new resource can have.
pub(crate) fn replaces(ground: &Ground, settings: &str, address: &str) {
    ground.set(settings);
    let plan = ground.plan();
    let replaced: Vec<&str> = plan["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["part_of_replacement"] == true && step["action"] == "create")
        .filter_map(|step| step["address"].as_str())
        .collect();
    assert_eq!(replaced, [address]);
    ground.run("up", 0);
    ground.stands();
}

/// What controllers of a running cluster make: load balancers of both generations, a volume, an interface.
pub(crate) fn bears(ground: &Ground) {
    let of = |more: Value| {
        let mut body = json!({"region": "us-east-1", "cluster": format!("{}-eks", ground.environment())});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let network = of(json!({"name": "web", "load_balancer": "network"}));
    let classic = of(json!({"name": "old", "load_balancer": "classic"}));
    let volume = of(json!({"name": "data", "namespace": "monitoring"}));
    ground.control("POST", "/kubernetes/services", &network);
    ground.control("POST", "/kubernetes/services", &classic);
    ground.control("POST", "/kubernetes/volumes", &volume);
    ground.control("POST", "/kubernetes/interfaces", &of(json!({})));
}

/// The plan lists what the cluster bore; then all of it goes, and another client finds nothing.
pub(crate) fn ends(ground: &Ground, before: &Value) {
    let (out, _) = ground.run("diff --destroy", 0);
    for told in
        ["load balancer", "classic load balancer", "target group", "security group", "network interface"]
    {
        assert!(out.contains(told), "{told}: {out}");
    }
    assert!(out.contains("claim monitoring/data") && out.contains("its data is lost"), "{out}");
    assert!(out.contains("whatever else the cluster"), "{out}");
    let (_, err) = ground.run("destroy", 0);
    assert!(err.contains("0 left"), "{err}");
    let after = ground.inventory();
    let left = left(before, &after);
    assert!(left.is_empty(), "left: {left:?}");
}

/// What is there after and was not before, but for what AWS keeps for a waiting period or for good.
pub(crate) fn left(before: &Value, after: &Value) -> Vec<String> {
    let before = items(before);
    items(after)
        .into_iter()
        .filter(|item| !before.contains(item) && !is_kept(item))
        .map(|i| i.to_string())
        .collect()
}

/// The items of all accounts and regions.
pub(crate) fn items(inventory: &Value) -> Vec<&Value> {
    let regions =
        inventory.as_object().unwrap().values().flat_map(|regions| regions.as_object().unwrap().values());
    regions.flat_map(|items| items.as_array().unwrap()).collect()
}

/// Keys and secrets that wait for their end, NAT gateways that are described for an hour after it, and what belongs to
/// the account: service-linked roles and its DHCP options.
fn is_kept(item: &Value) -> bool {
    let [arn, detail] = [&item["arn"], &item["detail"]];
    item["kind"] == "ec2:dhcp-options"
        || detail["state"] == "PendingDeletion"
        || detail["state"] == "deleted"
        || detail["deleted"] == true
        || arn.as_str().unwrap_or_default().contains("aws-service-role")
}
