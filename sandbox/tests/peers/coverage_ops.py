#!/usr/bin/env python
"""Calls that aws_ops.py does not make, with the members that are modelled: the other half of the coverage proof.

usage: coverage_ops.py ENDPOINT [REGION]      one function a service in coverage/; each stands alone
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from botocore.exceptions import ClientError, ParamValidationError  # noqa: E402

from coverage import balancers, ec2, iam, kms, platform, stores  # noqa: E402

SCENARIOS = (
    iam.sts, iam.iam, ec2.ec2, kms.kms, balancers.elbv2, stores.s3, stores.secretsmanager, stores.ssm, stores.logs,
    platform.eks, platform.ecr, platform.route53, platform.lists,
)

if __name__ == "__main__":
    failed = []
    for scenario in SCENARIOS:
        try:
            scenario()
        except (ClientError, ParamValidationError) as error:
            failed.append(f"{scenario.__name__}: {error}")
    print("\n".join(failed) or "all scenarios ran")
    sys.exit(1 if failed else 0)
