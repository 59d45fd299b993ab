//! The network: VPC, subnets, the ways in and out, endpoints and flow logs.

use std::collections::BTreeMap;

use ipnet::{IpNet, Ipv4Net};

use super::expansion::{Expansion, cluster_name, output};
use super::permissions;
use crate::config::schema::{ExistingNetwork, FlowTraffic, Nat};
use crate::config::subnets::{ZoneRanges, zone_ranges};
use crate::model::ec2::{
    DefaultSecurityGroup, ElasticIp, FlowLog, FlowLogDestination, InternetGateway, NatGateway, Peer, Reach,
    RecordedTraffic, RouteTable, RouteTarget, Rule, SecurityGroup, Subnet, Traffic, Vpc, VpcEndpoint,
};
use crate::model::iam::Role;
use crate::model::logs::{LogClass, LogGroup};
use crate::model::{Attribute, Ref};

/// Where a route to everywhere goes.
const EVERYWHERE: &str = "0.0.0.0/0";

/// What other parts need of the network.
pub(super) struct Network {
    pub(super) vpc: Ref<Vpc>,
    pub(super) zones: Vec<Zone>,
    /// Private subnets whose zones are not known: those of a network that exists already.
    unzoned: Vec<Ref<Subnet>>,
    unzoned_public: Vec<Ref<Subnet>>,
    /// The ranges that nodes and pods have addresses in.
    pub(super) private_ranges: Vec<Ipv4Net>,
}

/// The subnets of one zone.
pub(super) struct Zone {
    pub(super) letter: String,
    public: Ref<Subnet>,
    private: Ref<Subnet>,
}

impl Network {
    /// All private subnets.
    pub(super) fn private_subnets(&self) -> Vec<Ref<Subnet>> {
        self.zones.iter().map(|zone| zone.private.clone()).chain(self.unzoned.iter().cloned()).collect()
    }

    /// The private or public subnets of some zones; of all, when none is named.
    pub(super) fn subnets_in(&self, letters: &[String], public: Tier) -> Vec<Ref<Subnet>> {
        let wanted = |zone: &&Zone| letters.is_empty() || letters.contains(&zone.letter);
        let zoned = self.zones.iter().filter(wanted);
        match public {
            Tier::Public => {
                zoned.map(|z| z.public.clone()).chain(self.unzoned_public.iter().cloned()).collect()
            }
            Tier::Private => zoned.map(|z| z.private.clone()).chain(self.unzoned.iter().cloned()).collect(),
        }
    }
}

/// One of the two tiers of subnets.
#[derive(Clone, Copy)]
pub(super) enum Tier {
    Public,
    Private,
}

/// Adds the network. There is none beside a cluster that exists already in a network of its own.
pub(super) fn expand(expansion: &mut Expansion<'_>) -> Option<Network> {
    if let Some(existing) = &expansion.settings.network.existing {
        return Some(adopt(existing, expansion.settings.network.cidr));
    }
    if expansion.settings.cluster.existing.is_some() {
        return None;
    }
    let vpc = add_vpc(expansion);
    let gateway = {
        let tags = expansion.named(expansion.environment);
        expansion.add("main", InternetGateway { vpc: Some(vpc.clone()), tags })
    };
    let ranges = zone_ranges(&expansion.settings.network).unwrap_or_default();
    let letters = &expansion.settings.network.zones;
    let zones: Vec<Zone> = letters
        .iter()
        .zip(&ranges)
        .map(|(letter, ranges)| add_zone(expansion, &vpc, letter, *ranges))
        .collect();
    let nat = add_nat(expansion, &zones, &gateway);
    let tables = add_route_tables(expansion, &vpc, &zones, &gateway, &nat);
    add_endpoints(expansion, &vpc, &zones, tables);
    add_flow_log(expansion, &vpc);
    let private_ranges = ranges.iter().map(|ranges| ranges.private).collect();
    Some(Network { vpc, zones, unzoned: Vec::new(), unzoned_public: Vec::new(), private_ranges })
}

/// A network that exists already: nothing is added, everything is referred to by id.
fn adopt(existing: &ExistingNetwork, cidr: Ipv4Net) -> Network {
    let subnets = |ids: &[String]| ids.iter().map(|id| Ref::external(id.as_str())).collect();
    Network {
        vpc: Ref::external(existing.vpc.as_str()),
        zones: Vec::new(),
        unzoned: subnets(&existing.private_subnets),
        unzoned_public: subnets(&existing.public_subnets),
        private_ranges: vec![cidr],
    }
}

fn add_vpc(expansion: &mut Expansion<'_>) -> Ref<Vpc> {
    let environment = expansion.environment;
    let vpc = Vpc {
        cidr: expansion.settings.network.cidr,
        dns_support: true,
        dns_hostnames: true,
        tags: expansion.named(environment),
    };
    let vpc = expansion.add("main", vpc);
    let tags = expansion.named(format!("{environment}-default-locked"));
    expansion.add("main", DefaultSecurityGroup::locked(vpc.clone(), tags));
    vpc
}

/// The tags tell Kubernetes where load balancers go. ("Create a VPC and subnets for your cluster".)
fn add_zone(expansion: &mut Expansion<'_>, vpc: &Ref<Vpc>, letter: &str, ranges: ZoneRanges) -> Zone {
    let environment = expansion.environment;
    let zone = format!("{}{letter}", expansion.settings.aws.region);
    let mut subnet = |tier: &str, role: &str, cidr: Ipv4Net| {
        let mut tags = expansion.named(format!("{environment}-{tier}-{zone}"));
        tags.insert("Tier".to_owned(), tier.to_owned());
        tags.insert(format!("kubernetes.io/role/{role}"), "1".to_owned());
        tags.insert(format!("kubernetes.io/cluster/{}", cluster_name(environment)), "shared".to_owned());
        let subnet =
            Subnet { vpc: vpc.clone(), zone: zone.clone(), cidr, public_addresses: tier == "public", tags };
        expansion.add(&format!("{tier}-{letter}"), subnet)
    };
    let public = subnet("public", "elb", ranges.public);
    let private = subnet("private", "internal-elb", ranges.private);
    Zone { letter: letter.to_owned(), public, private }
}

/// The NAT gateway that serves each zone, by letter.
type NatByZone = BTreeMap<String, Ref<NatGateway>>;

fn add_nat(expansion: &mut Expansion<'_>, zones: &[Zone], internet: &Ref<InternetGateway>) -> NatByZone {
    let served_by: Vec<&Zone> = match expansion.settings.network.nat {
        Nat::None => Vec::new(),
        Nat::Single => zones.iter().take(1).collect(),
        Nat::PerZone => zones.iter().collect(),
    };
    let gateways: Vec<Ref<NatGateway>> = served_by
        .into_iter()
        .map(|zone| {
            let name =
                format!("{}-nat-{}{}", expansion.environment, expansion.settings.aws.region, zone.letter);
            let tags = expansion.named(name);
            let address = expansion.add(&format!("nat-{}", zone.letter), ElasticIp { tags: tags.clone() });
            let gateway = NatGateway {
                subnet: zone.public.clone(),
                address: Some(address),
                internet_gateway: Some(internet.clone()),
                tags,
            };
            expansion.add(&zone.letter, gateway)
        })
        .collect();
    let serving = |at: usize| gateways.get(at).or_else(|| gateways.first()).cloned();
    zones.iter().enumerate().filter_map(|(at, zone)| Some((zone.letter.clone(), serving(at)?))).collect()
}

/// One table for the public subnets, and one a zone for the private ones, however many NAT gateways there are:
/// another number of them changes routes and nothing else.
fn add_route_tables(
    expansion: &mut Expansion<'_>,
    vpc: &Ref<Vpc>,
    zones: &[Zone],
    internet: &Ref<InternetGateway>,
    nat: &NatByZone,
) -> Vec<Ref<RouteTable>> {
    let environment = expansion.environment;
    let public = RouteTable {
        vpc: vpc.clone(),
        routes: [(EVERYWHERE.to_owned(), RouteTarget::InternetGateway(internet.clone()))].into(),
        subnets: zones.iter().map(|zone| zone.public.clone()).collect(),
        tags: expansion.named(format!("{environment}-public")),
    };
    let mut tables = vec![expansion.add("public", public)];
    for zone in zones {
        let way =
            nat.get(&zone.letter).map(|nat| (EVERYWHERE.to_owned(), RouteTarget::NatGateway(nat.clone())));
        let name = format!("{environment}-private-{}{}", expansion.settings.aws.region, zone.letter);
        let private = RouteTable {
            vpc: vpc.clone(),
            routes: way.into_iter().collect(),
            subnets: vec![zone.private.clone()],
            tags: expansion.named(name),
        };
        tables.push(expansion.add(&format!("private-{}", zone.letter), private));
    }
    tables
}

fn add_endpoints(
    expansion: &mut Expansion<'_>,
    vpc: &Ref<Vpc>,
    zones: &[Zone],
    tables: Vec<Ref<RouteTable>>,
) {
    let network = &expansion.settings.network;
    let environment = expansion.environment;
    // Services of the Chinese partition have another prefix. ("AWS services that integrate with PrivateLink".)
    let prefix = if expansion.partition() == "aws-cn" { "cn.com.amazonaws" } else { "com.amazonaws" };
    let service = |name: &str| {
        // In China, S3 and the like keep the ordinary prefix; only interface endpoints have the other one.
        let prefix = if name == "s3" { "com.amazonaws" } else { prefix };
        format!("{prefix}.{}.{name}", expansion.settings.aws.region)
    };
    if network.s3_endpoint {
        let endpoint = VpcEndpoint {
            vpc: vpc.clone(),
            service: service("s3"),
            reach: Reach::Gateway { route_tables: tables },
            policy: None,
            tags: expansion.named(format!("{environment}-s3")),
        };
        expansion.add("s3", endpoint);
    }
    if network.interface_endpoints.is_empty() {
        return;
    }
    let endpoints: Vec<(String, String)> =
        network.interface_endpoints.iter().map(|name| (name.clone(), service(name))).collect();
    let group = SecurityGroup {
        vpc: vpc.clone(),
        name: format!("{environment}-endpoints"),
        description: format!("Interface endpoints of {environment}"),
        ingress: vec![https_from(network.cidr, "HTTPS from the VPC")],
        egress: Vec::new(),
        tags: expansion.named(format!("{environment}-endpoints")),
    };
    let group = expansion.add("endpoints", group);
    for (name, service) in endpoints {
        let reach = Reach::Interface {
            subnets: zones.iter().map(|zone| zone.private.clone()).collect(),
            security_groups: vec![group.clone()],
            private_dns: true,
        };
        let tags = expansion.named(format!("{environment}-{name}"));
        expansion.add(&name, VpcEndpoint { vpc: vpc.clone(), service, reach, policy: None, tags });
    }
}

/// A rule that lets HTTPS in from a range.
pub(super) fn https_from(range: Ipv4Net, description: &str) -> Rule {
    let peer = Peer::Range(IpNet::V4(range));
    Rule { traffic: Traffic::tcp(443), peer, description: description.to_owned() }
}

fn add_flow_log(expansion: &mut Expansion<'_>, vpc: &Ref<Vpc>) {
    let settings = &expansion.settings.network.flow_logs;
    if !settings.enabled {
        return;
    }
    let name = expansion.path_name("flow-logs");
    let group = LogGroup {
        name: name.clone(),
        retention: Some(settings.retention_days),
        key: None,
        class: LogClass::Standard,
        tags: expansion.named(name),
    };
    let group = expansion.add("flow-logs", group);
    let role_name = expansion.account_name("flow-logs");
    let trust = permissions::trust_service("vpc-flow-logs.amazonaws.com");
    let mut role = Role::new(role_name.as_str(), trust, expansion.named(role_name.as_str()));
    role.description = format!("Writes the flow logs of {}", expansion.environment);
    role.inline.insert("write-logs".to_owned(), permissions::write_logs(&output(&group, Attribute::Arn)));
    let role = expansion.add("flow-logs", role);
    let flow_log = FlowLog {
        vpc: vpc.clone(),
        traffic: match settings.traffic {
            FlowTraffic::All => RecordedTraffic::All,
            FlowTraffic::Accept => RecordedTraffic::Accept,
            FlowTraffic::Reject => RecordedTraffic::Reject,
        },
        destination: FlowLogDestination::LogGroup {
            log_group: output(&group, Attribute::Id),
            role: output(&role, Attribute::Arn),
        },
        format: None,
        aggregation_seconds: 600,
        tags: expansion.named(expansion.environment),
    };
    expansion.add("main", flow_log);
}
