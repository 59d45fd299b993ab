"""Types into a command that runs in a terminal, and looks at what it shows and leaves behind.

usage: CUT=COMMAND terminal.py COMMAND…      (which opens a shell in a pod; CUT takes the pod away)
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time


class Session:
    """A command in a terminal of its own."""

    def __init__(self, command):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # As it is before anything is done to it, and with a size.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 90, 0, 0))
            os.execvp(command[0], command)
        self.shown = ""

    def expect(self, pattern):
        """Reads until the pattern is shown, and forgets what was shown up to it."""
        until = time.time() + 60
        while not (found := re.search(pattern, self.shown)):
            if time.time() > until:
                raise AssertionError(f"{pattern!r} is not shown: {self.shown!r}")
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    self.shown += os.read(self.fd, 65536).decode()
                except OSError:
                    raise AssertionError(f"it ended before {pattern!r}: {self.shown!r}") from None
        before, self.shown = self.shown[: found.start()], self.shown[found.end() :]
        return before

    def send(self, text):
        os.write(self.fd, text.encode())

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def settings(self):
        return termios.tcgetattr(self.fd)

    def ended(self):
        """Its exit code; what it still shows is read, or it could not end."""
        until = time.time() + 60
        while time.time() < until:
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    self.shown += os.read(self.fd, 65536).decode()
                except OSError:
                    pass
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"it does not end: {self.shown!r}")


PROMPT = r"[#$] $"
fresh = pty.openpty()
SANE = termios.tcgetattr(fresh[1])


def opened():
    session = Session(sys.argv[1:])
    session.expect(PROMPT)
    assert session.settings()[3] & (termios.ECHO | termios.ICANON) == 0, "it is raw"
    return session


def closed(session, code):
    # Read before the other end of the terminal is gone.
    found = session.ended()
    assert found == code, (found, session.shown)
    assert session.settings()[:4] == SANE[:4], "the terminal is as it was"


session = opened()
session.send("echo to''gether\r")
echoed = session.expect(r"\ntogether\r\n")
assert echoed.count("to''gether") == 1, echoed
session.expect(PROMPT)
for rows, columns in ((30, 90), (41, 101)):
    session.resize(rows, columns)
    for attempt in range(100):
        session.send("stty size\r")
        session.expect(r"stty size\r\n")
        size = session.expect(PROMPT).strip().removesuffix("#").strip()
        if size == f"{rows} {columns}":
            break
        time.sleep(0.1)
    else:
        raise AssertionError(f"the size {rows} {columns} does not come: {size}")
# What interrupts is for the other side.
session.send("sleep 1000\r")
session.expect(r"sleep 1000\r\n")
time.sleep(1)
session.send("\x03")
session.expect(PROMPT)
session.send("exit 7\r")
closed(session, 7)
print("typed, resized, interrupted, ended with its code")

for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    session = opened()
    os.kill(session.pid, number)
    closed(session, 130)
print("told to end")

session = opened()
session.send("kill -9 $$\r")
closed(session, 137)
session = opened()
assert os.system(os.environ["CUT"]) == 0
found = session.ended()
assert found != 0 and session.settings()[:4] == SANE[:4], (found, session.shown)
print("cut")
