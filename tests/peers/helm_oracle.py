"""Answers questions about charts with Helm's own library.

Reads one JSON request a line on stdin and writes one JSON answer a line on stdout:
    {"op": "render", "files": {path: text}, "values": {...}, "name": ..., "namespace": ..., "is_upgrade": ...}
    {"op": "render_path", "path": folder or archive, "values": {...}, "name": ..., "namespace": ...}
    {"op": "manifest", "path" or "files", "values", "name", "namespace"}: the manifest that an installation would keep
    {"op": "lookup", "kubeconfig": path, "files", "values", "name", "namespace"}: "render", asking a cluster
    {"op": "set" | "set_string" | "set_json" | "set_literal", "text": expression}
    {"op": "values", "text": YAML}
    {"op": "release", "action": "install" | "upgrade" | "rollback" | "history" | "get_all" | "get_values" | "list" | "uninstall",
     "kubeconfig": path, "namespace": ..., "files": {path: text} (for install and upgrade), "arguments": {...}}
Answers: {"ok": result} or {"error": message}.
"""

import io
import json
import sys
import tarfile

import helm_python
from helm_python.chart import Chart, values_from_yaml
from helm_python.config import Config


def archive(files):
    """A chart archive of the given texts, below a folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        for name, text in files.items():
            data = text.encode("utf-8", "surrogatepass")
            entry = tarfile.TarInfo("chart/" + name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def render(chart, request):
    with chart:
        return chart.render(
            request.get("values"),
            name=request.get("name"),
            namespace=request.get("namespace"),
            is_upgrade=request.get("is_upgrade"),
            is_install=None if request.get("is_upgrade") is None else not request["is_upgrade"],
        )


def loaded(request):
    return Chart.load_archive(archive(request["files"])) if "files" in request else Chart.load(request["path"])


def manifest(request):
    """What `helm template` prints before the hooks: the objects in their order, each with its source."""
    with Config(kubeconfig_path="/nonexistent", namespace=request["namespace"]) as config, loaded(request) as chart:
        return config.install(chart, request["name"], request["values"], dry_run="client")["manifest"]


def lookup(request):
    with Config(kubeconfig_path=request["kubeconfig"], namespace=request["namespace"]) as config, loaded(request) as chart:
        return config.render(chart, request["values"], name=request["name"], namespace=request["namespace"])


def release(request):
    charts = [Chart.load_archive(archive(request["files"]))] if "files" in request else []
    with Config(kubeconfig_path=request["kubeconfig"], namespace=request["namespace"]) as config:
        return getattr(config, request["action"])(*charts, **request.get("arguments", {}))


OPERATIONS = {
    "release": release,
    "manifest": manifest,
    "lookup": lookup,
    "render": lambda request: render(Chart.load_archive(archive(request["files"])), request),
    "render_path": lambda request: render(Chart.load(request["path"]), request),
    "set": lambda request: helm_python.parse_set_string(request["text"]),
    "set_string": lambda request: helm_python.parse_set_string_values(request["text"]),
    "set_json": lambda request: helm_python.parse_set_json(request["text"]),
    "set_literal": lambda request: helm_python.parse_set_literal(request["text"]),
    "values": lambda request: values_from_yaml(request["text"]),
}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": OPERATIONS[request["op"]](request)}
        except Exception as error:  # whatever Helm refuses is an answer
            answer = {"error": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


main()
