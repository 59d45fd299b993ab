//! Security group rules: one rule a source and port range, and the grouped form that older calls use.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::kind::Kind;
use super::state::State;
use crate::wire::failure::Failure;
use crate::wire::input::Input;

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// The group that has it.
    pub group: String,
    /// True for outbound.
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `-1` or a number.
    pub protocol: String,
    /// First port, or ICMP type; -1 for all.
    pub from: i64,
    /// Last port, or ICMP code; -1 for all.
    pub to: i64,
    /// The other end.
    pub target: Target,
    /// The description.
    pub description: Option<String>,
}

/// The other end of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// An IPv4 range.
    Cidr4(String),
    /// An IPv6 range.
    Cidr6(String),
    /// A prefix list.
    PrefixList(String),
    /// A security group.
    Group(String),
}

impl Rule {
    /// A rule for every protocol and port.
    pub fn everything(group: &str, egress: bool, target: Target) -> Self {
        let (group, protocol) = (group.to_owned(), "-1".to_owned());
        Self { group, egress, protocol, from: -1, to: -1, target, description: None }
    }

    /// True when the other end is this group.
    pub fn names(&self, id: &str) -> bool {
        matches!(&self.target, Target::Group(group) if group == id)
    }

    /// True when both are the same rule; the description does not count.
    pub fn same(&self, other: &Self) -> bool {
        self.is_like(other) && self.target == other.target && self.group == other.group
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.egress, &self.protocol, self.from, self.to)
            == (other.egress, &other.protocol, other.from, other.to)
    }

    /// How refusals name the rule.
    pub fn words(&self) -> String {
        let peer = match &self.target {
            Target::Cidr4(text) | Target::Cidr6(text) | Target::PrefixList(text) | Target::Group(text) => {
                text
            }
        };
        let ports = match self.protocol.as_str() {
            "-1" => "ALL".to_owned(),
            protocol => {
                format!("{}, from port: {}, to port: {}", protocol.to_uppercase(), self.from, self.to)
            }
        };
        format!("peer: {peer}, {ports}, ALLOW")
    }
}

/// Reads the permissions of an authorize, revoke or update into single rules.
///
/// # Errors
/// EC2's error for a bad protocol, port, range or group.
pub(super) fn read(
    state: &State,
    group: &str,
    egress: bool,
    permissions: &[Input],
) -> Result<Vec<Rule>, Failure> {
    let mut rules: Vec<Rule> = Vec::new();
    for permission in permissions {
        let before = rules.len();
        let (protocol, from, to) = ports(permission)?;
        let mut push = |target, description: Option<&str>| {
            let (group, protocol) = (group.to_owned(), protocol.clone());
            let description = description.filter(|text| !text.is_empty()).map(str::to_owned);
            rules.push(Rule { group, egress, protocol, from, to, target, description });
        };
        for range in permission.list("IpRanges") {
            push(Target::Cidr4(cidr4(range.str("CidrIp"))?), range.text("Description"));
        }
        for range in permission.list("Ipv6Ranges") {
            push(Target::Cidr6(cidr6(range.str("CidrIpv6"))?), range.text("Description"));
        }
        for list in permission.list("PrefixListIds") {
            push(Target::PrefixList(list.str("PrefixListId").to_owned()), list.text("Description"));
        }
        for pair in permission.list("UserIdGroupPairs") {
            let other = pair.str("GroupId");
            pair.text("UserId");
            pair.text("VpcId");
            if !state.groups.contains(other) {
                return Err(Kind::SecurityGroup.missing(other));
            }
            push(Target::Group(other.to_owned()), pair.text("Description"));
        }
        if rules.len() == before {
            let text =
                "The request must specify a CIDR, a prefix list or a security group for every permission";
            return Err(Failure::new("MissingParameter", text));
        }
    }
    Ok(rules)
}

/// Protocol and ports of anything that has `IpProtocol`, `FromPort` and `ToPort`.
///
/// # Errors
/// `InvalidParameterValue`.
pub(super) fn ports(input: &Input) -> Result<(String, i64, i64), Failure> {
    let asked = input.need("IpProtocol")?.to_lowercase();
    let (from, to) = (input.integer("FromPort"), input.integer("ToPort"));
    let protocol = match asked.as_str() {
        "all" | "-1" => "-1",
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        other => other,
    };
    let known =
        matches!(protocol, "-1" | "tcp" | "udp" | "icmp" | "icmpv6") || protocol.parse::<u8>().is_ok();
    if !known {
        let text = format!("Invalid value '{asked}' for IP protocol. Unknown protocol.");
        return Err(Failure::new("InvalidParameterValue", text));
    }
    if !matches!(protocol, "tcp" | "udp" | "icmp" | "icmpv6") {
        return Ok((protocol.to_owned(), -1, -1));
    }
    let (Some(from), Some(to)) = (from, to) else {
        let text = "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.";
        return Err(Failure::new("InvalidParameterValue", text));
    };
    let ok = match protocol {
        "tcp" | "udp" => (0..=65535).contains(&from) && (from..=65535).contains(&to),
        _ => (-1..=255).contains(&from) && (-1..=255).contains(&to),
    };
    if !ok {
        let text = format!("Invalid TCP/UDP port range ({from}:{to})");
        return Err(Failure::new("InvalidParameterValue", text));
    }
    Ok((protocol.to_owned(), from, to))
}

/// The canonical form of an IPv4 range.
///
/// # Errors
/// `InvalidParameterValue`.
pub(super) fn cidr4(text: &str) -> Result<String, Failure> {
    text.parse::<Ipv4Net>().map(|net| net.trunc().to_string()).map_err(|_| malformed(text))
}

/// The canonical form of an IPv6 range.
///
/// # Errors
/// `InvalidParameterValue`.
pub(super) fn cidr6(text: &str) -> Result<String, Failure> {
    text.parse::<Ipv6Net>().map(|net| net.trunc().to_string()).map_err(|_| malformed(text))
}

fn malformed(text: &str) -> Failure {
    Failure::new("InvalidParameterValue", format!("CIDR block {text} is malformed"))
}

/// The grouped form: one entry a protocol and port range, with all its other ends.
pub(super) fn grouped(rules: &[&Rule], owner: &str) -> Value {
    let mut heads: Vec<&Rule> = Vec::new();
    for rule in rules {
        if !heads.iter().any(|head| head.is_like(rule)) {
            heads.push(rule);
        }
    }
    heads
        .iter()
        .map(|head| {
            let mine = || rules.iter().filter(|rule| rule.is_like(head));
            let ranges = |pick: fn(&Rule) -> Option<Value>| mine().filter_map(|rule| pick(rule)).collect::<Vec<_>>();
            let pairs: Vec<Value> = mine()
                .filter_map(|rule| match &rule.target {
                    Target::Group(id) => {
                        Some(json!({ "GroupId": id, "UserId": owner, "Description": rule.description }))
                    }
                    _ => None,
                })
                .collect();
            let ports = head.protocol != "-1";
            json!({
                "IpProtocol": head.protocol,
                "FromPort": ports.then_some(head.from), "ToPort": ports.then_some(head.to),
                "IpRanges": ranges(|rule| match &rule.target {
                    Target::Cidr4(cidr) => Some(json!({ "CidrIp": cidr, "Description": rule.description })),
                    _ => None,
                }),
                "Ipv6Ranges": ranges(|rule| match &rule.target {
                    Target::Cidr6(cidr) => Some(json!({ "CidrIpv6": cidr, "Description": rule.description })),
                    _ => None,
                }),
                "PrefixListIds": ranges(|rule| match &rule.target {
                    Target::PrefixList(id) => Some(json!({ "PrefixListId": id, "Description": rule.description })),
                    _ => None,
                }),
                "UserIdGroupPairs": pairs,
            })
        })
        .collect()
}
