#!/usr/bin/env python
"""Every modelled operation times every input member, judged from botocore's own models.

usage: model_coverage.py ENDPOINT [REGION] [--verbose]

Runs the scenarios (aws_ops.py and coverage_ops.py) with a hook: just before the first call of each operation is
made, it is made once for each member that the call does not have, with that member added, as a probe (header
x-sandbox-probe: the sandbox answers, undoes everything, and names the members that the operation did not read).
A member is then
  read      the operation looked at it (whatever it answered), or the call was sent with it and accepted,
  refused   a 501 that names it,
  unjudged  the operation refused for another reason before it came to the member,
  ignored   accepted without being read. There must be none.
Every response of a real call is validated against the output shape. JSON lines; the last one is the summary.
"""
import collections
import contextlib
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
DEPTH = 3

modelled = {path.stem: set(path.read_text().split()) for path in MODELS.glob("*.operations")}
verdicts = collections.defaultdict(dict)
invalid = []
validated = 0
probed = collections.Counter()
last_headers = {}


def sample(shape, depth=0):
    """A value that the shape allows."""
    kind = shape.type_name
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
            value = sample(member)
            yield here, {**params, name: value}
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
                    wrapped = [changed] if member.type_name == "list" else changed
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


def hooked(self, name, params):
    global validated
    service = self.meta.service_model.service_name
    operation = self.meta.service_model.operation_model(name)
    if name in modelled.get(service, ()) and operation.input_shape is not None:
        new_members = frozenset(params) - verdicts[(service, name)].get("seen", frozenset())
        if probed[(service, name)] < 1 or new_members:
            probed[(service, name)] += 1
            verdicts[(service, name)]["seen"] = verdicts[(service, name)].get("seen", frozenset()) | frozenset(params)
            for path, changed in list(variants(operation.input_shape, params)):
                if changed is not None and verdicts[(service, name)].get(path) not in ("read", "refused"):
                    probe(self, original, name, operation, changed, path)
    answer = original(self, name, params)
    if operation.input_shape is not None:
        for path, changed in variants(operation.input_shape, params):
            if changed is None:
                verdicts[(service, name)][path] = "read"
    if operation.output_shape is not None:
        checked = {k: v for k, v in answer.items() if k != "ResponseMetadata" and not hasattr(v, "read")}
        report = botocore.validate.ParamValidator().validate(checked, operation.output_shape)
        validated += 1
        # A stream is no value yet, and services leave documented members out; what is there must have its type.
        lines = [line for line in report.generate_report().splitlines() if line and "Missing required" not in line]
        lines = [line for line in lines if "Unknown parameter" not in line or "ResponseMetadata" not in line]
        if lines:
            invalid.append([service, name, lines[:3]])
    return answer


def table(modelled):
    """Markdown: every operation, with the members that are refused."""
    for service in sorted(modelled):
        print(f"### {service}\n\n| operation | not modelled: refused with a 501 that names it |\n|---|---|")
        for name in sorted(modelled[service]):
            found = verdicts.get((service, name)) or {}
            refused = sorted(".".join(p) for p, v in found.items() if p != "seen" and v == "refused" and p != ("DryRun",))
            print(f"| {name} | {', '.join(f'`{one}`' for one in refused)} |")
        print()


def main():
    botocore.client.BaseClient._make_api_call = hooked
    os.environ.setdefault("SKIP_SERVICES", "dynamodb,organizations")
    for script in ("aws_ops.py", "coverage_ops.py"):
        if (HERE / script).exists():
            with contextlib.redirect_stdout(io.StringIO() if not VERBOSE else sys.stderr), contextlib.suppress(SystemExit):
                sys.argv = [script] + [argument for argument in sys.argv[1:3] if not argument.startswith("--")]
                runpy.run_path(str(HERE / script), run_name="__main__")
    counts = collections.Counter()
    ignored, unjudged, by_service = [], [], collections.defaultdict(collections.Counter)
    called = 0
    for service, operations in modelled.items():
        session = botocore.session.get_session()
        model = session.get_service_model(service)
        for name in operations:
            found = verdicts.get((service, name))
            called += found is not None
            shape = model.operation_model(name).input_shape
            paths = {p for p in (found or {}) if p != "seen"} | {(m,) for m in (shape.members if shape else ())}
            for path in paths:
                verdict = (found or {}).get(path, "unjudged")
                counts[verdict] += 1
                by_service[service][verdict] += 1
                if verdict == "ignored":
                    ignored.append(f"{service}:{name}.{'.'.join(path)}")
                if verdict == "unjudged":
                    unjudged.append(f"{service}:{name}.{'.'.join(path)}")
    total = sum(counts.values())
    if "--table" in sys.argv:
        table(modelled)
        return
    if VERBOSE:
        print(json.dumps({"unjudged": sorted(unjudged)}))
    print(json.dumps({
        "operations": sum(map(len, modelled.values())), "called": called, "members": total, **counts,
        "judged_share": round((total - counts["unjudged"]) / max(total, 1), 4), "ignored": sorted(ignored),
        "responses_validated": validated, "invalid_responses": invalid,
        "by_service": {k: dict(v) for k, v in sorted(by_service.items())},
    }))


main()
