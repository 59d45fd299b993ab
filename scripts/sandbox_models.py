"""Compacts botocore's service-2.json files to what the sandbox's wire layer needs. Called by sandbox-models."""

import json
import pathlib
import re
import sys

import botocore
import botocore.loaders

# Lists that AWS lengthens every few weeks: a value missing here would be refused wrongly.
OPEN_ENUMS = {"InstanceType", "RegionName", "AMITypes", "instanceType"}
SCALARS = {"string", "integer", "long", "float", "double", "boolean", "blob", "timestamp", "character"}
# Types that botocore knows only from its own customizations, never from the service's wire.
SKIPPED_TRAITS = {"eventstream"}


def rust_pattern(pattern):
    """The pattern in the syntax of the regex-lite crate, or None where it cannot say the same."""
    if re.search(r"\\[pP]\{|\(\?[=!<]|\\u(?![0-9a-fA-F]{4})|&&|\[\^?\[", pattern):
        return None
    pattern = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: r"\x{%s}" % m.group(1), pattern)
    pattern = re.sub(r"\\([/:@\"'=<>#%&!,;`~])", r"\1", pattern)
    pattern = pattern.replace(r"\_", "_").replace(r"\ ", " ")
    try:
        re.compile(re.sub(r"\\x\{([0-9a-fA-F]{4})\}", r"\\u\1", pattern))
    except re.error:
        return None
    return pattern


class Compactor:
    def __init__(self, source, rest):
        self.source = source["shapes"]
        self.rest = rest
        self.shapes = {}

    def reference(self, ref, where=None):
        out = {"s": self.shape(ref["shape"])}
        target = self.source[ref["shape"]]
        for key, short in (("locationName", "n"), ("queryName", "q"), ("location", "l"), ("timestampFormat", "tf")):
            if key in ref:
                out[short] = ref[key]
        if ref.get("flattened") or target.get("flattened"):
            out["f"] = True
        if ref.get("xmlAttribute"):
            out["a"] = True
        if ref.get("idempotencyToken"):
            out["i"] = True
        namespace = ref.get("xmlNamespace") or (target.get("xmlNamespace") if self.rest else None)
        if namespace:
            out["x"] = namespace["uri"] if isinstance(namespace, dict) else namespace
        return out

    def scalar(self, name, shape):
        kind = shape["type"]
        kind = "string" if kind == "character" else kind
        out = {"t": kind}
        if "enum" in shape and name not in OPEN_ENUMS:
            out["e"] = shape["enum"]
        for key in ("min", "max"):
            if key in shape:
                out[key] = shape[key]
        if "pattern" in shape:
            pattern = rust_pattern(shape["pattern"])
            if pattern is not None:
                out["p"] = pattern
        if "timestampFormat" in shape:
            out["tf"] = shape["timestampFormat"]
        if shape.get("jsonvalue"):
            out["j"] = True
        return out

    def shape(self, name):
        shape = self.source[name]
        kind = shape["type"]
        if kind in SCALARS:
            out = self.scalar(name, shape)
            if len(out) == 1:
                return out["t"]
            self.shapes[name] = out
            return name
        if name in self.shapes:
            return name
        out = self.shapes[name] = {"t": kind}
        if kind == "structure":
            if SKIPPED_TRAITS & shape.keys():
                raise SystemExit(f"{name}: event streams are not modelled")
            out["m"] = {k: self.reference(v) for k, v in shape.get("members", {}).items()}
            if shape.get("required"):
                out["r"] = shape["required"]
            if "payload" in shape:
                out["pl"] = shape["payload"]
            if shape.get("locationName"):
                out["n"] = shape["locationName"]
        elif kind == "list":
            out["m"] = self.reference(shape["member"])
        elif kind == "map":
            out["k"], out["v"] = self.reference(shape["key"]), self.reference(shape["value"])
        else:
            raise SystemExit(f"{name}: unknown type {kind}")
        if kind in ("list", "map"):
            for key in ("min", "max"):
                if key in shape:
                    out[key] = shape[key]
        return name

    def error(self, name):
        shape = self.source[name]
        trait = shape.get("error", {})
        out = {"code": trait.get("code", name), "status": trait.get("httpStatusCode", 400)}
        if trait.get("senderFault") is False or shape.get("fault"):
            out["fault"] = True
        members = {k: self.reference(v) for k, v in shape.get("members", {}).items() if k.lower() != "message"}
        if members:
            out["m"] = members
        return out


def compact(loader, service, wanted):
    source = loader.load_service_model(service, "service-2")
    try:
        pagination = loader.load_service_model(service, "paginators-1")["pagination"]
    except botocore.exceptions.UnknownServiceError:
        pagination = {}
    meta = source["metadata"]
    # Where a service speaks several protocols, the first of these that botocore would choose too.
    spoken = meta.get("protocols", [meta["protocol"]])
    protocol = next((one for one in ("json", "rest-json", "rest-xml", "query", "ec2") if one in spoken), spoken[0])
    compactor = Compactor(source, protocol in ("rest-xml", "rest-json"))
    model = {
        "service": service,
        "protocol": protocol,
        "version": meta["apiVersion"],
        "signing": meta.get("signingName", meta["endpointPrefix"]),
        "id": meta["serviceId"],
    }
    for key, short in (("targetPrefix", "target"), ("jsonVersion", "json"), ("xmlNamespace", "namespace")):
        if key in meta:
            model[short] = meta[key]
    operations, errors = {}, {}
    for name in sorted(wanted):
        operation = source["operations"].get(name)
        if operation is None:
            raise SystemExit(f"{service}: botocore {botocore.__version__} knows no operation {name}")
        out = {}
        if "input" in operation:
            out["in"] = compactor.reference(operation["input"])
            namespace = operation["input"].get("xmlNamespace")
            if namespace:
                out["in"]["x"] = namespace["uri"]
        if "output" in operation:
            out["out"] = {"s": compactor.shape(operation["output"]["shape"])}
            if "resultWrapper" in operation["output"]:
                out["wrap"] = operation["output"]["resultWrapper"]
        http = operation["http"]
        if protocol.startswith("rest"):
            out["method"], out["uri"] = http["method"], http["requestUri"]
            if "responseCode" in http:
                out["status"] = http["responseCode"]
        for error in operation.get("errors", []):
            errors.setdefault(error["shape"], compactor.error(error["shape"]))
        page = dict(pagination.get(name) or {})
        if isinstance(page.get("result_key"), list):
            page["result_key"] = page["result_key"][0]
        if page and isinstance(page.get("result_key"), str) and isinstance(page.get("output_token"), str):
            out["page"] = {
                "token": page["input_token"],
                "next": page["output_token"],
                "items": page["result_key"],
                **({"size": page["limit_key"]} if "limit_key" in page else {}),
            }
        operations[name] = out
    model["operations"] = operations
    model["errors"] = errors
    model["shapes"] = compactor.shapes
    return model


def main():
    folder = pathlib.Path(sys.argv[1])
    services = sys.argv[2:] or sorted(path.stem for path in folder.glob("*.operations"))
    loader = botocore.loaders.Loader()
    for service in services:
        wanted = [line.strip() for line in (folder / f"{service}.operations").read_text().splitlines()]
        wanted = [line for line in wanted if line and not line.startswith("#")]
        text = json.dumps(compact(loader, service, wanted), separators=(",", ":"))
        (folder / f"{service}.json").write_text(text + "\n")
        print(f"{service}: {len(wanted)} operations, {len(text) // 1024} KiB")


main()
