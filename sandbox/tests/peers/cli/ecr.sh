#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
ask ecr create-repository --repository-name cli/app --image-tag-mutability IMMUTABLE --image-scanning-configuration scanOnPush=true; is repository.repositoryName cli/app
refuse RepositoryAlreadyExistsException ecr create-repository --repository-name cli/app
ask ecr get-authorization-token; token=$(get authorizationData.0.authorizationToken | base64 -d); [ "${token%%:*}" = AWS ]
ask ecr put-lifecycle-policy --repository-name cli/app --lifecycle-policy-text '{"rules":[{"rulePriority":1,"selection":{"tagStatus":"untagged","countType":"imageCountMoreThan","countNumber":5},"action":{"type":"expire"}}]}'
ask ecr get-lifecycle-policy --repository-name cli/app; is repositoryName cli/app
ask ecr describe-images --repository-name cli/app; is imageDetails '[]'
refuse ImageNotFoundException ecr describe-images --repository-name cli/app --image-ids imageTag=none
ask ecr delete-repository --repository-name cli/app
refuse RepositoryNotFoundException ecr describe-repositories --repository-names cli/app
finish
