#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
ask kms create-key --description cli --tags TagKey=a,TagValue=b; key=$(get KeyMetadata.KeyId); is KeyMetadata.KeyState Enabled
ask kms create-alias --alias-name alias/cli --target-key-id "$key"
ask kms describe-key --key-id alias/cli; is KeyMetadata.KeyId "$key"
refuse AlreadyExistsException kms create-alias --alias-name alias/cli --target-key-id "$key"
printf hello >"$work/plain"
ask kms encrypt --key-id alias/cli --plaintext "fileb://$work/plain"; get CiphertextBlob | base64 -d >"$work/sealed"
ask kms decrypt --ciphertext-blob "fileb://$work/sealed"; [ "$(get Plaintext | base64 -d)" = hello ]
refuse DryRunOperationException kms encrypt --key-id "$key" --plaintext "fileb://$work/plain" --dry-run
ask kms enable-key-rotation --key-id "$key"
ask kms get-key-rotation-status --key-id "$key"; is KeyRotationEnabled true
ask kms schedule-key-deletion --key-id "$key" --pending-window-in-days 7; is KeyState PendingDeletion
refuse KMSInvalidStateException kms encrypt --key-id "$key" --plaintext "fileb://$work/plain"
finish
