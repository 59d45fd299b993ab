#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
ask acm request-certificate --domain-name cli.example.com --validation-method DNS --idempotency-token one; arn=$(get CertificateArn)
ask acm request-certificate --domain-name cli.example.com --validation-method DNS --idempotency-token one; is CertificateArn "$arn"
ask acm describe-certificate --certificate-arn "$arn"; is Certificate.DomainName cli.example.com
ask acm delete-certificate --certificate-arn "$arn"
refuse ResourceNotFoundException acm describe-certificate --certificate-arn "$arn"
finish
