//! Classic load balancers as the cloud controller manager of EKS makes them.
//!
//! Its source is the reference for every name, tag and rule here:
//! <https://github.com/kubernetes/cloud-provider-aws/tree/master/pkg/providers/v1> (`aws.go`, `aws_loadbalancer.go`,
//! `tags.go`). The nodes are not registered: instances of classic load balancers are not modelled.

use serde_json::{Value, json};

use super::aws::{ask, listed, specification, text};
use super::place;
use super::service::{Gone, Service};
use crate::services::elb;
use crate::wire::failure::Failure;
use crate::world::{Call, Tags};

const SERVICE: &str = "kubernetes.io/service-name";

fn owned(cluster: &str) -> (String, String) {
    (format!("kubernetes.io/cluster/{cluster}"), "owned".to_owned())
}

/// Makes the security group with its rules, the load balancer, and the rule that lets it reach the nodes.
pub(super) fn make(call: &mut Call<'_>, service: &Service) -> Result<Value, Failure> {
    let cluster = place::cluster(call, &service.cluster)?;
    let subnets = place::subnets(call, &cluster, &service.subnets, service.internal)?;
    let uid = call.world_mut().dice.uuid().replace('-', "");
    let name: String = format!("a{uid}").chars().take(32).collect();
    let group = make_group(call, service, &name, &cluster.network.vpc)?;
    let tags = Tags::from([owned(&service.cluster), (SERVICE.to_owned(), service.stack())]);
    let listener = |port: &u16| {
        let instance = service.target_of(*port);
        json!({ "Protocol": "TCP", "LoadBalancerPort": port, "InstanceProtocol": "TCP", "InstancePort": instance })
    };
    let input = json!({
        "LoadBalancerName": name, "Listeners": service.ports.iter().map(listener).collect::<Vec<_>>(),
        "Subnets": subnets, "SecurityGroups": [group], "Scheme": service.internal.then_some("internal"),
        "Tags": listed(&tags),
    });
    let made = ask(call, "elb", "CreateLoadBalancer", input)?;
    let nodes = &cluster.network.cluster_security_group;
    let permission = json!({ "IpProtocol": "-1", "UserIdGroupPairs": [{ "GroupId": group }] });
    let input = json!({ "GroupId": nodes, "IpPermissions": [permission] });
    let rule = ask(call, "ec2", "AuthorizeSecurityGroupIngress", input)?;
    Ok(json!({
        "load_balancer_name": name, "dns_name": made["DNSName"], "security_groups": [group],
        "rules": [text(&rule, "/SecurityGroupRules/0/SecurityGroupRuleId")?],
    }))
}

fn make_group(call: &mut Call<'_>, service: &Service, name: &str, vpc: &str) -> Result<String, Failure> {
    let input = json!({
        "GroupName": format!("k8s-elb-{name}"),
        "Description": format!("Security group for Kubernetes ELB {name} ({})", service.stack()),
        "VpcId": vpc,
        "TagSpecifications": specification("security-group", &Tags::from([owned(&service.cluster)])),
    });
    let group = text(&ask(call, "ec2", "CreateSecurityGroup", input)?, "/GroupId")?;
    let everybody = json!([{ "CidrIp": "0.0.0.0/0" }]);
    let open =
        |port: &u16| json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": everybody });
    let mut permissions: Vec<Value> = service.ports.iter().map(open).collect();
    // "Fragmentation needed", for the discovery of the path's MTU.
    permissions.push(json!({ "IpProtocol": "icmp", "FromPort": 3, "ToPort": 4, "IpRanges": everybody }));
    let input = json!({ "GroupId": group, "IpPermissions": permissions });
    ask(call, "ec2", "AuthorizeSecurityGroupIngress", input)?;
    Ok(group)
}

/// The name of the Service's load balancer, if it has one.
pub(super) fn name_of(call: &Call<'_>, gone: &Gone) -> Option<String> {
    let (key, value) = owned(&gone.cluster);
    let mut rows = call.home().elb.balancers.iter().filter(|(_, row)| {
        row.tags.get(&key) == Some(&value) && row.tags.get(SERVICE) == Some(&gone.stack())
    });
    rows.next().map(|(name, _)| name.to_owned())
}

/// Removes the load balancer, the rules that name its group, and the group.
pub(super) fn remove(call: &mut Call<'_>, gone: &Gone) -> Result<(), Failure> {
    let Some(name) = name_of(call, gone) else { return Ok(()) };
    let groups = call.home().elb.balancers.get(&name).map(|row| row.groups.clone()).unwrap_or_default();
    ask(call, "elb", "DeleteLoadBalancer", json!({ "LoadBalancerName": name }))?;
    call.within("elb", |call| elb::leave_now(call, &name));
    for group in groups {
        let rules =
            call.home().ec2.rules.iter().filter(|(_, rule)| rule.names(&group) && rule.group != group);
        let rules: Vec<(String, String)> =
            rules.map(|(id, rule)| (id.to_owned(), rule.group.clone())).collect();
        for (rule, nodes) in rules {
            let input = json!({ "GroupId": nodes, "SecurityGroupRuleIds": [rule] });
            ask(call, "ec2", "RevokeSecurityGroupIngress", input)?;
        }
        ask(call, "ec2", "DeleteSecurityGroup", json!({ "GroupId": group }))?;
    }
    Ok(())
}
