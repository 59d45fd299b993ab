#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
ask sts get-caller-identity; is Account 123456789012
trust='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}'
ask iam create-role --role-name cli --assume-role-policy-document "$trust"
ask sts assume-role --role-arn arn:aws:iam::123456789012:role/cli --role-session-name session; is AssumedRoleUser.Arn arn:aws:sts::123456789012:assumed-role/cli/session
refuse AccessDenied sts assume-role --role-arn arn:aws:iam::123456789012:role/none --role-session-name session
finish
