#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
ask secretsmanager create-secret --name cli/one --secret-string first; is Name cli/one
refuse ResourceExistsException secretsmanager create-secret --name cli/one --secret-string again
ask secretsmanager put-secret-value --secret-id cli/one --secret-string second
ask secretsmanager get-secret-value --secret-id cli/one; is SecretString second
ask secretsmanager get-secret-value --secret-id cli/one --version-stage AWSPREVIOUS; is SecretString first
ask secretsmanager delete-secret --secret-id cli/one --recovery-window-in-days 7
refuse InvalidRequestException secretsmanager get-secret-value --secret-id cli/one
refuse InvalidRequestException secretsmanager create-secret --name cli/one --secret-string third
ask secretsmanager restore-secret --secret-id cli/one
ask secretsmanager delete-secret --secret-id cli/one --force-delete-without-recovery
refuse ResourceNotFoundException secretsmanager describe-secret --secret-id cli/one
ask secretsmanager delete-secret --secret-id cli/one --force-delete-without-recovery
finish
