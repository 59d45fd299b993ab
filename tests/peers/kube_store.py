"""Keeps Kubernetes objects over HTTP, and understands none of them: enough for Helm's library to keep its records.

Prints its port. It is no judge of anything that an API server does (defaults, validation, field managers).
"""

import base64
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

RESOURCES = {"secrets": "Secret", "configmaps": "ConfigMap", "services": "Service", "namespaces": "Namespace"}
OBJECTS = {}
VERSION = [0]


def resources():
    verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "v1", "resources": [
        {"name": name, "singularName": kind.lower(), "kind": kind, "namespaced": name != "namespaces", "verbs": verbs}
        for name, kind in RESOURCES.items()]}


FIXED = {
    "/version": {"major": "1", "minor": "30", "gitVersion": "v1.30.0"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": resources(),
}


def fields(data):
    """The fields of a protobuf message, as (number, bytes or number)."""
    def varint(at):
        value = shift = 0
        while True:
            value |= (data[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if data[at - 1] < 128:
                return value, at
    at = 0
    while at < len(data):
        key, at = varint(at)
        value, at = varint(at)  # of a Secret, only numbers and what has a length are used
        if key & 7 == 2:
            value, at = data[at:at + value], at + value
        yield key >> 3, value


def secret(data):
    """A Secret in Kubernetes' protobuf, as which Helm's client sends it (k8s.io/api/core/v1/generated.proto)."""
    found = {"apiVersion": "v1", "kind": "Secret", "metadata": {"labels": {}}, "data": {}}
    pair = lambda entry: (entry[1].decode(), entry.get(2, b""))
    for number, value in fields(dict(fields(data[4:]))[2]):
        if number == 1:
            for number, value in fields(value):
                if number in (1, 3):
                    found["metadata"]["name" if number == 1 else "namespace"] = value.decode()
                elif number == 11:
                    key, text = pair(dict(fields(value)))
                    found["metadata"]["labels"][key] = text.decode()
        elif number == 2:
            key, content = pair(dict(fields(value)))
            found["data"][key] = base64.b64encode(content).decode()
        elif number == 3:
            found["type"] = value.decode()
    return found


class Store(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, code, body):
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, code, reason):
        self.answer(code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": reason,
                           "reason": reason, "code": code})

    def body(self):
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if data.startswith(b"k8s\0"):
            return secret(data)
        return json.loads(data or b"null")

    def keep(self, path, found):
        VERSION[0] += 1
        if "/namespaces/" in path:
            found["metadata"]["namespace"] = path.split("/namespaces/")[1].split("/")[0]
        found["metadata"]["resourceVersion"] = str(VERSION[0])
        found["metadata"].setdefault("uid", str(VERSION[0]))
        OBJECTS[path] = found
        return found

    def do_GET(self):
        url = urlparse(self.path)
        path = url.path.rstrip("/")
        if path in FIXED:
            return self.answer(200, FIXED[path])
        if path in OBJECTS:
            return self.answer(200, OBJECTS[path])
        kind = RESOURCES.get(path.rsplit("/", 1)[-1])
        if kind is None:
            return self.refuse(404, "NotFound")
        wanted = dict(pair.split("=") for pair in parse_qs(url.query).get("labelSelector", [""])[0].split(",") if pair)
        place = path if "/namespaces/" in path else None
        items = [found for at, found in OBJECTS.items() if found.get("kind") == kind
                 and (place is None or at.startswith(place + "/"))
                 and wanted.items() <= found["metadata"].get("labels", {}).items()]
        self.answer(200, {"kind": kind + "List", "apiVersion": "v1", "metadata": {"resourceVersion": str(VERSION[0])},
                          "items": items})

    def do_POST(self):
        found = self.body()
        path = urlparse(self.path).path + "/" + found["metadata"]["name"]
        if path in OBJECTS:
            return self.refuse(409, "AlreadyExists")
        self.answer(201, self.keep(path, found))

    def do_PUT(self):
        path = urlparse(self.path).path
        found = self.body()
        if path not in OBJECTS:
            return self.refuse(404, "NotFound")
        self.answer(200, self.keep(path, found))

    def do_PATCH(self):
        self.answer(200, self.keep(urlparse(self.path).path, self.body()))

    def do_DELETE(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = OBJECTS.pop(urlparse(self.path).path, None)
        if found is None:
            return self.refuse(404, "NotFound")
        self.answer(200, found)


server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
print(server.server_address[1], flush=True)
server.serve_forever()
