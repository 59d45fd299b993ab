#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
role() {
  ask iam create-role --role-name "$1" --assume-role-policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"'"$2"'"},"Action":"sts:AssumeRole"}]}'
  arn=$(get Role.Arn); shift 2
  for policy in "$@"; do ask iam attach-role-policy --role-name "${arn##*/}" --policy-arn "arn:aws:iam::aws:policy/$policy"; done
}
ask ec2 create-vpc --cidr-block 10.0.0.0/16; vpc=$(get Vpc.VpcId)
ask ec2 create-subnet --vpc-id "$vpc" --cidr-block 10.0.1.0/24 --availability-zone "${AWS_REGION}a"; one=$(get Subnet.SubnetId)
ask ec2 create-subnet --vpc-id "$vpc" --cidr-block 10.0.2.0/24 --availability-zone "${AWS_REGION}b"; two=$(get Subnet.SubnetId)
role cluster eks.amazonaws.com AmazonEKSClusterPolicy
ask eks create-cluster --name cli --role-arn "$arn" --resources-vpc-config "subnetIds=$one,$two" --access-config authenticationMode=API; is cluster.status CREATING
ask eks describe-cluster --name cli; is cluster.status CREATING
ask eks describe-cluster --name cli; is cluster.status ACTIVE
refuse ResourceInUseException eks create-cluster --name cli --role-arn "$arn" --resources-vpc-config "subnetIds=$one,$two"
role node ec2.amazonaws.com AmazonEKSWorkerNodePolicy AmazonEKS_CNI_Policy AmazonEC2ContainerRegistryReadOnly
ask eks create-nodegroup --cluster-name cli --nodegroup-name main --subnets "$one" "$two" --node-role "$arn" --scaling-config minSize=1,maxSize=2,desiredSize=1; is nodegroup.status CREATING
for _ in 1 2; do ask eks describe-nodegroup --cluster-name cli --nodegroup-name main; done; is nodegroup.status ACTIVE
refuse ResourceInUseException eks delete-cluster --name cli
ask eks describe-addon-versions --addon-name vpc-cni; is addons.0.addonName vpc-cni
ask eks create-addon --cluster-name cli --addon-name vpc-cni
for _ in 1 2; do ask eks describe-addon --cluster-name cli --addon-name vpc-cni; done; is addon.status ACTIVE
ask eks create-access-entry --cluster-name cli --principal-arn "$arn" --type STANDARD
ask eks describe-cluster-versions --default-only; is clusterVersions.0.defaultVersion true
ask eks list-insights --cluster-name cli
ask eks delete-nodegroup --cluster-name cli --nodegroup-name main
ask eks describe-nodegroup --cluster-name cli --nodegroup-name main; is nodegroup.status DELETING
refuse ResourceNotFoundException eks describe-nodegroup --cluster-name cli --nodegroup-name main
ask eks delete-cluster --name cli; is cluster.status DELETING
ask eks describe-cluster --name cli
refuse ResourceNotFoundException eks describe-cluster --name cli
finish
