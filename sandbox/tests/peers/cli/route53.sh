#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
ask route53 create-hosted-zone --name cli.example.com --caller-reference one; zone=$(get HostedZone.Id)
refuse HostedZoneAlreadyExists route53 create-hosted-zone --name cli.example.com --caller-reference one
change='{"Changes":[{"Action":"CREATE","ResourceRecordSet":{"Name":"a.cli.example.com","Type":"A","TTL":60,"ResourceRecords":[{"Value":"192.0.2.1"}]}}]}'
ask route53 change-resource-record-sets --hosted-zone-id "$zone" --change-batch "$change"; id=$(get ChangeInfo.Id); is ChangeInfo.Status PENDING
ask route53 get-change --id "$id"
ask route53 get-change --id "$id"; is ChangeInfo.Status INSYNC
refuse InvalidChangeBatch route53 change-resource-record-sets --hosted-zone-id "$zone" --change-batch "$change"
refuse HostedZoneNotEmpty route53 delete-hosted-zone --id "$zone"
ask route53 change-resource-record-sets --hosted-zone-id "$zone" --change-batch "${change/CREATE/DELETE}"
ask route53 delete-hosted-zone --id "$zone"
refuse NoSuchHostedZone route53 get-hosted-zone --id "$zone"
finish
