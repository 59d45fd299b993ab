"""Measures rendering of charts, and of the test corpus, here and with Helm's own library; see scripts/bench/charts."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from corpus import corpus

# Each is measured three times, in turns: a machine is not as fast all the time.
TURNS, ROUNDS, COLD = 3, 20, 5

HELM = """
import json, sys, time
from helm_python.chart import Chart
chart, rounds = sys.argv[1], int(sys.argv[2])
times = []
for _ in range(rounds):
    start = time.perf_counter()
    with Chart.load(chart) as loaded:
        files = loaded.render({}, name="release", namespace="space")
    times.append((time.perf_counter() - start) * 1000)
times.sort()
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(json.dumps({"median_ms": times[len(times) // 2], "peak_kb": int(peak)}))
"""


def run(command):
    """Runs a process; its output (with its peak memory: what wait4 tells includes this process's own before the exec),
    and wall and processor milliseconds."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]} failed")
    wall = (time.perf_counter() - start) * 1000
    return json.loads(output), wall, (usage.ru_utime + usage.ru_stime) * 1000


def measure(command_of):
    cold = [run(command_of(1)) for _ in range(COLD)]
    warm, _, processor = run(command_of(ROUNDS))
    once = statistics.median(run[2] for run in cold)
    return {
        "cold": statistics.median(run[1] for run in cold),
        "cold processor": once,
        "warm": warm["median_ms"],
        "warm processor": (processor - once) / (ROUNDS - 1),
        "memory": statistics.median(run[0]["peak_kb"] for run in cold) / 1024,
    }


def main():
    program, charts = sys.argv[1], sys.argv[2:]
    print("here / Helm (times less); cold: a process that renders once, warm: one rendering of many")
    print("| chart | cold, ms | cold, ms of processor | warm, ms | warm, ms of processor | peak memory, MB |")
    print("|---|---|---|---|---|---|")
    folder = tempfile.TemporaryDirectory()
    for chart in [*charts, corpus(folder.name, hashes=False), corpus(folder.name, hashes=True)]:
        commands = {
            "Helm": lambda rounds: [sys.executable, "-c", HELM, chart, str(rounds)],
            "%s": lambda rounds: [program, "texts", str(rounds), chart],
            "%s, and its objects": lambda rounds: [program, "objects", str(rounds), chart],
        }
        turns = [{name: measure(command_of) for name, command_of in commands.items()} for _ in range(TURNS)]
        middle = {
            name: {it: statistics.median(turn[name][it] for turn in turns) for it in figures}
            for name, figures in turns[0].items()
        }
        helm = middle.pop("Helm")
        for name, ours in middle.items():
            cells = [f"{ours[it]:.1f} / {helm[it]:.1f} ({helm[it] / ours[it]:.1f})" for it in ours]
            print(f"| {name % os.path.basename(chart)} | {' | '.join(cells)} |", flush=True)


main()
