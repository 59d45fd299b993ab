//! EC2: networks, gateways, security groups, endpoints, launch templates, volumes.
//!
//! One file a kind of resource; [`requester`] is what other services may do here. Not modelled: default VPCs (an
//! account starts with none), instances (nodes of EKS belong to the cluster model), IPv6 addresses, network ACLs
//! other than the default ones.

mod address;
mod describe;
mod dhcp_options;
mod endpoint;
mod endpoint_service;
mod flow_log;
mod instance;
mod internet_gateway;
mod kind;
mod launch_template;
mod launch_template_version;
mod nat_gateway;
mod network_acl;
mod network_interface;
mod permission;
mod prefix_list;
mod quota;
pub mod requester;
mod route;
mod route_table;
mod security_group;
mod security_group_rule;
mod service;
mod state;
mod subnet;
mod tag;
mod volume;
mod vpc;
mod vpc_attribute;
mod zone;

pub use address::{Address, AddressAssociation};
pub use dhcp_options::DhcpOptions;
pub use endpoint::Endpoint;
pub use flow_log::FlowLog;
pub use instance::type_sizes;
pub use internet_gateway::InternetGateway;
pub use kind::Kind;
pub use launch_template::{LaunchTemplate, Version, by_id_or_name};
pub use nat_gateway::{NatAddress, NatGateway, NatState};
pub use network_acl::NetworkAcl;
pub use network_interface::{Attachment, NetworkInterface};
pub use permission::{Rule, Target};
pub use route::{Route, Via};
pub use route_table::{Association, RouteTable};
pub use security_group::SecurityGroup;
pub use service::SERVICE;
pub use state::State;
pub use subnet::Subnet;
pub use volume::{Volume, VolumeAttachment};
pub use vpc::{CidrAssociation, Vpc};
