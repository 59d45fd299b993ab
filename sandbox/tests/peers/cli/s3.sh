#!/usr/bin/env bash
export AWS_REQUEST_CHECKSUM_CALCULATION=when_required
. "$(dirname "$0")/common.sh"
ask s3api create-bucket --bucket cli-bucket --create-bucket-configuration "LocationConstraint=$AWS_REGION"
refuse BucketAlreadyOwnedByYou s3api create-bucket --bucket cli-bucket --create-bucket-configuration "LocationConstraint=$AWS_REGION"
ask s3api put-bucket-versioning --bucket cli-bucket --versioning-configuration Status=Enabled
printf one >"$work/one"; printf two >"$work/two"
ask s3api put-object --bucket cli-bucket --key state --body "$work/one" --if-none-match '*'
refuse PreconditionFailed s3api put-object --bucket cli-bucket --key state --body "$work/two" --if-none-match '*'
ask s3api put-object --bucket cli-bucket --key state --body "$work/two"
ask s3api list-object-versions --bucket cli-bucket; is Versions.0.IsLatest true; old=$(get Versions.1.VersionId)
ask s3api get-object --bucket cli-bucket --key state --version-id "$old" "$work/back"; [ "$(cat "$work/back")" = one ]
aws s3 cp --quiet "$work/one" s3://cli-bucket/copied
aws s3 ls s3://cli-bucket/; grep -q copied "$work/out"
refuse BucketNotEmpty s3api delete-bucket --bucket cli-bucket
refuse NoSuchKey s3api get-object --bucket cli-bucket --key none "$work/back"
finish
