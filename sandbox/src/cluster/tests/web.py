#!/usr/bin/env python3
"""A service for tests: listens at LISTEN_ADDR, tells of itself, calls BACKEND_URL, ends on SIGTERM after a while."""
import json, os, signal, sys, threading, time, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

leaving = False


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/ready":
            return self.answer(503 if leaving else 200, {})
        if self.path == "/crash":
            os._exit(3)
        if self.path == "/call":
            try:
                with urllib.request.urlopen(os.environ["BACKEND_URL"] + "/whoami", timeout=5) as reply:
                    return self.answer(200, json.load(reply))
            except Exception as error:
                return self.answer(503, {"detail": f"Backend service unavailable: {error}"})
        self.answer(200, {name: os.environ.get(name) for name in ("POD_NAME", "NODE_NAME", "VERSION", "FROM_SECRET")})

    def answer(self, code, body):
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        if leaving:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def leave(*_):
    global leaving
    leaving = True
    print("leaving", flush=True)
    threading.Thread(target=lambda: (time.sleep(0.5), os._exit(0))).start()


if sys.argv[1:2] == ["probe"]:
    print("version", os.environ["VERSION"], "heard", os.read(0, 5).decode(), flush=True)
    sys.exit(4)

signal.signal(signal.SIGTERM, leave)
host, port = os.environ["LISTEN_ADDR"].rsplit(":", 1)
server = ThreadingHTTPServer((host, int(port)), Handler)
print(f"listening, version {os.environ.get('VERSION')}", flush=True)
server.serve_forever()
