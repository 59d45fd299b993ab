#!/usr/bin/env python3
"""Renders templates with Helm's own library, for comparison.

Reads one JSON object a line: {"files": {path: text}, "values": {...}}; the files make up a chart named "c".
Writes one JSON object a line: {"ok": {name: text}} or {"error": "..."}.
"""
import io
import json
import sys
import tarfile

from helm_python.chart import Chart


def archive(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        for name, text in files.items():
            data = text.encode("utf-8", "surrogateescape")
            info = tarfile.TarInfo("c/" + name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def render(case):
    try:
        with Chart.load_archive(archive(case["files"])) as chart:
            return {"ok": chart.render(case["values"], name="release", namespace="space")}
    except Exception as error:  # whatever the library says is the answer
        return {"error": str(error)}


for line in sys.stdin:
    print(json.dumps(render(json.loads(line))), flush=True)
