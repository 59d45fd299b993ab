"""EC2, beyond what aws_ops.py calls."""
from .common import REGION, client, refused, tags


def ec2():
    c = client("ec2")
    zone = REGION + "a"
    vpc = c.create_vpc(CidrBlock="10.90.0.0/16", InstanceTenancy="default", TagSpecifications=tags("vpc"))["Vpc"]["VpcId"]
    for name in ("EnableDnsSupport", "EnableDnsHostnames", "EnableNetworkAddressUsageMetrics"):
        c.modify_vpc_attribute(VpcId=vpc, **{name: {"Value": True}})
    for name in ("enableDnsSupport", "enableDnsHostnames", "enableNetworkAddressUsageMetrics"):
        c.describe_vpc_attribute(VpcId=vpc, Attribute=name)
    more = c.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="10.91.0.0/16")["CidrBlockAssociation"]["AssociationId"]
    c.disassociate_vpc_cidr_block(AssociationId=more)
    subnet = c.create_subnet(VpcId=vpc, CidrBlock="10.90.0.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
    c.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    c.modify_subnet_attribute(SubnetId=subnet, PrivateDnsHostnameTypeOnLaunch="resource-name")
    c.modify_subnet_attribute(SubnetId=subnet, EnableResourceNameDnsARecordOnLaunch={"Value": True})
    groups = [c.create_security_group(GroupName=f"cov{i}", Description="x", VpcId=vpc)["GroupId"] for i in range(2)]
    permission = {
        "IpProtocol": "tcp", "FromPort": 80, "ToPort": 81,
        "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "four"}],
        "Ipv6Ranges": [{"CidrIpv6": "fd00::/8", "Description": "six"}],
        "PrefixListIds": [{"PrefixListId": c.describe_prefix_lists()["PrefixLists"][0]["PrefixListId"], "Description": "list"}],
        "UserIdGroupPairs": [{"GroupId": groups[1], "UserId": "123456789012", "VpcId": vpc, "Description": "pair"}],
    }
    for authorize, redescribe, revoke in (
        (c.authorize_security_group_ingress, c.update_security_group_rule_descriptions_ingress, c.revoke_security_group_ingress),
        (c.authorize_security_group_egress, c.update_security_group_rule_descriptions_egress, c.revoke_security_group_egress),
    ):
        made = authorize(GroupId=groups[0], IpPermissions=[permission], TagSpecifications=tags("security-group-rule"))
        rule = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        redescribe(GroupId=groups[0], IpPermissions=[permission])
        redescribe(GroupId=groups[0], SecurityGroupRuleDescriptions=[{"SecurityGroupRuleId": rule, "Description": "new"}])
        revoke(GroupId=groups[0], IpPermissions=[permission])
    for authorize, revoke in (
        (c.authorize_security_group_ingress, c.revoke_security_group_ingress),
        (c.authorize_security_group_egress, c.revoke_security_group_egress),
    ):
        old = {"GroupId": groups[0], "IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "CidrIp": "10.1.0.0/16"}
        authorize(**old)
        revoke(**old)
    rule = c.authorize_security_group_ingress(GroupId=groups[0], IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.3.0.0/16"}]}])["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    ports = {"IpProtocol": "tcp", "FromPort": 2, "ToPort": 3, "Description": "changed"}
    for target in ({"CidrIpv4": "10.4.0.0/16"}, {"CidrIpv6": "fd01::/16"}, {"ReferencedGroupId": groups[1]}, {"PrefixListId": permission["PrefixListIds"][0]["PrefixListId"]}):
        c.modify_security_group_rules(GroupId=groups[0], SecurityGroupRules=[{"SecurityGroupRuleId": rule, "SecurityGroupRule": {**ports, **target}}])
    c.describe_security_group_rules(SecurityGroupRuleIds=[rule])
    c.revoke_security_group_ingress(GroupId=groups[0], SecurityGroupRuleIds=[rule])

    interface = c.create_network_interface(SubnetId=subnet, Description="x", Groups=[groups[0]], PrivateIpAddress="10.90.0.77", ClientToken="cov-eni", TagSpecifications=tags("network-interface"))["NetworkInterface"]["NetworkInterfaceId"]
    c.modify_network_interface_attribute(NetworkInterfaceId=interface, Description={"Value": "y"})
    c.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=groups)
    c.modify_network_interface_attribute(NetworkInterfaceId=interface, SourceDestCheck={"Value": False})
    c.describe_network_interfaces(NetworkInterfaceIds=[interface])
    address = c.allocate_address(Domain="vpc", PublicIpv4Pool="amazon", NetworkBorderGroup=REGION)["AllocationId"]
    found = c.describe_addresses(AllocationIds=[address])["Addresses"][0]["PublicIp"]
    c.describe_addresses(PublicIps=[found])
    c.describe_addresses_attribute(AllocationIds=[address], Attribute="domain-name", MaxResults=10)
    association = c.associate_address(AllocationId=address, NetworkInterfaceId=interface, AllowReassociation=True, PrivateIpAddress="10.90.0.77")["AssociationId"]
    c.disassociate_address(AssociationId=association)
    c.release_address(AllocationId=address, NetworkBorderGroup=REGION)
    c.delete_network_interface(NetworkInterfaceId=interface)

    gateway = c.create_internet_gateway(TagSpecifications=tags("internet-gateway"))["InternetGateway"]["InternetGatewayId"]
    c.describe_internet_gateways(InternetGatewayIds=[gateway])
    c.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    tables = [c.create_route_table(VpcId=vpc, ClientToken=f"cov-rt-{i}", TagSpecifications=tags("route-table"))["RouteTable"]["RouteTableId"] for i in range(2)]
    used = c.associate_route_table(RouteTableId=tables[0], SubnetId=subnet)["AssociationId"]
    used = c.replace_route_table_association(AssociationId=used, RouteTableId=tables[1])["NewAssociationId"]
    c.disassociate_route_table(AssociationId=used)
    c.create_route(RouteTableId=tables[0], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    c.replace_route(RouteTableId=tables[0], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    c.delete_route(RouteTableId=tables[0], DestinationCidrBlock="0.0.0.0/0")
    nat = c.create_nat_gateway(SubnetId=subnet, ConnectivityType="private", ClientToken="cov-nat", AvailabilityMode="zonal", TagSpecifications=tags("natgateway"))["NatGateway"]["NatGatewayId"]
    for _ in range(2):
        c.describe_nat_gateways(NatGatewayIds=[nat])
    c.create_route(RouteTableId=tables[0], DestinationCidrBlock="10.200.0.0/16", NatGatewayId=nat)
    c.delete_nat_gateway(NatGatewayId=nat)
    for _ in range(2):
        c.describe_nat_gateways(NatGatewayIds=[nat])
    c.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    c.delete_internet_gateway(InternetGatewayId=gateway)

    policy = '{"Version":"2012-10-17","Statement":[]}'
    s3 = c.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway", RouteTableIds=[tables[0]], PolicyDocument=policy, IpAddressType="ipv4", PrivateDnsEnabled=False)["VpcEndpoint"]["VpcEndpointId"]
    c.modify_vpc_endpoint(VpcEndpointId=s3, AddRouteTableIds=[tables[1]], RemoveRouteTableIds=[tables[0]], PolicyDocument=policy, IpAddressType="ipv4")
    c.modify_vpc_endpoint(VpcEndpointId=s3, ResetPolicy=True)
    private = c.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.sts", VpcEndpointType="Interface", SubnetIds=[subnet], SecurityGroupIds=[groups[0]], PrivateDnsEnabled=True, ClientToken="cov-vpce", DnsOptions={"DnsRecordIpType": "ipv4"}, TagSpecifications=tags("vpc-endpoint"))["VpcEndpoint"]["VpcEndpointId"]
    c.modify_vpc_endpoint(VpcEndpointId=private, AddSecurityGroupIds=[groups[1]], RemoveSecurityGroupIds=[groups[0]], PrivateDnsEnabled=False)
    c.modify_vpc_endpoint(VpcEndpointId=private, RemoveSubnetIds=[subnet])
    c.modify_vpc_endpoint(VpcEndpointId=private, AddSubnetIds=[subnet])
    c.describe_vpc_endpoint_services(ServiceNames=[f"com.amazonaws.{REGION}.s3"], MaxResults=10)
    c.delete_vpc_endpoints(VpcEndpointIds=[s3, private])
    for _ in range(2):
        c.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [vpc]}])

    log = c.create_flow_logs(ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="cloud-watch-logs", LogDestination=f"arn:aws:logs:{REGION}:123456789012:log-group:cov", DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flow", LogFormat="${srcaddr}", MaxAggregationInterval=60, ClientToken="cov-fl", TagSpecifications=tags("vpc-flow-log"))["FlowLogIds"]
    other = c.create_flow_logs(ResourceIds=[subnet], ResourceType="Subnet", TrafficType="REJECT", LogGroupName="cov2", DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flow")["FlowLogIds"]
    c.describe_flow_logs(FlowLogIds=log)
    c.delete_flow_logs(FlowLogIds=log + other)

    data = {"InstanceType": "m6i.large", "ImageId": "ami-1"}
    template = c.create_launch_template(LaunchTemplateName="cov-lt", VersionDescription="one", LaunchTemplateData=data, ClientToken="cov-lt", TagSpecifications=tags("launch-template"))["LaunchTemplate"]["LaunchTemplateId"]
    for number in range(3):
        c.create_launch_template_version(LaunchTemplateName="cov-lt", SourceVersion="1", VersionDescription="more", LaunchTemplateData={"ImageId": f"ami-{number}"}, ClientToken=f"cov-ltv-{number}", ResolveAlias=False)
    c.describe_launch_template_versions(LaunchTemplateName="cov-lt", MinVersion="1", MaxVersion="2", MaxResults=10, ResolveAlias=False)
    c.describe_launch_template_versions(Versions=["$Latest"])
    c.describe_launch_templates(LaunchTemplateNames=["cov-lt"])
    c.describe_launch_templates(LaunchTemplateIds=[template], MaxResults=5)
    c.modify_launch_template(LaunchTemplateName="cov-lt", DefaultVersion="2", ClientToken="cov-mlt")
    c.delete_launch_template_versions(LaunchTemplateName="cov-lt", Versions=["1", "2"])
    c.delete_launch_template_versions(LaunchTemplateId=template, Versions=["3"])
    c.delete_launch_template(LaunchTemplateName="cov-lt")

    volume = c.create_volume(AvailabilityZone=zone, Size=10, VolumeType="gp3", Encrypted=True, KmsKeyId="alias/aws/ebs", Iops=3000, Throughput=125, MultiAttachEnabled=False, ClientToken="cov-vol", TagSpecifications=tags("volume"))["VolumeId"]
    for _ in range(2):
        c.describe_volumes(VolumeIds=[volume])
    c.delete_volume(VolumeId=volume)
    c.describe_volumes()
    by_id = c.create_volume(AvailabilityZoneId=c.describe_availability_zones(ZoneNames=[zone])["AvailabilityZones"][0]["ZoneId"], Size=1)["VolumeId"]
    c.delete_volume(VolumeId=by_id)

    c.describe_availability_zones(AllAvailabilityZones=True)
    c.describe_regions(RegionNames=[REGION], AllRegions=True, Filters=[{"Name": "region-name", "Values": [REGION]}])
    c.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])
    acl = c.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"][0]["NetworkAclId"]
    c.describe_network_acls(NetworkAclIds=[acl])
    options = c.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["DhcpOptionsId"]
    c.describe_dhcp_options(DhcpOptionsIds=[options])
    c.describe_dhcp_options(Filters=[{"Name": "dhcp-options-id", "Values": [options]}])
    c.describe_instance_types(InstanceTypes=["m6i.large"])
    c.describe_instance_types(Filters=[{"Name": "processor-info.supported-architecture", "Values": ["arm64"]}], MaxResults=5)
    c.describe_instance_type_offerings(LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": ["t3.large"]}])
    c.describe_instances(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    refused(c.describe_instances, InstanceIds=["i-0123456789abcdef0"])
    c.describe_account_attributes(AttributeNames=["supported-platforms"])
    lists = c.describe_managed_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": ["*.s3"]}])["PrefixLists"]
    c.describe_managed_prefix_lists(PrefixListIds=[lists[0]["PrefixListId"]], MaxResults=5)
    c.describe_prefix_lists(PrefixListIds=[lists[0]["PrefixListId"]], Filters=[{"Name": "prefix-list-id", "Values": ["*"]}])
    c.get_managed_prefix_list_entries(PrefixListId=lists[0]["PrefixListId"], MaxResults=5)
    c.create_tags(Resources=[vpc, subnet], Tags=[{"Key": "a", "Value": "b"}])
    c.delete_tags(Resources=[vpc], Tags=[{"Key": "a", "Value": "b"}])
    c.describe_tags(Filters=[{"Name": "resource-id", "Values": [subnet]}])
    for table in tables:
        c.delete_route_table(RouteTableId=table)
    for group in groups:
        c.delete_security_group(GroupId=group)
    c.delete_subnet(SubnetId=subnet)
    c.delete_vpc(VpcId=vpc)
