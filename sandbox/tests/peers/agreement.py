#!/usr/bin/env python
"""The same sequences to the sandbox, to moto and to ministack.

usage: agreement.py SANDBOX-ENDPOINT MOTO-SERVER MINISTACK-PYTHON      JSON lines; the last one is the summary

Where the two emulators agree and the sandbox differs, the sandbox is wrong, or DOCUMENTED says where AWS's
documentation says otherwise.
"""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent

# Step -> what AWS documents, against both emulators.
API = "https://docs.aws.amazon.com/%s"
EC2, IAM, KMS = "AWSEC2/latest/APIReference/API_", "IAM/latest/APIReference/API_", "kms/latest/APIReference/API_"
DOCUMENTED = {
    "subnet/too-small": API % EC2 + "CreateSubnet.html: the allowed block size is between a /28 netmask and a /16 netmask",
    "group/delete-in-use": API % EC2 + "DeleteSecurityGroup.html: associated with a network interface, the operation fails with DependencyViolation",
    "subnet/delete-in-use": API % "vpc/latest/userguide/subnet-deleting.html: no network interface may be in it",
    "address/release-in-use": API % EC2 + "ReleaseAddress.html: disassociate it first; otherwise InvalidIPAddress.InUse",
    "role/malformed": API % IAM + "CreateRole.html: MalformedPolicyDocument",
    "alias/reserved": API % KMS + "CreateAlias.html: the name cannot begin with alias/aws/; InvalidAliasNameException",
    "key/enable-deleted": API % "kms/latest/developerguide/key-state.html: EnableKey of a key pending deletion is KMSInvalidStateException",
    "secret/create-deleted": API % "secretsmanager/latest/apireference/API_CreateSecret.html: InvalidRequestException, the secret is scheduled for deletion",
    "zone/create-again": API % "Route53/latest/APIReference/API_CreateHostedZone.html: the CallerReference must be unique; HostedZoneAlreadyExists",
    "dry-run": API % EC2 + "CreateVpc.html: with DryRun and the permissions the error is DryRunOperation",
    "filter/unknown": API % "AWSEC2/latest/APIReference/errors-overview.html: InvalidParameterValue; the filters of DescribeVpcs are a closed list",
    "balancer/create": API % "elasticloadbalancing/latest/APIReference/API_LoadBalancerState.html: the initial state is provisioning",
}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start(command, port, **environment):
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
            return process
        except urllib.error.HTTPError:
            return process
        except OSError:
            if process.poll() is not None:
                raise SystemExit(f"{command[0]} ended at once")
            time.sleep(0.2)
    raise SystemExit(f"{command} does not answer")


def answers(endpoint):
    found = subprocess.run([sys.executable, str(HERE / "sequences.py"), endpoint], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    return {line["step"]: line["answer"] for line in lines if "step" in line}, [line for line in lines if "broken" in line]


def main():
    sandbox, moto, ministack = sys.argv[1:4]
    ports = [free_port(), free_port()]
    processes = []
    try:
        processes.append(start([moto, "-H", "127.0.0.1", "-p", str(ports[0])], ports[0], MOTO_IAM_LOAD_MANAGED_POLICIES="true"))
        processes.append(start([ministack, "ministack.app:app", "--workers", "0", "--bind", f"127.0.0.1:{ports[1]}"], ports[1], GATEWAY_PORT=str(ports[1])))
        (ours, broken), *others = [answers(f"http://127.0.0.1:{port}" if isinstance(port, int) else port) for port in (sandbox, *ports)]
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
    (one, _), (other, _) = others
    judged = [step for step in ours if step in one and one.get(step) == other.get(step)]
    differs = [step for step in judged if ours[step] != one[step]]
    for step in differs:
        print(json.dumps({"step": step, "sandbox": ours[step], "both others": one[step], "documented": DOCUMENTED.get(step)}))
    print(json.dumps({
        "steps": len(ours), "both_others_agree": len(judged), "we_agree": len(judged) - len(differs),
        "documented": sorted(set(differs) & set(DOCUMENTED)), "wrong": sorted(set(differs) - set(DOCUMENTED)), "broken": broken,
        "others_disagree": {step: [ours[step], one.get(step), other.get(step)] for step in ours if step not in judged},
    }))


main()
