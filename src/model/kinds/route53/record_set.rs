//! What a name of a zone answers.

use serde::{Deserialize, Serialize};

use super::HostedZone;
use crate::model::kinds::kubernetes::Release;
use crate::model::{Address, Changes, Kind, NoOutputs, Recovery, Ref, Resource, Text, Timing, Visitor};

/// The records of one name and type (simple routing: no set identifier).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSet {
    /// The zone it is part of.
    pub zone: Ref<HostedZone>,
    /// The whole name, lower-case, without the final dot (`api.backend.internal`, `*.example.com`).
    pub name: String,
    /// The type.
    pub record_type: RecordType,
    /// The answer.
    pub content: RecordContent,
    /// The release whose load balancer it leads to. For the order only: what it answers says so no longer once it is
    /// known, and it goes before what it leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads_to: Option<Ref<Release>>,
}

/// The types of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// Another name.
    Cname,
    /// Text, in quotes.
    Txt,
    /// Mail servers.
    Mx,
    /// Services with ports.
    Srv,
    /// Name servers.
    Ns,
    /// Reverse names.
    Ptr,
    /// Who may issue certificates.
    Caa,
}

impl RecordType {
    /// Every type with its word.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::A, "A"),
        (Self::Aaaa, "AAAA"),
        (Self::Cname, "CNAME"),
        (Self::Txt, "TXT"),
        (Self::Mx, "MX"),
        (Self::Srv, "SRV"),
        (Self::Ns, "NS"),
        (Self::Ptr, "PTR"),
        (Self::Caa, "CAA"),
    ];

    /// The word of the type.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// Reads the word of a type.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    }
}

/// What a name answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordContent {
    /// Values, and for how many seconds they may be kept.
    Values {
        /// Seconds.
        ttl: u32,
        /// The values, without order.
        values: Vec<Text>,
    },
    /// Whatever an AWS resource answers at the moment.
    Alias {
        /// The resource's host name (a load balancer's), lower-case, without the final dot.
        host: Text,
        /// The hosted zone in which that host name is (a load balancer's canonical one).
        host_zone: Text,
        /// Whether the answer is held back while the resource is unhealthy.
        evaluate_health: bool,
    },
}

impl Resource for RecordSet {
    const KIND: Kind = Kind::RecordSet;
    /// UPSERT may be repeated; listing the zone shows it.
    const RECOVERY: Recovery = Recovery::Edge;
    const TIMING: Timing = Timing::seconds(2, 2, 2);
    type Outputs = NoOutputs;

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let Self { zone, name: _, record_type: _, content, leads_to } = self;
        visitor.reference(zone);
        visitor.references(leads_to);
        match content {
            RecordContent::Values { ttl: _, values } => {
                values.iter_mut().for_each(|value| visitor.text(value));
            }
            RecordContent::Alias { host, host_zone, evaluate_health: _ } => {
                visitor.text(host);
                visitor.text(host_zone);
            }
        }
    }

    fn sort_sets(&mut self) {
        if let RecordContent::Values { values, ttl: _ } = &mut self.content {
            values.sort();
        }
    }

    fn changes(&self, live: &Self, changes: &mut Changes) {
        let Self { zone, name, record_type, content, leads_to: _ } = self;
        changes.replace("zone", zone, &live.zone);
        changes.replace("name", name, &live.name);
        changes.replace("record_type", record_type, &live.record_type);
        match (content, &live.content) {
            (
                RecordContent::Values { ttl, values },
                RecordContent::Values { ttl: live_ttl, values: live_values },
            ) => {
                changes.update("ttl", ttl, live_ttl);
                changes.update_set("values", values, live_values);
            }
            (
                RecordContent::Alias { host, host_zone, evaluate_health },
                RecordContent::Alias { host: live_host, host_zone: live_zone, evaluate_health: live_health },
            ) => {
                changes.update("host", host, live_host);
                changes.update("host_zone", host_zone, live_zone);
                changes.update("evaluate_health", evaluate_health, live_health);
            }
            (want, live) => changes.update("content", want, live),
        }
    }

    fn parent(&self) -> Option<Address> {
        self.zone.address()
    }
}
