//! Kinds of Amazon EC2: networks and what lives in them.

mod default_security_group;
mod elastic_ip;
mod flow_log;
mod internet_gateway;
mod launch_template;
mod leftover;
mod nat_gateway;
mod route_table;
mod rule;
mod security_group;
mod security_group_rule;
mod subnet;
mod vpc;
mod vpc_endpoint;

pub use default_security_group::DefaultSecurityGroup;
pub use elastic_ip::{ElasticIp, ElasticIpOutputs};
pub use flow_log::{FlowLog, FlowLogDestination, RecordedTraffic};
pub use internet_gateway::InternetGateway;
pub use launch_template::{Disk, LaunchTemplate, LaunchTemplateOutputs, MetadataOptions};
pub use leftover::{Leftover, LeftoverKind};
pub use nat_gateway::{NatGateway, NatGatewayOutputs};
pub use route_table::{RouteTable, RouteTarget};
pub use rule::{Icmp, Peer, Ports, Rule, Traffic};
pub use security_group::{SecurityGroup, SecurityGroupOutputs};
pub use security_group_rule::{Direction, SecurityGroupRule};
pub use subnet::{Subnet, SubnetOutputs};
pub use vpc::{Vpc, VpcOutputs};
pub use vpc_endpoint::{Reach, VpcEndpoint};
