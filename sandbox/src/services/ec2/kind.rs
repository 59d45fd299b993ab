//! The kinds of EC2 resources: prefix of the id, type for tags, and how a missing one is refused.

use crate::wire::failure::Failure;

/// A kind of EC2 resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Elastic IP.
    Address,
    /// DHCP options.
    DhcpOptions,
    /// VPC endpoint.
    Endpoint,
    /// Flow log.
    FlowLog,
    /// Internet gateway.
    InternetGateway,
    /// Launch template.
    LaunchTemplate,
    /// NAT gateway.
    NatGateway,
    /// Network ACL.
    NetworkAcl,
    /// Network interface.
    NetworkInterface,
    /// Route table.
    RouteTable,
    /// Security group.
    SecurityGroup,
    /// Security group rule.
    SecurityGroupRule,
    /// Subnet.
    Subnet,
    /// Volume.
    Volume,
    /// VPC.
    Vpc,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 15] = [
        Self::Address,
        Self::DhcpOptions,
        Self::Endpoint,
        Self::FlowLog,
        Self::InternetGateway,
        Self::LaunchTemplate,
        Self::NatGateway,
        Self::NetworkAcl,
        Self::NetworkInterface,
        Self::RouteTable,
        Self::SecurityGroup,
        Self::SecurityGroupRule,
        Self::Subnet,
        Self::Volume,
        Self::Vpc,
    ];

    /// What ids of this kind begin with, before the dash.
    pub fn prefix(self) -> &'static str {
        self.facts().0
    }

    /// The type in tag specifications and `DescribeTags`; also the first part of the ARN's resource.
    pub fn resource_type(self) -> &'static str {
        self.facts().1
    }

    /// The filter on the id of this kind.
    pub fn id_filter(self) -> &'static str {
        match self {
            Self::Address => "allocation-id",
            Self::DhcpOptions => "dhcp-options-id",
            Self::Endpoint => "vpc-endpoint-id",
            Self::FlowLog => "flow-log-id",
            Self::InternetGateway => "internet-gateway-id",
            Self::LaunchTemplate => "launch-template-id",
            Self::NatGateway => "nat-gateway-id",
            Self::NetworkAcl => "network-acl-id",
            Self::NetworkInterface => "network-interface-id",
            Self::RouteTable => "route-table-id",
            Self::SecurityGroup => "group-id",
            Self::SecurityGroupRule => "security-group-rule-id",
            Self::Subnet => "subnet-id",
            Self::Volume => "volume-id",
            Self::Vpc => "vpc-id",
        }
    }

    /// The kind that an id belongs to by its prefix.
    pub fn of(id: &str) -> Option<Self> {
        let (prefix, _) = id.split_once('-')?;
        Self::ALL.into_iter().find(|kind| kind.prefix() == prefix)
    }

    /// The refusal of an id that does not exist, or is none.
    /// Codes: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
    pub fn missing(self, id: &str) -> Failure {
        let (prefix, _, code, noun) = self.facts();
        let well_formed =
            id.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')).is_some_and(|digits| {
                matches!(digits.len(), 8 | 17) && digits.chars().all(|digit| digit.is_ascii_hexdigit())
            });
        if !well_formed {
            let text = format!("Invalid id: \"{id}\" (expecting \"{prefix}-...\")");
            return Failure::new(malformed(code), text);
        }
        let text = match self {
            Self::NatGateway => format!("The Nat Gateway {id} was not found"),
            _ => format!("The {noun} '{id}' does not exist"),
        };
        Failure::new(code, text)
    }

    fn facts(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Address => ("eipalloc", "elastic-ip", "InvalidAllocationID.NotFound", "allocation ID"),
            Self::DhcpOptions => ("dopt", "dhcp-options", "InvalidDhcpOptionID.NotFound", "dhcpOption ID"),
            Self::Endpoint => ("vpce", "vpc-endpoint", "InvalidVpcEndpointId.NotFound", "Vpc Endpoint Id"),
            Self::FlowLog => ("fl", "vpc-flow-log", "InvalidFlowLogId.NotFound", "flow log ID"),
            Self::InternetGateway => {
                ("igw", "internet-gateway", "InvalidInternetGatewayID.NotFound", "internetGateway ID")
            }
            Self::LaunchTemplate => {
                ("lt", "launch-template", "InvalidLaunchTemplateId.NotFound", "launch template ID")
            }
            Self::NatGateway => ("nat", "natgateway", "NatGatewayNotFound", "nat gateway"),
            Self::NetworkAcl => ("acl", "network-acl", "InvalidNetworkAclID.NotFound", "networkAcl ID"),
            Self::NetworkInterface => {
                ("eni", "network-interface", "InvalidNetworkInterfaceID.NotFound", "networkInterface ID")
            }
            Self::RouteTable => ("rtb", "route-table", "InvalidRouteTableID.NotFound", "routeTable ID"),
            Self::SecurityGroup => ("sg", "security-group", "InvalidGroup.NotFound", "security group"),
            Self::SecurityGroupRule => (
                "sgr",
                "security-group-rule",
                "InvalidSecurityGroupRuleId.NotFound",
                "security group rule ID",
            ),
            Self::Subnet => ("subnet", "subnet", "InvalidSubnetID.NotFound", "subnet ID"),
            Self::Volume => ("vol", "volume", "InvalidVolume.NotFound", "volume"),
            Self::Vpc => ("vpc", "vpc", "InvalidVpcID.NotFound", "vpc ID"),
        }
    }
}

/// The code of a malformed id from that of a missing one. Most differ in the ending only.
fn malformed(missing: &str) -> String {
    match missing {
        "InvalidGroup.NotFound" => "InvalidGroupId.Malformed".to_owned(),
        "InvalidVolume.NotFound" => "InvalidVolumeID.Malformed".to_owned(),
        "NatGatewayNotFound" => "NatGatewayMalformed".to_owned(),
        code => code.replace(".NotFound", ".Malformed"),
    }
}
