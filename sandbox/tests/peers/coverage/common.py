"""What the scenarios share: clients with keys, the region, tags, calls that must be refused."""
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT, REGION = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "us-east-1"
ACCOUNT = "123456789012"
CONFIG = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
SESSION = boto3.session.Session(aws_access_key_id="AKIACOVERAGE", aws_secret_access_key="x", region_name=REGION)


def client(service):
    return SESSION.client(service, endpoint_url=ENDPOINT, config=CONFIG)


def tags(kind):
    return [{"ResourceType": kind, "Tags": [{"Key": "coverage", "Value": "1"}]}]


def refused(call, **parameters):
    """A call that the service refuses: it is made for its parameters."""
    try:
        call(**parameters)
    except ClientError:
        return
    raise SystemExit(f"{call} was accepted: {parameters}")


def network(cidr, public=False):
    """A VPC with two subnets in different zones: its id, theirs."""
    c = client("ec2")
    vpc = c.create_vpc(CidrBlock=cidr + ".0.0/16")["Vpc"]["VpcId"]
    subnets = [c.create_subnet(VpcId=vpc, CidrBlock=f"{cidr}.{n}.0/24", AvailabilityZone=REGION + "ab"[n])["Subnet"]["SubnetId"] for n in range(2)]
    if public:
        gateway = c.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        c.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    return vpc, subnets
