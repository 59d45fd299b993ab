#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
ask ec2 create-vpc --cidr-block 10.0.0.0/16 --tag-specifications 'ResourceType=vpc,Tags=[{Key=Name,Value=cli}]'
vpc=$(get Vpc.VpcId); is Vpc.State pending
ask ec2 describe-vpcs --filters Name=tag:Name,Values='c*'; is Vpcs.0.VpcId "$vpc"
refuse InvalidVpc.Range ec2 create-vpc --cidr-block 10.0.0.0/8
ask ec2 create-subnet --vpc-id "$vpc" --cidr-block 10.0.1.0/24 --availability-zone "${AWS_REGION}a"; subnet=$(get Subnet.SubnetId)
refuse InvalidSubnet.Conflict ec2 create-subnet --vpc-id "$vpc" --cidr-block 10.0.1.0/25
ask ec2 create-internet-gateway; gateway=$(get InternetGateway.InternetGatewayId)
ask ec2 attach-internet-gateway --internet-gateway-id "$gateway" --vpc-id "$vpc"
ask ec2 allocate-address --domain vpc; allocation=$(get AllocationId)
ask ec2 create-nat-gateway --subnet-id "$subnet" --allocation-id "$allocation" --client-token one; nat=$(get NatGateway.NatGatewayId); is NatGateway.State pending
ask ec2 create-nat-gateway --subnet-id "$subnet" --allocation-id "$allocation" --client-token one; is NatGateway.NatGatewayId "$nat"
for _ in 1 2; do ask ec2 describe-nat-gateways --nat-gateway-ids "$nat"; done; is NatGateways.0.State available
ask ec2 create-route-table --vpc-id "$vpc"; table=$(get RouteTable.RouteTableId)
ask ec2 create-route --route-table-id "$table" --destination-cidr-block 0.0.0.0/0 --nat-gateway-id "$nat"; is Return true
ask ec2 associate-route-table --route-table-id "$table" --subnet-id "$subnet"; association=$(get AssociationId)
refuse DependencyViolation ec2 delete-route-table --route-table-id "$table"
ask ec2 create-security-group --group-name web --description web --vpc-id "$vpc"; group=$(get GroupId)
ask ec2 authorize-security-group-ingress --group-id "$group" --protocol tcp --port 443 --cidr 0.0.0.0/0; is SecurityGroupRules.0.FromPort 443
refuse InvalidPermission.Duplicate ec2 authorize-security-group-ingress --group-id "$group" --protocol tcp --port 443 --cidr 0.0.0.0/0
refuse DryRunOperation ec2 delete-security-group --group-id "$group" --dry-run
refuse DependencyViolation ec2 delete-subnet --subnet-id "$subnet"
ask ec2 disassociate-route-table --association-id "$association"
ask ec2 delete-nat-gateway --nat-gateway-id "$nat"
for _ in 1 2; do ask ec2 describe-nat-gateways --nat-gateway-ids "$nat"; done; is NatGateways.0.State deleted
ask ec2 delete-route-table --route-table-id "$table"
ask ec2 delete-subnet --subnet-id "$subnet"
ask ec2 release-address --allocation-id "$allocation"
ask ec2 detach-internet-gateway --internet-gateway-id "$gateway" --vpc-id "$vpc"
ask ec2 delete-internet-gateway --internet-gateway-id "$gateway"
ask ec2 delete-security-group --group-id "$group"
ask ec2 delete-vpc --vpc-id "$vpc"
refuse InvalidVpcID.NotFound ec2 describe-vpcs --vpc-ids "$vpc"
finish
