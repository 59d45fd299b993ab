"""Measures rendering of charts here and with Helm's own library; see scripts/bench/charts."""

import json
import os
import statistics
import subprocess
import sys
import time

ROUNDS, COLD = 20, 5

HELM = """
import json, resource, sys, time
from helm_python.chart import Chart
chart, rounds = sys.argv[1], int(sys.argv[2])
times = []
for _ in range(rounds):
    start = time.perf_counter()
    with Chart.load(chart) as loaded:
        files = loaded.render({}, name="release", namespace="space")
    times.append((time.perf_counter() - start) * 1000)
times.sort()
print(json.dumps({"median_ms": times[len(times) // 2], "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""


def run(command):
    """Runs a process; its output, wall milliseconds and peak memory in KiB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]} failed")
    return json.loads(output), (time.perf_counter() - start) * 1000, usage.ru_maxrss


def measure(command_of):
    cold = [run(command_of(1)) for _ in range(COLD)]
    warm, _, _ = run(command_of(ROUNDS))
    return {
        "cold": statistics.median(wall for _, wall, _ in cold),
        "memory": statistics.median(memory for _, _, memory in cold),
        "warm": warm["median_ms"],
    }


def main():
    program, charts = sys.argv[1], sys.argv[2:]
    print(f"{'chart':32} {'cold ms':>18} {'warm ms':>18} {'memory MB':>18}   (here / Helm: times faster, part of memory)")
    for chart in charts:
        ours = measure(lambda rounds: [program, str(rounds), chart])
        helm = measure(lambda rounds: [sys.executable, "-c", HELM, chart, str(rounds)])
        print(
            f"{os.path.basename(chart):32}"
            f" {ours['cold']:8.1f} /{helm['cold']:8.1f}"
            f" {ours['warm']:8.2f} /{helm['warm']:8.2f}"
            f" {ours['memory'] / 1024:8.1f} /{helm['memory'] / 1024:8.1f}"
            f"   {helm['cold'] / ours['cold']:5.1f}x cold, {helm['warm'] / ours['warm']:5.1f}x warm,"
            f" {ours['memory'] / helm['memory']:.2f} of the memory",
            flush=True,
        )


main()
