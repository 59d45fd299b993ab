//! What EC2 knows of one region.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::dhcp_options::DhcpOptions;
use super::endpoint::Endpoint;
use super::flow_log::FlowLog;
use super::internet_gateway::InternetGateway;
use super::kind::Kind;
use super::launch_template::LaunchTemplate;
use super::nat_gateway::NatGateway;
use super::network_acl::NetworkAcl;
use super::network_interface::NetworkInterface;
use super::permission::Rule;
use super::route_table::RouteTable;
use super::security_group::SecurityGroup;
use super::subnet::Subnet;
use super::volume::Volume;
use super::vpc::Vpc;
use crate::world::{Table, Tags};

/// EC2's part of a region: every kind by id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Elastic IPs.
    pub addresses: Table<Address>,
    /// DHCP options.
    pub dhcp_options: Table<DhcpOptions>,
    /// VPC endpoints.
    pub endpoints: Table<Endpoint>,
    /// Flow logs.
    pub flow_logs: Table<FlowLog>,
    /// Security groups.
    pub groups: Table<SecurityGroup>,
    /// Network interfaces.
    pub interfaces: Table<NetworkInterface>,
    /// Internet gateways.
    pub internet_gateways: Table<InternetGateway>,
    /// Launch templates.
    pub launch_templates: Table<LaunchTemplate>,
    /// NAT gateways, the deleted ones for an hour.
    pub nat_gateways: Table<NatGateway>,
    /// Network ACLs.
    pub network_acls: Table<NetworkAcl>,
    /// Route tables.
    pub route_tables: Table<RouteTable>,
    /// Security group rules.
    pub rules: Table<Rule>,
    /// Subnets.
    pub subnets: Table<Subnet>,
    /// Volumes.
    pub volumes: Table<Volume>,
    /// VPCs.
    pub vpcs: Table<Vpc>,
    /// Tags by the id of what carries them; nothing without tags has a row.
    pub tags: Table<Tags>,
    /// Quotas that differ from their defaults, by code.
    pub quotas: BTreeMap<String, u32>,
}

impl State {
    /// True when there is a resource of this kind with this id.
    pub fn has(&self, kind: Kind, id: &str) -> bool {
        match kind {
            Kind::Address => self.addresses.contains(id),
            Kind::DhcpOptions => self.dhcp_options.contains(id),
            Kind::Endpoint => self.endpoints.contains(id),
            Kind::FlowLog => self.flow_logs.contains(id),
            Kind::InternetGateway => self.internet_gateways.contains(id),
            Kind::LaunchTemplate => self.launch_templates.contains(id),
            Kind::NatGateway => self.nat_gateways.contains(id),
            Kind::NetworkAcl => self.network_acls.contains(id),
            Kind::NetworkInterface => self.interfaces.contains(id),
            Kind::RouteTable => self.route_tables.contains(id),
            Kind::SecurityGroup => self.groups.contains(id),
            Kind::SecurityGroupRule => self.rules.contains(id),
            Kind::Subnet => self.subnets.contains(id),
            Kind::Volume => self.volumes.contains(id),
            Kind::Vpc => self.vpcs.contains(id),
        }
    }

    /// The default security group of a VPC.
    pub fn default_group(&self, vpc: &str) -> Option<String> {
        let is_default = |row: &SecurityGroup| row.vpc == vpc && row.name == "default";
        self.groups.iter().find(|(_, row)| is_default(row)).map(|(id, _)| id.to_owned())
    }
}
