#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
trust='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
allow='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
ask iam create-role --role-name cli --assume-role-policy-document "$trust" --tags Key=a,Value=b; is Role.RoleName cli
refuse EntityAlreadyExists iam create-role --role-name CLI --assume-role-policy-document "$trust"
refuse MalformedPolicyDocument iam create-role --role-name bad --assume-role-policy-document '{"Version":"2012-10-17"}'
ask iam create-policy --policy-name cli --policy-document "$allow"; policy=$(get Policy.Arn)
ask iam attach-role-policy --role-name cli --policy-arn "$policy"
ask iam attach-role-policy --role-name cli --policy-arn arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy
ask iam list-attached-role-policies --role-name cli; is AttachedPolicies.0.PolicyName cli
refuse DeleteConflict iam delete-policy --policy-arn "$policy"
refuse DeleteConflict iam delete-role --role-name cli
ask iam put-role-policy --role-name cli --policy-name inline --policy-document "$allow"
ask iam get-role-policy --role-name cli --policy-name inline; is PolicyDocument.Version 2012-10-17
ask iam delete-role-policy --role-name cli --policy-name inline
ask iam detach-role-policy --role-name cli --policy-arn "$policy"
ask iam detach-role-policy --role-name cli --policy-arn arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy
ask iam delete-policy --policy-arn "$policy"
ask iam delete-role --role-name cli
refuse NoSuchEntity iam get-role --role-name cli
finish
