//! What EC2 offers.

use serde::Serialize;
use serde_json::json;

use super::kind::Kind;
use super::state::State;
use super::{
    address, dhcp_options, endpoint, endpoint_service, flow_log, instance, internet_gateway, launch_template,
    launch_template_version, nat_gateway, network_acl, network_interface, prefix_list, route, route_table,
    security_group, security_group_rule, subnet, tag, volume, vpc, vpc_attribute, zone,
};
use crate::services::{Item, Operation, Service, model};
use crate::wire::failure::Failure;
use crate::wire::validate::Violation;
use crate::world::{Call, Pending, Table, World};

/// The service.
pub const SERVICE: Service =
    Service { name: "ec2", model: model!("ec2"), operation, complete, refuse, inventory, raw: None };

fn operation(name: &str) -> Option<Operation> {
    let prefix = name.find(|letter: char| letter.is_lowercase()).and_then(|start| {
        let rest = &name[start..];
        rest.find(|letter: char| letter.is_uppercase()).map(|end| &name[..start + end])
    });
    match prefix? {
        "Describe" | "Get" => reading(name),
        "Create" | "Delete" => making(name),
        _ => changing(name),
    }
}

fn making(name: &str) -> Option<Operation> {
    Some(match name {
        "CreateFlowLogs" => flow_log::create_flow_logs,
        "CreateInternetGateway" => internet_gateway::create_internet_gateway,
        "CreateLaunchTemplate" => launch_template::create_launch_template,
        "CreateLaunchTemplateVersion" => launch_template_version::create_launch_template_version,
        "CreateNatGateway" => nat_gateway::create_nat_gateway,
        "CreateNetworkInterface" => network_interface::create_network_interface,
        "CreateRoute" => route::create_route,
        "CreateRouteTable" => route_table::create_route_table,
        "CreateSecurityGroup" => security_group::create_security_group,
        "CreateSubnet" => subnet::create_subnet,
        "CreateTags" => tag::create_tags,
        "CreateVolume" => volume::create_volume,
        "CreateVpc" => vpc::create_vpc,
        "CreateVpcEndpoint" => endpoint::create_vpc_endpoint,
        "DeleteFlowLogs" => flow_log::delete_flow_logs,
        "DeleteInternetGateway" => internet_gateway::delete_internet_gateway,
        "DeleteLaunchTemplate" => launch_template::delete_launch_template,
        "DeleteLaunchTemplateVersions" => launch_template_version::delete_launch_template_versions,
        "DeleteNatGateway" => nat_gateway::delete_nat_gateway,
        "DeleteNetworkInterface" => network_interface::delete_network_interface,
        "DeleteRoute" => route::delete_route,
        "DeleteRouteTable" => route_table::delete_route_table,
        "DeleteSecurityGroup" => security_group::delete_security_group,
        "DeleteSubnet" => subnet::delete_subnet,
        "DeleteTags" => tag::delete_tags,
        "DeleteVolume" => volume::delete_volume,
        "DeleteVpc" => vpc::delete_vpc,
        "DeleteVpcEndpoints" => endpoint::delete_vpc_endpoints,
        _ => return None,
    })
}

fn reading(name: &str) -> Option<Operation> {
    Some(match name {
        "DescribeAccountAttributes" => instance::describe_account_attributes,
        "DescribeAddresses" => address::describe_addresses,
        "DescribeAddressesAttribute" => address::describe_addresses_attribute,
        "DescribeAvailabilityZones" => zone::describe_availability_zones,
        "DescribeDhcpOptions" => dhcp_options::describe_dhcp_options,
        "DescribeFlowLogs" => flow_log::describe_flow_logs,
        "DescribeInstanceTypeOfferings" => instance::describe_instance_type_offerings,
        "DescribeInstanceTypes" => instance::describe_instance_types,
        "DescribeInstances" => instance::describe_instances,
        "DescribeInternetGateways" => internet_gateway::describe_internet_gateways,
        "DescribeLaunchTemplateVersions" => launch_template_version::describe_launch_template_versions,
        "DescribeLaunchTemplates" => launch_template::describe_launch_templates,
        "DescribeManagedPrefixLists" => prefix_list::describe_managed_prefix_lists,
        "DescribeNatGateways" => nat_gateway::describe_nat_gateways,
        "DescribeNetworkAcls" => network_acl::describe_network_acls,
        "DescribeNetworkInterfaces" => network_interface::describe_network_interfaces,
        "DescribePrefixLists" => prefix_list::describe_prefix_lists,
        "DescribeRegions" => zone::describe_regions,
        "DescribeRouteTables" => route_table::describe_route_tables,
        "DescribeSecurityGroupRules" => security_group_rule::describe_rules,
        "DescribeSecurityGroups" => security_group::describe_security_groups,
        "DescribeSubnets" => subnet::describe_subnets,
        "DescribeTags" => tag::describe_tags,
        "DescribeVolumes" => volume::describe_volumes,
        "DescribeVpcAttribute" => vpc_attribute::describe_vpc_attribute,
        "DescribeVpcEndpointServices" => endpoint_service::describe_vpc_endpoint_services,
        "DescribeVpcEndpoints" => endpoint::describe_vpc_endpoints,
        "DescribeVpcs" => vpc::describe_vpcs,
        "GetManagedPrefixListEntries" => prefix_list::get_managed_prefix_list_entries,
        _ => return None,
    })
}

fn changing(name: &str) -> Option<Operation> {
    Some(match name {
        "AllocateAddress" => address::allocate_address,
        "AssociateAddress" => address::associate_address,
        "AssociateRouteTable" => route_table::associate_route_table,
        "AssociateVpcCidrBlock" => vpc::associate_vpc_cidr_block,
        "AttachInternetGateway" => internet_gateway::attach_internet_gateway,
        "AuthorizeSecurityGroupEgress" => security_group_rule::authorize_egress,
        "AuthorizeSecurityGroupIngress" => security_group_rule::authorize_ingress,
        "DetachInternetGateway" => internet_gateway::detach_internet_gateway,
        "DisassociateAddress" => address::disassociate_address,
        "DisassociateRouteTable" => route_table::disassociate_route_table,
        "DisassociateVpcCidrBlock" => vpc::disassociate_vpc_cidr_block,
        "ModifyLaunchTemplate" => launch_template::modify_launch_template,
        "ModifyNetworkInterfaceAttribute" => network_interface::modify_network_interface_attribute,
        "ModifySecurityGroupRules" => security_group_rule::modify_rules,
        "ModifySubnetAttribute" => subnet::modify_subnet_attribute,
        "ModifyVpcAttribute" => vpc_attribute::modify_vpc_attribute,
        "ModifyVpcEndpoint" => endpoint::modify_vpc_endpoint,
        "ReleaseAddress" => address::release_address,
        "ReplaceRoute" => route::replace_route,
        "ReplaceRouteTableAssociation" => route_table::replace_route_table_association,
        "RevokeSecurityGroupEgress" => security_group_rule::revoke_egress,
        "RevokeSecurityGroupIngress" => security_group_rule::revoke_ingress,
        "UpdateSecurityGroupRuleDescriptionsEgress" => security_group_rule::describe_egress_anew,
        "UpdateSecurityGroupRuleDescriptionsIngress" => security_group_rule::describe_ingress_anew,
        _ => return None,
    })
}

/// Ends a creation or a deletion that was under way.
fn complete(call: &mut Call<'_>, pending: &Pending) {
    let Pending { subject, change, .. } = pending;
    match Kind::of(subject) {
        Some(Kind::NatGateway) => nat_gateway::complete(call, subject, change),
        Some(Kind::Endpoint) => endpoint::complete(call, subject, change),
        Some(Kind::Volume) => volume::complete(call, subject, change),
        _ => {}
    }
}

/// EC2 has codes of its own for what breaks the model.
fn refuse(violation: &Violation) -> Failure {
    let Violation { path, value, .. } = violation;
    if violation.is_missing() {
        return Failure::new("MissingParameter", format!("The request must contain the parameter {path}"));
    }
    Failure::new("InvalidParameterValue", format!("Value ({value}) for parameter {path} is invalid."))
}

fn inventory(world: &World, account: &str, region: &str) -> Vec<Item> {
    let Some(state) = world.region(account, region).map(|region| &region.ec2) else { return Vec::new() };
    let state: &State = state;
    let list = Lister { state, account, region };
    [
        list.all(Kind::Address, &state.addresses),
        list.all(Kind::DhcpOptions, &state.dhcp_options),
        list.all(Kind::Endpoint, &state.endpoints),
        list.all(Kind::FlowLog, &state.flow_logs),
        list.all(Kind::InternetGateway, &state.internet_gateways),
        list.all(Kind::LaunchTemplate, &state.launch_templates),
        list.all(Kind::NatGateway, &state.nat_gateways),
        list.all(Kind::NetworkAcl, &state.network_acls),
        list.all(Kind::NetworkInterface, &state.interfaces),
        list.all(Kind::RouteTable, &state.route_tables),
        list.all(Kind::SecurityGroup, &state.groups),
        list.all(Kind::SecurityGroupRule, &state.rules),
        list.all(Kind::Subnet, &state.subnets),
        list.all(Kind::Volume, &state.volumes),
        list.all(Kind::Vpc, &state.vpcs),
    ]
    .concat()
}

struct Lister<'w> {
    state: &'w State,
    account: &'w str,
    region: &'w str,
}

impl Lister<'_> {
    fn all<T: Clone + Serialize>(&self, kind: Kind, table: &Table<T>) -> Vec<Item> {
        let Self { state, account, region } = self;
        let resource_type = kind.resource_type();
        let item = |(id, row): (&str, &T)| Item {
            arn: format!("arn:aws:ec2:{region}:{account}:{resource_type}/{id}"),
            kind: format!("ec2:{resource_type}"),
            id: id.to_owned(),
            tags: state.tags.get(id).cloned().unwrap_or_default(),
            detail: json!(row),
        };
        table.iter().map(item).collect()
    }
}
