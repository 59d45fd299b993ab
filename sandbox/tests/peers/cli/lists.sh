#!/usr/bin/env bash
# Service Quotas, Pricing, Resource Groups Tagging.
. "$(dirname "$0")/common.sh"
ask service-quotas get-service-quota --service-code vpc --quota-code L-F678F1CE; is Quota.Value 5
refuse NoSuchResourceException service-quotas get-service-quota --service-code vpc --quota-code L-00000000
ask pricing get-products --service-code AmazonEKS --max-items 1
ask ec2 create-vpc --cidr-block 10.0.0.0/16 --tag-specifications 'ResourceType=vpc,Tags=[{Key=env,Value=cli}]'; vpc=$(get Vpc.VpcId)
ask resourcegroupstaggingapi get-resources --tag-filters Key=env,Values=cli --resource-type-filters ec2:vpc; is ResourceTagMappingList.0.ResourceARN "arn:aws:ec2:$AWS_REGION:123456789012:vpc/$vpc"
ask resourcegroupstaggingapi get-tag-keys; is TagKeys '["env"]'
finish
