#!/usr/bin/env python
"""Every modelled operation times every input member, judged from botocore's own models.

usage: model_coverage.py ENDPOINT [REGION] [--verbose] [--table=FILE]     the table is the list of operations in README.md

Runs the scenarios (aws_ops.py and coverage_ops.py) with a hook: just before the first call of each operation is
made, it is made once for each member that the call does not have, with that member added, as a probe (header
x-sandbox-probe: the sandbox answers, undoes everything, and names the members that the operation did not read).
A member is then
  read      the operation looked at it (whatever it answered), or the call was sent with it and accepted,
  refused   a 501 that names it,
  unjudged  the operation refused for another reason before it came to the member. There must be none.
  ignored   accepted without being read. There must be none.
Every response of a real call is validated against the output shape. JSON lines; the last one is the summary.
"""
import collections
import contextlib
import copy
import io
import json
import os
import pathlib
import runpy
import sys

import botocore.client
import botocore.model
import botocore.session
import botocore.validate

HERE = pathlib.Path(__file__).resolve().parent
MODELS = HERE.parent.parent / "models"
VERBOSE = "--verbose" in sys.argv
TABLE = next((argument.partition("=")[2] for argument in sys.argv if argument.startswith("--table=")), None)
DEPTH = 3
# How many calls of an operation are tried for members that the first ones could not judge.
ROUNDS = 4

modelled = {path.stem: set(path.read_text().split()) for path in MODELS.glob("*.operations")}
verdicts = collections.defaultdict(dict)
invalid = []
validated = 0
seen = collections.defaultdict(set)
rounds = collections.Counter()
called = set()
last_headers = {}


# Values that the models' patterns and the services want, by member.
SAMPLES = {
    "registryId": "123456789012", "registryIds": ["123456789012"], "accountIdentifiers": ["123456789012"],
    "TokenCode": "123456", "QuotaCode": "L-F678F1CE", "ParameterFilters": [{"Key": "Type", "Values": ["String"]}],
    "CustomerOwnedIpv4Pool": "ipv4pool-coip-1", "Ipv4IpamPoolId": "ipam-pool-1", "Region": "eu-west-1",
    "FixedResponseConfig": {"StatusCode": "404"}, "SourceArn": "arn:aws:logs:us-east-1:123456789012:log-group:example",
    "GranteeServicePrincipal": "a.amazonaws.com", "RetiringServicePrincipal": "a.amazonaws.com",
    "CertificateAuthorityArn": "arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/12345678-1234-1234-1234-123456789012",
}
# And by the name of the shape, where members of one name mean different things.
SHAPES = {"RedirectActionProtocol": "HTTPS"}


def sample(shape, depth=0, name=None):
    """A value that the shape allows."""
    kind = shape.type_name
    if shape.name in SHAPES:
        return SHAPES[shape.name]
    if name in SAMPLES:
        return SAMPLES[name]
    if kind == "string":
        if getattr(shape, "enum", None):
            return shape.enum[0]
        return "x" * max(1, int(shape.metadata.get("min", 1)))
    if kind in ("integer", "long"):
        return int(shape.metadata.get("min", 1)) or 1
    if kind in ("float", "double"):
        return 1.0
    if kind == "boolean":
        return True
    if kind == "blob":
        return b"x"
    if kind == "timestamp":
        return 1767225600
    if kind == "list":
        return [sample(shape.member, depth + 1)]
    if kind == "map":
        return {sample(shape.key, depth + 1): sample(shape.value, depth + 1)}
    if depth > 5:
        return {}
    if shape.is_tagged_union:
        first, member = next(iter(shape.members.items()))
        return {first: sample(member, depth + 1, first)}
    return {name: sample(shape.members[name], depth + 1) for name in shape.required_members}


def variants(shape, params, path=()):
    """(path, params with one more member) for each member that params do not have; known ones as (path, None)."""
    if shape.type_name == "list":
        if isinstance(params, list) and params:
            for name, changed in variants(shape.member, params[0], path):
                yield name, None if changed is None else [changed] + params[1:]
        return
    if shape.type_name != "structure" or not isinstance(params, dict):
        return
    for name, member in shape.members.items():
        here = path + (name,)
        if name not in params:
            value = sample(member, name=name)
            # Of a union, one member can be sent.
            yield here, {name: value} if shape.is_tagged_union else {**params, name: value}
            inner, base = member, value
        else:
            yield here, None
            inner, base = member, params[name]
        while inner.type_name == "list" and len(here) < DEPTH:
            if not (isinstance(base, list) and base):
                break
            inner, base = inner.member, base[0]
        if inner.type_name == "structure" and len(here) < DEPTH and isinstance(base, dict):
            for deeper, changed in variants(inner, base, here):
                if changed is not None:
                    rest = params[name][1:] if name in params and member.type_name == "list" else []
                    wrapped = [changed, *rest] if member.type_name == "list" else changed
                    yield deeper, {**params, name: wrapped}
                elif name in params:
                    yield deeper, None


def flat(path, unread):
    """True when a path (without list positions) is among the unread paths or inside one of them."""
    for entry in unread:
        parts = tuple(part for part in entry.split(".") if not part.isdigit())
        if parts and path[: len(parts)] == parts:
            return True
    return False


def probe(client, call, name, operation, params, path):
    service = client.meta.service_model.service_name
    key = (service, name)

    def mark(request, **_):
        request.headers["x-sandbox-probe"] = "1"

    event = f"before-send.{client.meta.service_model.service_id.hyphenize()}"
    client.meta.events.register_first(event, mark)
    message, status = "", 200
    try:
        with contextlib.suppress(KeyError):
            answer = call(client, name, params)
            headers = answer["ResponseMetadata"]["HTTPHeaders"]
    except botocore.exceptions.ClientError as error:
        metadata = error.response["ResponseMetadata"]
        headers, status = metadata["HTTPHeaders"], metadata["HTTPStatusCode"]
        message = error.response["Error"].get("Message", "")
    except Exception as error:  # the sample does not suit a client-side check: nothing was sent
        verdicts[key].setdefault(path, "unjudged")
        if VERBOSE:
            print(json.dumps({"unsent": [service, name, ".".join(path), repr(error)[:160]]}))
        return
    finally:
        client.meta.events.unregister(event, mark)
    unread = [entry for entry in headers.get("x-sandbox-unread", "").split(",") if entry]
    names = [path[-1].lower()] + [wire_name(operation, path).lower()]
    if status == 501:
        named = any(part in message.lower() for part in names) or any(part.lower() in message.lower() for part in path)
        # The reply to a HEAD has no body that could name the member.
        named = named or (operation.http["method"] == "HEAD" and flat(path, unread))
        verdict = "refused" if named else "unjudged"
    elif not flat(path, unread):
        verdict = "read"
    else:
        verdict = "ignored" if status < 300 else "unjudged"
    order = ["ignored", "read", "refused", "unjudged"]
    old = verdicts[key].get(path)
    if old is None or order.index(verdict) < order.index(old):
        verdicts[key][path] = verdict
    if VERBOSE and verdict in ("unjudged", "ignored"):
        print(json.dumps({"verdict": verdict, "call": [service, name, ".".join(path)], "status": status, "message": message[:200]}))


def wire_name(operation, path):
    shape = operation.input_shape
    name = path[-1]
    for part in path:
        while shape.type_name == "list":
            shape = shape.member
        if shape.type_name != "structure":
            return name
        shape = shape.members[part]
        name = shape.serialization.get("name", part)
    return name


original = botocore.client.BaseClient._make_api_call
bare = {}


def keep(parsed, **_):
    """Keeps a reply as it was parsed: later handlers of botocore turn policy documents into objects."""
    bare["reply"] = copy.deepcopy({key: value for key, value in parsed.items() if not hasattr(value, "read")})


def hooked(self, name, params):
    global validated
    service = self.meta.service_model.service_name
    event = f"after-call.{self.meta.service_model.service_id.hyphenize()}"
    self.meta.events.register_first(event, keep, unique_id=f"keep-{event}")
    operation = self.meta.service_model.operation_model(name)
    called.add((service, name))
    if name in modelled.get(service, ()) and operation.input_shape is not None:
        found = list(variants(operation.input_shape, params))
        sent = {path for path, changed in found if changed is None}
        # What one call's circumstances kept from being judged, another's may let through.
        again = "unjudged" in verdicts[(service, name)].values() and rounds[(service, name)] < ROUNDS
        if (service, name) not in seen or sent - seen[(service, name)] or again:
            rounds[(service, name)] += 1
            seen[(service, name)] |= sent
            for path, changed in found:
                if verdicts[(service, name)].get(path) not in ("read", "refused"):
                    probe(self, original, name, operation, params if changed is None else changed, path)
    answer = original(self, name, params)
    if operation.input_shape is not None:
        for path, changed in variants(operation.input_shape, params):
            if changed is None:
                verdicts[(service, name)][path] = "read"
    if operation.output_shape is not None:
        checked = {k: v for k, v in bare["reply"].items() if k != "ResponseMetadata"}
        report = botocore.validate.ParamValidator().validate(checked, operation.output_shape)
        validated += 1
        # A stream is no value yet, and services leave documented members out; what is there must have its type.
        # Empty lists are answered against the models, as in the examples of the API reference (GetParameters).
        lines = [line for line in report.generate_report().splitlines() if line and "Missing required" not in line]
        lines = [line for line in lines if "value: 0, valid min length: 1" not in line]
        lines = [line for line in lines if "Unknown parameter" not in line or "ResponseMetadata" not in line]
        if lines:
            invalid.append([service, name, lines[:3]])
    return answer


def table():
    """Markdown: every operation, with the members that are refused."""
    lines = []
    for service in sorted(modelled):
        lines += [f"### {service}", "", "| operation | not modelled: refused with a 501 that names it |", "|---|---|"]
        for name in sorted(modelled[service]):
            found = verdicts.get((service, name)) or {}
            refused = sorted(".".join(path) for path, verdict in found.items() if verdict == "refused")
            # Of a member that is refused, those inside it are too.
            whole = [one for one in refused if not any(one.startswith(f"{other}.") for other in refused)]
            lines.append(f"| {name} | {', '.join(f'`{one}`' for one in whole)} |")
        lines.append("")
    return "\n".join(lines)


def main():
    botocore.client.BaseClient._make_api_call = hooked
    os.environ.setdefault("SKIP_SERVICES", "dynamodb,organizations")
    failed = []
    for script in ("aws_ops.py", "coverage_ops.py"):
        output = io.StringIO()
        with contextlib.redirect_stdout(sys.stderr if VERBOSE else output):
            sys.argv = [script] + [argument for argument in sys.argv[1:3] if not argument.startswith("--")]
            try:
                runpy.run_path(str(HERE / script), run_name="__main__")
            except SystemExit as end:
                if end.code:
                    failed.append(f"{script}: {output.getvalue()[-2000:]}")
    counts = collections.Counter()
    ignored, unjudged, by_service = [], [], collections.defaultdict(collections.Counter)
    for service, operations in modelled.items():
        session = botocore.session.get_session()
        model = session.get_service_model(service)
        for name in operations:
            found = verdicts.get((service, name))
            shape = model.operation_model(name).input_shape
            paths = set(found or {}) | {(m,) for m in (shape.members if shape else ())}
            for path in paths:
                verdict = (found or {}).get(path, "unjudged")
                counts[verdict] += 1
                by_service[service][verdict] += 1
                if verdict == "ignored":
                    ignored.append(f"{service}:{name}.{'.'.join(path)}")
                if verdict == "unjudged":
                    unjudged.append(f"{service}:{name}.{'.'.join(path)}")
    total = sum(counts.values())
    uncalled = sorted(f"{s}:{name}" for s, names in modelled.items() for name in names if (s, name) not in called)
    if TABLE:
        pathlib.Path(TABLE).write_text(table())
    if VERBOSE:
        print(json.dumps({"unjudged": sorted(unjudged)}))
    print(json.dumps({
        "operations": sum(map(len, modelled.values())), "uncalled": uncalled, "members": total, "unjudged": 0, **counts,
        "judged_share": round((total - counts["unjudged"]) / max(total, 1), 4), "ignored": sorted(ignored),
        "failed_scripts": failed,
        "responses_validated": validated, "invalid_responses": invalid,
        "by_service": {k: dict(v) for k, v in sorted(by_service.items())},
    }))


main()
