//! The words of security group rules.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One rule of a security group, direction apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rule {
    /// What kind of traffic.
    pub traffic: Traffic,
    /// From whom (ingress) or to whom (egress).
    pub peer: Peer,
    /// Why it is there; empty for none.
    pub description: String,
}

/// The traffic that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Traffic {
    /// Everything.
    All,
    /// TCP to these ports.
    Tcp(Ports),
    /// UDP to these ports.
    Udp(Ports),
    /// ICMP of one type and code; `None` is any.
    Icmp(Option<Icmp>),
    /// ICMPv6 of one type and code; `None` is any.
    Icmpv6(Option<Icmp>),
    /// Another protocol by its number (50 for ESP), all of it.
    Protocol(u8),
}

/// Ports, from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ports {
    /// The first.
    pub first: u16,
    /// The last; the same as the first for one.
    pub last: u16,
}

/// A type and code of ICMP; -1 as the code is any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Icmp {
    /// The type.
    pub kind: i16,
    /// The code.
    pub code: i16,
}

/// The other end of a rule's traffic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Peer {
    /// A range of addresses, IPv4 or IPv6.
    Range(ipnet::IpNet),
    /// A prefix list, by id.
    PrefixList(String),
    /// The members of the group itself.
    Itself,
    /// The members of another group, by id. Seen where somebody put it there, so that it shows; what is wanted
    /// of this sort is a [`super::SecurityGroupRule`].
    Group(String),
}

impl Traffic {
    /// TCP to one port.
    pub fn tcp(port: u16) -> Self {
        Self::Tcp(Ports { first: port, last: port })
    }

    /// UDP to one port.
    pub fn udp(port: u16) -> Self {
        Self::Udp(Ports { first: port, last: port })
    }
}

impl Rule {
    /// What makes a rule the same as another: AWS refuses a second one of the same traffic and peer.
    pub fn key(&self) -> String {
        format!("{} {}", self.traffic, self.peer)
    }

    /// Rules by key, as they are compared.
    pub fn by_key(rules: &[Self]) -> BTreeMap<String, &Self> {
        rules.iter().map(|rule| (rule.key(), rule)).collect()
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Tcp(ports) => write!(f, "tcp/{ports}"),
            Self::Udp(ports) => write!(f, "udp/{ports}"),
            Self::Icmp(None) => f.write_str("icmp"),
            Self::Icmpv6(None) => f.write_str("icmpv6"),
            Self::Icmp(Some(icmp)) => write!(f, "icmp/{}.{}", icmp.kind, icmp.code),
            Self::Icmpv6(Some(icmp)) => write!(f, "icmpv6/{}.{}", icmp.kind, icmp.code),
            Self::Protocol(number) => write!(f, "protocol {number}"),
        }
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last } = self;
        if first == last { write!(f, "{first}") } else { write!(f, "{first}-{last}") }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(range) => range.fmt(f),
            Self::PrefixList(id) | Self::Group(id) => f.write_str(id),
            Self::Itself => f.write_str("itself"),
        }
    }
}
