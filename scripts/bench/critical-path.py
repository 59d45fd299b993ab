"""The wall time of `up` and `destroy` against the longest way through their graphs; see the script without `.py`."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from datetime import datetime

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLATCTL = os.environ["PLATCTL"]


class Place:
    """A folder with the environments, and a sandbox of its own."""

    def __init__(self, factor):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        shutil.copytree(ROOT / "environments", self.folder / "environments")
        self.url = self.run("sandbox", "start", "--latency", f"scaled={factor}").strip()

    def run(self, *words):
        done = subprocess.run([PLATCTL, *words], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"platctl {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def control(self, method, path):
        request = urllib.request.Request(f"{self.url}/_sandbox{path}", method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def journal(self, environment):
        """The entries of the newest journal, in order; a line is a checksum and its JSON, the first is a head."""
        folder = self.folder / "state" / "sandbox" / environment
        newest = max((folder / "backups").glob("journal-*.jsonl"))
        lines = [json.loads(line.partition(" ")[2]) for line in newest.read_text().splitlines()]
        return [line for line in lines if "at" in line]

    def close(self):
        self.run("sandbox", "stop")
        shutil.rmtree(self.folder)


def seconds(entry):
    return datetime.fromisoformat(entry["at"].replace("Z", "+00:00")).timestamp()


def own_times(ended, ids, factor):
    """How long the world took for each address, in seconds of the wall."""
    times = {}
    for change in ended:
        subject = change["subject"]
        # A cluster's late logs come when it is gone; nobody waits for a record to reach all name servers.
        if subject.startswith("logs/") or change["change"] == "sync":
            continue
        # EKS: cluster/NAME, addon/CLUSTER/NAME, update/CLUSTER/ID; others by their id.
        address = ids.get(subject) or ids.get(subject.partition("/")[2])
        if address is None and subject.startswith("update/"):
            address = ids.get(subject.split("/")[1])
        if address is None:
            print(f"  nobody's: {change['change']} of {subject}")
            continue
        times[address] = times.get(address, 0) + (change["due"] - change["started"]) / 1000 / factor
    return times


def longest(needs, times):
    """The longest way: how long, and what lies on it."""
    known = {}

    def way(address):
        if address not in known:
            before = max((way(needed) for needed in needs[address]), default=(0, []))
            known[address] = (before[0] + times.get(address, 0), before[1] + [address])
        return known[address]

    return max(way(address) for address in needs)


def reversed_edges(needs):
    needed_by = {address: [] for address in needs}
    for address, those in needs.items():
        for needed in those:
            needed_by[needed].append(address)
    return needed_by


def measure(place, environment, verb, needs, factor):
    before = {r["address"]: r["id"] for r in state(place, environment)}
    place.control("DELETE", "/calls")
    place.run(verb, environment, "--sandbox")
    log = place.control("GET", "/calls")
    ids = {r["id"]: r["address"] for r in state(place, environment)}
    ids |= {id: address for address, id in before.items()}
    # What a cluster's last logs bring back is waited for, and removed, after the run.
    entries = [e for e in place.journal(environment) if not e["address"].startswith("leftover.")]
    wall = seconds(entries[-1]) - seconds(entries[0])
    times = own_times(log["ended"], ids, factor)
    shortest, path = longest(needs, times)
    reads = sum(not call["mutating"] for call in log["calls"])
    print(f"{verb} {environment}: {wall:.2f} s, the longest way {shortest:.2f} s, ratio {wall / shortest:.4f}; "
          f"{len(log['calls'])} calls, {reads} of them reads")
    for address in path:
        if address in times:
            steps = [seconds(e) for e in entries if e["address"] == address]
            took = steps[-1] - steps[0]
            print(f"  {address}: {times[address]:.2f} s of the world's, {took:.2f} s of ours, from "
                  f"{steps[0] - seconds(entries[0]):.2f} s")


def state(place, environment):
    return json.loads(place.run("state", "list", environment, "--sandbox", "--json"))["resources"]


def main():
    factor = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    for environment in sys.argv[2:] or ["dev", "prod"]:
        place = Place(factor)
        try:
            needs = json.loads(place.run("graph", environment, "--sandbox", "--json"))["needs"]
            measure(place, environment, "up", needs, factor)
            if environment != "prod":
                measure(place, environment, "destroy", reversed_edges(needs), factor)
        finally:
            place.close()


main()
