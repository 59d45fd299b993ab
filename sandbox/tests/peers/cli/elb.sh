#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
ask ec2 create-vpc --cidr-block 10.0.0.0/16; vpc=$(get Vpc.VpcId)
ask ec2 create-subnet --vpc-id "$vpc" --cidr-block 10.0.1.0/24; subnet=$(get Subnet.SubnetId)
ask elb create-load-balancer --load-balancer-name cli --scheme internal --subnets "$subnet" --listeners Protocol=TCP,LoadBalancerPort=80,InstanceProtocol=TCP,InstancePort=80
ask elb describe-load-balancers --load-balancer-names cli; is LoadBalancerDescriptions.0.Scheme internal
ask elb delete-load-balancer --load-balancer-name cli
refuse LoadBalancerNotFound elb describe-load-balancers --load-balancer-names cli
finish
