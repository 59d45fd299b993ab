//! Network load balancers as the AWS Load Balancer Controller makes them, target type `ip`.
//!
//! Its source is the reference for every name, tag and description here:
//! <https://github.com/kubernetes-sigs/aws-load-balancer-controller/tree/main/pkg/service> and `pkg/networking`.

use serde_json::{Value, json};

use super::aws::{ask, listed, specification, text};
use super::place::{self, controller_name, shared_name};
use super::service::{Gone, Service};
use crate::services::eks::Cluster;
use crate::services::elbv2;
use crate::wire::failure::Failure;
use crate::world::{Call, Tags};

const CLUSTER: &str = "elbv2.k8s.aws/cluster";
const SHARED: &str = "elbv2.k8s.aws/resource";
const STACK: &str = "service.k8s.aws/stack";
const RESOURCE: &str = "service.k8s.aws/resource";

/// How the rules that let load balancers reach pods are marked.
const RULE: &str = "elbv2.k8s.aws/targetGroupBinding=shared";

fn tags(cluster: &str, stack: &str, resource: &str) -> Tags {
    [(CLUSTER, cluster), (STACK, stack), (RESOURCE, resource)]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

/// What a load balancer is made of, while it is being made.
struct Site<'s> {
    service: &'s Service,
    cluster: Cluster,
    uid: String,
}

impl Site<'_> {
    fn name(&self, what: &str) -> String {
        let Service { cluster, namespace, name, .. } = self.service;
        controller_name((namespace, name), &[cluster, &self.uid, what])
    }

    fn tags(&self, resource: &str) -> Tags {
        tags(&self.service.cluster, &self.service.stack(), resource)
    }
}

/// Makes security groups, load balancer, target groups, listeners, targets and rules.
pub(super) fn make(call: &mut Call<'_>, service: &Service) -> Result<Value, Failure> {
    let cluster = place::cluster(call, &service.cluster)?;
    let subnets = place::subnets(call, &cluster, &service.subnets, service.internal)?;
    let site = Site { service, cluster, uid: call.world_mut().dice.uuid() };
    let front = front_group(call, &site)?;
    let back = shared_group(call, &site)?;
    let mappings: Vec<Value> = subnets.iter().map(|id| json!({ "SubnetId": id })).collect();
    let scheme = if service.internal { "internal" } else { "internet-facing" };
    let input = json!({
        "Name": site.name(scheme), "Type": "network", "Scheme": scheme, "IpAddressType": "ipv4",
        "SubnetMappings": mappings, "SecurityGroups": [front, back], "Tags": listed(&site.tags("LoadBalancer")),
    });
    let made = ask(call, "elbv2", "CreateLoadBalancer", input)?;
    let arn = text(&made, "/LoadBalancers/0/LoadBalancerArn")?;
    let (mut groups, mut listeners) = (Vec::new(), Vec::new());
    for port in &service.ports {
        let group = target_group(call, &site, *port)?;
        let input = json!({
            "LoadBalancerArn": arn, "Protocol": "TCP", "Port": port,
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }],
            "Tags": listed(&site.tags(&port.to_string())),
        });
        let listener = ask(call, "elbv2", "CreateListener", input)?;
        listeners.push(text(&listener, "/Listeners/0/ListenerArn")?);
        groups.push(group);
    }
    let rules = open_pods(call, &site, &back)?;
    Ok(json!({
        "load_balancer_arn": arn, "dns_name": made["LoadBalancers"][0]["DNSName"],
        "security_groups": [front, back], "target_groups": groups, "listeners": listeners, "rules": rules,
    }))
}

/// The group of the load balancer itself: lets everybody in on the Service's ports.
fn front_group(call: &mut Call<'_>, site: &Site<'_>) -> Result<String, Failure> {
    let group = make_group(
        call,
        &site.cluster.network.vpc,
        (&site.name("ManagedLBSecurityGroup"), "[k8s] Managed SecurityGroup for LoadBalancer"),
        &site.tags("ManagedLBSecurityGroup"),
    )?;
    let ports = site.service.ports.iter();
    let open = |port: &u16| {
        json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": port,
            "IpRanges": [{ "CidrIp": "0.0.0.0/0", "Description": "" }] })
    };
    let permissions: Vec<Value> = ports.map(open).collect();
    let input = json!({ "GroupId": group, "IpPermissions": permissions });
    ask(call, "ec2", "AuthorizeSecurityGroupIngress", input)?;
    Ok(group)
}

fn make_group(
    call: &mut Call<'_>,
    vpc: &str,
    (name, description): (&str, &str),
    tags: &Tags,
) -> Result<String, Failure> {
    let input = json!({
        "GroupName": name, "Description": description, "VpcId": vpc,
        "TagSpecifications": specification("security-group", tags),
    });
    text(&ask(call, "ec2", "CreateSecurityGroup", input)?, "/GroupId")
}

fn is_shared(tags: &Tags, cluster: &str) -> bool {
    tags.get(CLUSTER).is_some_and(|found| found == cluster)
        && tags.get(SHARED).is_some_and(|found| found == "backend-sg")
}

/// The shared group of a cluster's load balancers, if there is one.
fn find_shared(call: &Call<'_>, cluster: &str) -> Option<String> {
    let state = &call.home().ec2;
    let mut groups =
        state.groups.ids().filter(|id| state.tags.get(id).is_some_and(|tags| is_shared(tags, cluster)));
    groups.next().map(str::to_owned)
}

/// The group from which all load balancers of the cluster reach pods.
fn shared_group(call: &mut Call<'_>, site: &Site<'_>) -> Result<String, Failure> {
    let cluster = &site.service.cluster;
    if let Some(found) = find_shared(call, cluster) {
        return Ok(found);
    }
    let tags: Tags = [(CLUSTER, cluster.as_str()), (SHARED, "backend-sg")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
    let description = "[k8s] Shared Backend SecurityGroup for LoadBalancer";
    make_group(call, &site.cluster.network.vpc, (&shared_name(cluster), description), &tags)
}

fn target_group(call: &mut Call<'_>, site: &Site<'_>, port: u16) -> Result<String, Failure> {
    let target = site.service.target_of(port);
    let resource = format!("{}:{port}", site.service.stack());
    let input = json!({
        "Name": site.name(&resource), "Protocol": "TCP", "Port": target, "VpcId": site.cluster.network.vpc,
        "TargetType": "ip", "IpAddressType": "ipv4", "HealthCheckProtocol": "TCP",
        "HealthCheckPort": "traffic-port", "HealthCheckIntervalSeconds": 10, "HealthCheckTimeoutSeconds": 10,
        "HealthyThresholdCount": 3, "UnhealthyThresholdCount": 3, "Tags": listed(&site.tags(&resource)),
    });
    let made = ask(call, "elbv2", "CreateTargetGroup", input)?;
    let arn = text(&made, "/TargetGroups/0/TargetGroupArn")?;
    let targets: Vec<Value> =
        site.service.targets.iter().map(|address| json!({ "Id": address, "Port": target })).collect();
    if !targets.is_empty() {
        ask(call, "elbv2", "RegisterTargets", json!({ "TargetGroupArn": arn, "Targets": targets }))?;
    }
    Ok(arn)
}

/// Lets the shared group reach the pods' ports, by a rule of the cluster's own group.
fn open_pods(call: &mut Call<'_>, site: &Site<'_>, back: &str) -> Result<Vec<String>, Failure> {
    let group = &site.cluster.network.cluster_security_group;
    let mut targets: Vec<u16> = site.service.ports.iter().map(|port| site.service.target_of(*port)).collect();
    targets.sort_unstable();
    targets.dedup();
    let mut rules = Vec::new();
    for port in targets {
        let known = call.home().ec2.rules.iter().find(|(_, rule)| {
            rule.group == *group && rule.names(back) && (rule.from, rule.to) == (port.into(), port.into())
        });
        if let Some((known, _)) = known {
            rules.push(known.to_owned());
            continue;
        }
        let permission = json!({
            "IpProtocol": "tcp", "FromPort": port, "ToPort": port,
            "UserIdGroupPairs": [{ "GroupId": back, "Description": RULE }],
        });
        let input = json!({ "GroupId": group, "IpPermissions": [permission] });
        let made = ask(call, "ec2", "AuthorizeSecurityGroupIngress", input)?;
        rules.push(text(&made, "/SecurityGroupRules/0/SecurityGroupRuleId")?);
    }
    Ok(rules)
}

fn is_of(tags: &Tags, gone: &Gone) -> bool {
    tags.get(CLUSTER) == Some(&gone.cluster) && tags.get(STACK) == Some(&gone.stack())
}

/// True when the Service has anything.
pub(super) fn exists(call: &Call<'_>, gone: &Gone) -> bool {
    call.home().elbv2.tags.values().any(|tags| is_of(tags, gone))
}

/// Registers the pods that a Service has now, and takes the others out.
pub(super) fn retarget(call: &mut Call<'_>, service: &Gone, wanted: &[String]) -> Result<Value, Failure> {
    let state = &call.home().elbv2;
    let mine = state.tags.iter().filter(|(_, tags)| is_of(tags, service));
    let arns: Vec<String> = mine.map(|(arn, _)| arn.to_owned()).collect();
    let balancer = arns.iter().find_map(|arn| state.balancers.get(arn));
    let Some(balancer) = balancer else {
        let text = format!("the Service {} has no network load balancer", service.stack());
        return Err(Failure::new("LoadBalancerNotFound", text));
    };
    let dns_name = balancer.dns_name(&call.region);
    for arn in arns.iter().filter(|arn| arn.contains(":targetgroup/")) {
        let state = &call.home().elbv2;
        let targets = state.target_groups.get(arn).map(|group| group.targets.clone()).unwrap_or_default();
        let there: Vec<&str> =
            targets.iter().filter(|target| !target.draining).map(|target| target.id.as_str()).collect();
        let ids = |ids: Vec<&str>| -> Vec<Value> { ids.into_iter().map(|id| json!({ "Id": id })).collect() };
        let new = wanted.iter().map(String::as_str).filter(|id| !there.contains(id)).collect();
        let old = there.iter().copied().filter(|id| !wanted.iter().any(|one| one == id)).collect();
        for (operation, targets) in [("RegisterTargets", ids(new)), ("DeregisterTargets", ids(old))] {
            if !targets.is_empty() {
                ask(call, "elbv2", operation, json!({ "TargetGroupArn": arn, "Targets": targets }))?;
            }
        }
    }
    Ok(json!({ "dns_name": dns_name }))
}

/// Removes load balancer, target groups and the group of its own; with the last Service also the shared group and
/// the rules that name it.
pub(super) fn remove(call: &mut Call<'_>, gone: &Gone) -> Result<(), Failure> {
    let state = &call.home().elbv2;
    let mine = state.tags.iter().filter(|(_, tags)| is_of(tags, gone));
    let arns: Vec<String> = mine.map(|(arn, _)| arn.to_owned()).collect();
    for arn in arns.iter().filter(|arn| arn.contains(":loadbalancer/")) {
        ask(call, "elbv2", "DeleteLoadBalancer", json!({ "LoadBalancerArn": arn }))?;
        // The controller waits until the interfaces are gone before it deletes the groups.
        call.within("elbv2", |call| elbv2::leave_now(call, arn));
    }
    for arn in arns.iter().filter(|arn| arn.contains(":targetgroup/")) {
        ask(call, "elbv2", "DeleteTargetGroup", json!({ "TargetGroupArn": arn }))?;
    }
    let state = &call.home().ec2;
    let groups = state.groups.ids().filter(|id| state.tags.get(id).is_some_and(|tags| is_of(tags, gone)));
    for group in groups.map(str::to_owned).collect::<Vec<_>>() {
        ask(call, "ec2", "DeleteSecurityGroup", json!({ "GroupId": group }))?;
    }
    let others = call.home().elbv2.tags.values().any(|tags| tags.get(CLUSTER) == Some(&gone.cluster));
    match find_shared(call, &gone.cluster) {
        Some(shared) if !others => close_pods(call, &shared),
        _ => Ok(()),
    }
}

fn close_pods(call: &mut Call<'_>, shared: &str) -> Result<(), Failure> {
    let rules = call.home().ec2.rules.iter().filter(|(_, rule)| rule.names(shared) && !rule.egress);
    let rules: Vec<(String, String)> = rules.map(|(id, rule)| (id.to_owned(), rule.group.clone())).collect();
    for (rule, group) in rules {
        let input = json!({ "GroupId": group, "SecurityGroupRuleIds": [rule] });
        ask(call, "ec2", "RevokeSecurityGroupIngress", input)?;
    }
    ask(call, "ec2", "DeleteSecurityGroup", json!({ "GroupId": shared })).map(drop)
}
