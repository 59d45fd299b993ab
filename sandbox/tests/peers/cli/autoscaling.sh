#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
ask autoscaling describe-auto-scaling-groups; is AutoScalingGroups '[]'
ask autoscaling describe-auto-scaling-instances; is AutoScalingInstances '[]'
refuse ValidationError autoscaling set-desired-capacity --auto-scaling-group-name none --desired-capacity 1
finish
