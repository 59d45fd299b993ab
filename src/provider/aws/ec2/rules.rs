//! The rules inside a security group: read by DescribeSecurityGroupRules, written as IP permissions.

use aws_sdk_ec2::types::{
    Filter, IpPermission, IpRange, Ipv6Range, PrefixListId, SecurityGroupRule as SdkRule, UserIdGroupPair,
};

use super::find::filter;
use crate::model::ec2::{Direction, Icmp, Peer, Ports, Rule, Traffic};
use crate::model::{ADDRESS_TAG, CloudId, ENVIRONMENT_TAG};
use crate::provider::aws::pages::pages;
use crate::provider::aws::{Aws, Service};
use crate::provider::{Class, Error};

pub(super) async fn describe(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<SdkRule>, Error> {
    let (ec2, filters) = (&aws.clients().ec2, &filters);
    pages(|next| async move {
        let page = || {
            let call =
                ec2.describe_security_group_rules().set_filters(Some(filters.clone())).max_results(1000);
            call.set_next_token(next.clone()).send()
        };
        let page = aws.read(Service::Ec2, "DescribeSecurityGroupRules", page).await?;
        Ok((page.security_group_rules, page.next_token))
    })
    .await
}

/// All rules of some groups.
pub(super) async fn of_groups(aws: &Aws, groups: &[&str]) -> Result<Vec<SdkRule>, Error> {
    let mut rules = Vec::new();
    for groups in groups.chunks(200) {
        rules.extend(describe(aws, vec![filter("group-id", groups.iter().copied())]).await?);
    }
    Ok(rules)
}

/// The rules of a group that belong to it, by direction: not those that are resources of their own (they carry
/// our tags), and not those that a Kubernetes controller wrote for a load balancer.
pub(super) fn inside(rules: &[SdkRule], group: &str, direction: Direction) -> Vec<Rule> {
    rules
        .iter()
        .filter(|rule| rule.group_id() == Some(group) && self::direction(rule) == direction)
        .filter(|rule| !is_our_own(rule) && !is_of_kubernetes(rule))
        .map(|rule| Rule {
            traffic: traffic(rule),
            peer: peer(rule, group),
            description: rule.description().unwrap_or_default().to_owned(),
        })
        .collect()
}

pub(super) fn direction(rule: &SdkRule) -> Direction {
    if rule.is_egress() == Some(true) { Direction::Egress } else { Direction::Ingress }
}

/// True for rules that are a `security_group_rule`: they were born with our tags.
fn is_our_own(rule: &SdkRule) -> bool {
    rule.tags().iter().any(|tag| matches!(tag.key(), Some(ENVIRONMENT_TAG | ADDRESS_TAG)))
}

/// True for rules of a load balancer: the AWS Load Balancer Controller and the cloud provider inside Kubernetes
/// open node groups to what they make, and close them again.
fn is_of_kubernetes(rule: &SdkRule) -> bool {
    let description = rule.description().unwrap_or_default();
    ["elbv2.k8s.aws/", "kubernetes.io/rule/"].iter().any(|start| description.starts_with(start))
}

pub(super) fn traffic(rule: &SdkRule) -> Traffic {
    let (from, to) = (rule.from_port().unwrap_or(-1), rule.to_port().unwrap_or(-1));
    let port = |port: i32| u16::try_from(port).unwrap_or_default();
    let ports = Ports { first: port(from), last: port(to) };
    let narrow = |number: i32| i16::try_from(number).unwrap_or(-1);
    let icmp = (from != -1).then(|| Icmp { kind: narrow(from), code: narrow(to) });
    match rule.ip_protocol().unwrap_or("-1") {
        "tcp" | "6" => Traffic::Tcp(ports),
        "udp" | "17" => Traffic::Udp(ports),
        "icmp" | "1" => Traffic::Icmp(icmp),
        "icmpv6" | "58" => Traffic::Icmpv6(icmp),
        number => number.parse().map_or(Traffic::All, Traffic::Protocol),
    }
}

/// The other end of a rule, by text where it is no group.
pub(super) fn peer_id(rule: &SdkRule) -> String {
    rule.referenced_group_info()
        .and_then(|group| group.group_id())
        .or(rule.prefix_list_id())
        .or(rule.cidr_ipv4())
        .or(rule.cidr_ipv6())
        .unwrap_or_default()
        .to_owned()
}

fn peer(rule: &SdkRule, group: &str) -> Peer {
    let id = peer_id(rule);
    if rule.referenced_group_info().is_some() {
        return if id == group { Peer::Itself } else { Peer::Group(id) };
    }
    match id.parse() {
        Ok(range) => Peer::Range(range),
        Err(_) => Peer::PrefixList(id),
    }
}

/// Protocol, first and last port as EC2 wants them.
pub(super) fn protocol(traffic: Traffic) -> (String, i32, i32) {
    let icmp =
        |icmp: Option<Icmp>| icmp.map_or((-1, -1), |icmp| (i32::from(icmp.kind), i32::from(icmp.code)));
    let (word, (first, last)) = match traffic {
        Traffic::All => ("-1".to_owned(), (-1, -1)),
        Traffic::Tcp(ports) => ("tcp".to_owned(), (i32::from(ports.first), i32::from(ports.last))),
        Traffic::Udp(ports) => ("udp".to_owned(), (i32::from(ports.first), i32::from(ports.last))),
        Traffic::Icmp(kind) => ("icmp".to_owned(), icmp(kind)),
        Traffic::Icmpv6(kind) => ("icmpv6".to_owned(), icmp(kind)),
        Traffic::Protocol(number) => (number.to_string(), (-1, -1)),
    };
    (word, first, last)
}

/// A rule as a permission. `peer` is the group at the other end, of rules that name one.
pub(super) fn permission(traffic: Traffic, peer: &Peer, group: &str, description: &str) -> IpPermission {
    let (word, first, last) = protocol(traffic);
    let description = Some(description.to_owned()).filter(|text| !text.is_empty());
    let base = IpPermission::builder().ip_protocol(word);
    let base = match traffic {
        // All protocols have all ports, "regardless of any port range you specify" (IpPermission): none is told.
        Traffic::All => base,
        _ => base.from_port(first).to_port(last),
    };
    let pair = |id: &str, description: Option<String>| {
        UserIdGroupPair::builder().group_id(id).set_description(description).build()
    };
    match peer {
        Peer::Range(ipnet::IpNet::V4(range)) => {
            base.ip_ranges(IpRange::builder().cidr_ip(range.to_string()).set_description(description).build())
        }
        Peer::Range(ipnet::IpNet::V6(range)) => base.ipv6_ranges(
            Ipv6Range::builder().cidr_ipv6(range.to_string()).set_description(description).build(),
        ),
        Peer::PrefixList(id) => base
            .prefix_list_ids(PrefixListId::builder().prefix_list_id(id).set_description(description).build()),
        Peer::Itself => base.user_id_group_pairs(pair(group, description)),
        Peer::Group(id) => base.user_id_group_pairs(pair(id, description)),
    }
    .build()
}

/// Makes the rules of one direction as wanted: first what is missing, so that nothing is cut off in between,
/// then descriptions, then what is too much.
pub(super) async fn converge(
    aws: &Aws,
    group: &CloudId,
    direction: Direction,
    want: &[Rule],
    live: &[Rule],
) -> Result<(), Error> {
    let (want, live) = (Rule::by_key(want), Rule::by_key(live));
    let as_permission =
        |rule: &&Rule| permission(rule.traffic, &rule.peer, group.as_str(), &rule.description);
    let missing =
        want.iter().filter(|(key, _)| !live.contains_key(*key)).map(|(_, rule)| as_permission(rule));
    let renamed = want
        .iter()
        .filter(|(key, rule)| live.get(*key).is_some_and(|live| live != *rule))
        .map(|(_, rule)| as_permission(rule));
    let extra = live.iter().filter(|(key, _)| !want.contains_key(*key)).map(|(_, rule)| as_permission(rule));
    change(aws, group, Write::Authorize, direction, missing.collect()).await?;
    change(aws, group, Write::Describe, direction, renamed.collect()).await?;
    change(aws, group, Write::Revoke, direction, extra.collect()).await
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Write {
    Authorize,
    Describe,
    Revoke,
}

/// All rules by one call; one by one when a rule is there already, or gone already, for then EC2 does nothing
/// of the call.
async fn change(
    aws: &Aws,
    group: &CloudId,
    write: Write,
    direction: Direction,
    rules: Vec<IpPermission>,
) -> Result<(), Error> {
    if rules.is_empty() {
        return Ok(());
    }
    let done = |error: &Error| {
        matches!(
            (write, error.code.as_deref()),
            (Write::Authorize, Some("InvalidPermission.Duplicate"))
                | (Write::Describe | Write::Revoke, Some("InvalidPermission.NotFound"))
        )
    };
    match send(aws, group, write, direction, &rules).await {
        Err(error) if done(&error) && rules.len() > 1 => {
            for rule in rules {
                match send(aws, group, write, direction, &[rule]).await {
                    Err(error) if !done(&error) => return Err(error),
                    _ => {}
                }
            }
            Ok(())
        }
        Err(error) if done(&error) => Ok(()),
        // The group is gone, and its rules with it.
        Err(error) if write == Write::Revoke && error.class == Class::NotFound => Ok(()),
        other => other,
    }
}

async fn send(
    aws: &Aws,
    group: &CloudId,
    write: Write,
    direction: Direction,
    rules: &[IpPermission],
) -> Result<(), Error> {
    let (ec2, id) = (&aws.clients().ec2, group.as_str());
    let rules = || Some(rules.to_vec());
    match (write, direction) {
        (Write::Authorize, Direction::Ingress) => aws
            .converge(Service::Ec2, "AuthorizeSecurityGroupIngress", || {
                ec2.authorize_security_group_ingress().group_id(id).set_ip_permissions(rules()).send()
            })
            .await
            .map(|_| ()),
        (Write::Authorize, Direction::Egress) => aws
            .converge(Service::Ec2, "AuthorizeSecurityGroupEgress", || {
                ec2.authorize_security_group_egress().group_id(id).set_ip_permissions(rules()).send()
            })
            .await
            .map(|_| ()),
        (Write::Describe, Direction::Ingress) => aws
            .converge(Service::Ec2, "UpdateSecurityGroupRuleDescriptionsIngress", || {
                let call = ec2.update_security_group_rule_descriptions_ingress().group_id(id);
                call.set_ip_permissions(rules()).send()
            })
            .await
            .map(|_| ()),
        (Write::Describe, Direction::Egress) => aws
            .converge(Service::Ec2, "UpdateSecurityGroupRuleDescriptionsEgress", || {
                let call = ec2.update_security_group_rule_descriptions_egress().group_id(id);
                call.set_ip_permissions(rules()).send()
            })
            .await
            .map(|_| ()),
        (Write::Revoke, Direction::Ingress) => aws
            .remove(Service::Ec2, "RevokeSecurityGroupIngress", || {
                ec2.revoke_security_group_ingress().group_id(id).set_ip_permissions(rules()).send()
            })
            .await
            .map(|_| ()),
        (Write::Revoke, Direction::Egress) => aws
            .remove(Service::Ec2, "RevokeSecurityGroupEgress", || {
                ec2.revoke_security_group_egress().group_id(id).set_ip_permissions(rules()).send()
            })
            .await
            .map(|_| ()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_told_where_they_mean_something() {
        let ports = |traffic| {
            let permission = permission(traffic, &Peer::Itself, "sg-1", "");
            (permission.from_port(), permission.to_port())
        };
        assert_eq!(ports(Traffic::All), (None, None));
        assert_eq!(ports(Traffic::tcp(443)), (Some(443), Some(443)));
        assert_eq!(ports(Traffic::Icmp(None)), (Some(-1), Some(-1)));
    }

    #[test]
    fn traffic_reads_back_as_written() {
        for traffic in [
            Traffic::All,
            Traffic::tcp(443),
            Traffic::Udp(Ports { first: 1024, last: 65535 }),
            Traffic::Icmp(None),
            Traffic::Icmp(Some(Icmp { kind: 3, code: 4 })),
            Traffic::Icmp(Some(Icmp { kind: 8, code: -1 })),
            Traffic::Icmpv6(None),
            Traffic::Protocol(50),
        ] {
            let (word, first, last) = protocol(traffic);
            let rule = SdkRule::builder().ip_protocol(word).from_port(first).to_port(last).build();
            assert_eq!(self::traffic(&rule), traffic);
        }
    }
}
