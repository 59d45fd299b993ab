#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
ask logs create-log-group --log-group-name /cli
refuse ResourceAlreadyExistsException logs create-log-group --log-group-name /cli
ask logs put-retention-policy --log-group-name /cli --retention-in-days 7
refuse InvalidParameterException logs put-retention-policy --log-group-name /cli --retention-in-days 8
ask logs describe-log-groups --log-group-name-prefix /cli; is logGroups.0.retentionInDays 7
ask logs create-log-stream --log-group-name /cli --log-stream-name s
ask logs put-log-events --log-group-name /cli --log-stream-name s --log-events "timestamp=$(date +%s)000,message=hello"
ask logs filter-log-events --log-group-name /cli --filter-pattern hello; is events.0.message hello
ask logs delete-log-group --log-group-name /cli
refuse ResourceNotFoundException logs delete-log-group --log-group-name /cli
finish
