#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
ask ec2 create-vpc --cidr-block 10.0.0.0/16; vpc=$(get Vpc.VpcId)
ask ec2 create-subnet --vpc-id "$vpc" --cidr-block 10.0.1.0/24; subnet=$(get Subnet.SubnetId)
ask elbv2 create-load-balancer --name cli --type network --scheme internal --subnets "$subnet"; balancer=$(get LoadBalancers.0.LoadBalancerArn); is LoadBalancers.0.State.Code provisioning
refuse InvalidSubnet elbv2 create-load-balancer --name public --type network --subnets "$subnet"
ask elbv2 create-target-group --name cli --protocol TCP --port 80 --vpc-id "$vpc" --target-type ip; target=$(get TargetGroups.0.TargetGroupArn)
ask elbv2 create-listener --load-balancer-arn "$balancer" --protocol TCP --port 80 --default-actions "Type=forward,TargetGroupArn=$target"
ask elbv2 register-targets --target-group-arn "$target" --targets Id=10.0.1.20,Port=80
for _ in 1 2; do ask elbv2 describe-target-health --target-group-arn "$target"; done; is TargetHealthDescriptions.0.TargetHealth.State healthy
refuse ResourceInUse elbv2 delete-target-group --target-group-arn "$target"
ask elbv2 delete-load-balancer --load-balancer-arn "$balancer"
refuse LoadBalancerNotFound elbv2 describe-load-balancers --names cli
ask elbv2 delete-target-group --target-group-arn "$target"
finish
