"""Measures deploys, here and with Helm's own library; see scripts/bench/deploy."""

import http.client
import json
import os
import re
import resource
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from helm_python.chart import Chart
from helm_python.config import Config

ROOT = Path(__file__).resolve().parents[2]
CLUSTER = ROOT / "tests/peers/k8s/cluster.sh"
SERVICES = {"frontend-app": 8000, "backend-app": 8000, "backend-service": 3000}
ENVIRONMENT = """namespace = "ours"
[aws]
region = "us-east-1"
[network]
cidr = "10.60.0.0/16"
zones = ["a", "b"]
[registry]
enabled = false
[cluster.existing]
kubeconfig = "{kubeconfig}"
context = "k8s-test"
"""
# The server has no policy/v1.
SERVICE = """[services.{name}]
image = "registry.example.com/{name}@sha256:{digest}"
port = {port}
values = {{ disruptionBudget = {{ enabled = false }} }}
"""
CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata: {{name: settings-{n}, labels: {{app: large}}}}
data: {{number: "{n}", text: "{text}"}}
"""
SERVICE_OBJECT = """apiVersion: v1
kind: Service
metadata: {{name: service-{n}, labels: {{app: large}}}}
spec: {{selector: {{app: "{n}"}}, ports: [{{port: 80, targetPort: 8080, protocol: TCP}}]}}
"""
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: work-{n}, labels: {{app: large}}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: "{n}"}}}}
  template:
    metadata: {{labels: {{app: "{n}"}}}}
    spec: {{containers: [{{name: work, image: "registry.example.com/work:{n}"}}]}}
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """A kube-apiserver whose audit log tells who asked for what. The measured are its `admin`."""

    def __init__(self, folder):
        self.folder, self.audit = folder, folder / "audit.log"
        self.port, self.kubeconfig = free_port(), folder / "kubeconfig"
        etcd = free_port()
        self.environment = dict(
            os.environ, K8S_RUN=str(folder / "run"), K8S_WORK=str(folder / "work"), K8S_API_PORT=str(self.port),
            K8S_ETCD_PORT=str(etcd), K8S_AUDIT=str(self.audit),
        )  # fmt: skip
        self.script("up", "api", str(folder))
        text = (folder / "kubeconfig-token").read_text()
        self.token = re.search(r"token: (\w+)", text)[1]

    def script(self, *arguments):
        subprocess.run([CLUSTER, *arguments], env=self.environment, check=True, capture_output=True)

    def ask(self, method, path, body=None, kind="application/json", connection=None):
        connection = connection or self.connection()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        return json.loads(connection.getresponse().read())

    def connection(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=context)

    def requests(self):
        """What the measured asked for until now, once each."""
        time.sleep(0.5)
        seen = {}
        for line in self.audit.read_text().splitlines():
            entry = json.loads(line)
            if entry["user"]["username"] == "admin":
                seen[entry["auditID"]] = entry
        return seen


class Controller(threading.Thread):
    """Makes Deployments ready as soon as it sees them."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.connection, self.ended = server, server.connection(), False

    def run(self):
        while not self.ended:
            found = self.server.ask("GET", "/apis/apps/v1/deployments", connection=self.connection)
            for one in found["items"]:
                self.ready(one)
            time.sleep(0.02)

    def ready(self, one):
        generation, count = one["metadata"]["generation"], one["spec"]["replicas"]
        if one.get("status", {}).get("observedGeneration") == generation:
            return
        names = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
        progress = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
        conditions = [{"type": "Available", "status": "True"}, progress]
        status = {"observedGeneration": generation, "conditions": conditions, **dict.fromkeys(names, count)}
        path = f"/apis/apps/v1/namespaces/{one['metadata']['namespace']}/deployments/{one['metadata']['name']}/status"
        self.server.ask("PATCH", path, {"status": status}, "application/merge-patch+json", self.connection)


def here(command, folder):
    """A process of ours: wall and CPU seconds."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{command} failed:\n{done.stdout}{done.stderr}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Helm:
    """Helm's library in a process of its own, so that its CPU time can be told; its start is not counted."""

    def __init__(self, kubeconfig):
        command = [sys.executable, __file__, "helm", str(kubeconfig)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, action, namespace, name, chart=None, values=None):
        request = {"action": action, "namespace": namespace, "name": name, "chart": chart, "values": values}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            sys.exit(f"helm {action} {name}: {answer['error']}")
        return answer

    def all(self, action, namespace, releases):
        """One action on several releases, one after the other, as its users do."""
        answers = [self.ask(action, namespace, name, chart, values) for name, (chart, values) in releases.items()]
        return sum(one["wall"] for one in answers), sum(one["cpu"] for one in answers)


def answer_for_helm(kubeconfig):
    for line in sys.stdin:
        request = json.loads(line)
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        try:
            # Anew each time, as the command does.
            with Config(kubeconfig_path=kubeconfig, namespace=request["namespace"]) as config:
                result = perform(config, request)
        except Exception as error:
            print(json.dumps({"error": str(error)}), flush=True)
            continue
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(json.dumps({"wall": wall, "cpu": cpu, "result": result}), flush=True)


def perform(config, request):
    if request["action"] == "values":
        return config.get_values(request["name"])
    if request["action"] == "uninstall":
        config.uninstall(request["name"])
    else:
        with Chart.load(request["chart"]) as chart:
            getattr(config, request["action"])(chart, request["name"], request["values"], wait="watcher", timeout=120)


def large_chart(folder):
    """160 ConfigMaps, 20 Services, 20 Deployments."""
    chart = folder / "large"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: large\nversion: 1.0.0\n")
    for kind, text, count in (("maps", CONFIG_MAP, 160), ("services", SERVICE_OBJECT, 20), ("work", DEPLOYMENT, 20)):
        objects = [text.format(n=n, text="some text " * 20) for n in range(count)]
        (chart / "templates" / f"{kind}.yaml").write_text("---\n".join(objects))
    return chart


class Bench:
    def __init__(self, server, rounds):
        self.server, self.rounds, self.found = server, rounds, {}

    def measure(self, what, who, run):
        before = set(self.server.requests())
        wall, cpu = run()
        made = [entry for id, entry in self.server.requests().items() if id not in before]
        writes = sum(
            1 for entry in made
            if entry["verb"] not in ("get", "list", "watch") and "dryRun=All" not in entry["requestURI"]
        )  # fmt: skip
        self.found.setdefault((what, who), []).append((wall, cpu, len(made), writes))

    def compare(self, what, ours, theirs):
        """Deploys, deploys again, and takes away, in turn."""
        for _ in range(self.rounds):
            for who, (deploy, again, remove) in (("platctl", ours), ("Helm", theirs)):
                self.measure(f"{what}: deploy", who, deploy)
                self.measure(f"{what}: no change", who, again)
                remove()

    def tell(self):
        print("| | | wall, s | CPU, s | requests | of them writes |\n|---|---|---|---|---|---|")
        for what in dict.fromkeys(what for what, _ in self.found):
            medians = {who: [statistics.median(column) for column in zip(*self.found[what, who])] for who in ("platctl", "Helm")}
            for who, (wall, cpu, requests, writes) in medians.items():
                print(f"| {what} | {who} | {wall:.2f} | {cpu:.2f} | {requests:.0f} | {writes:.0f} |")
            times = [theirs / ours for ours, theirs in zip(medians["platctl"], medians["Helm"]) if ours]
            print(f"| | times less | {times[0]:.1f} | {times[1]:.1f} | {times[2]:.1f} | |", flush=True)


def services(bench, folder, server, helm):
    platctl = os.environ["PLATCTL"]
    (folder / "environments").mkdir()
    text = ENVIRONMENT.format(kubeconfig=server.kubeconfig)
    for name, port in SERVICES.items():
        text += SERVICE.format(name=name, digest="a0" * 32, port=port)
    (folder / "environments/bench.toml").write_text(text)
    up, destroy = ([platctl, verb, "bench", "--yes", "--quiet"] for verb in ("up", "destroy"))
    # The same values for Helm, as it reads them from our record; and namespaces that are there.
    here(up, folder)
    values = {name: helm.ask("values", "ours", name)["result"] for name in SERVICES}
    releases = {name: (str(ROOT / "templates/service"), values[name]) for name in SERVICES}
    here(destroy, folder)
    bench.compare(
        "three services",
        (lambda: here(up, folder), lambda: here(up, folder), lambda: here(destroy, folder)),
        (
            lambda: helm.all("install", "theirs", releases),
            lambda: helm.all("upgrade", "theirs", releases),
            lambda: helm.all("uninstall", "theirs", releases),
        ),
    )


def large(bench, folder, server, helm):
    chart = str(large_chart(folder))
    command = [os.environ["DEPLOY_CHART"], str(server.kubeconfig), "k8s-test", chart, "ours", "large"]
    release = {"large": (chart, None)}
    bench.compare(
        "200 objects",
        (lambda: here(command, folder), lambda: here(command, folder), lambda: here([*command, "remove"], folder)),
        (
            lambda: helm.all("install", "theirs", release),
            lambda: helm.all("upgrade", "theirs", release),
            lambda: helm.all("uninstall", "theirs", release),
        ),
    )


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(folder)
        controller = Controller(server)
        try:
            for namespace in ("ours", "theirs"):
                metadata = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
                server.ask("POST", "/api/v1/namespaces", metadata)
            helm = Helm(server.kubeconfig)
            controller.start()
            bench = Bench(server, int(sys.argv[1]))
            services(bench, folder, server, helm)
            large(bench, folder, server, helm)
            bench.tell()
            helm.process.stdin.close()
            helm.process.wait()
        finally:
            controller.ended = True
            if controller.is_alive():
                controller.join()
            server.script("down")


if sys.argv[1] == "helm":
    answer_for_helm(sys.argv[2])
else:
    main()
