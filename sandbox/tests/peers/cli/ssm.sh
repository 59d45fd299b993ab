#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
ask ssm put-parameter --name /cli/one --value 1 --type String; is Version 1
refuse ParameterAlreadyExists ssm put-parameter --name /cli/one --value 2 --type String
ask ssm put-parameter --name /cli/one --value 2 --type String --overwrite; is Version 2
ask ssm get-parameters-by-path --path /cli; is Parameters.0.Value 2
ask ssm get-parameter --name /aws/service/eks/optimized-ami/1.34/amazon-linux-2023/x86_64/standard/recommended/image_id
ask ssm delete-parameter --name /cli/one
refuse ParameterNotFound ssm get-parameter --name /cli/one
finish
