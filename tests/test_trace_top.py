"""sigferry top, in a pseudo terminal."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from trace_place import COMMAND, program, sf, until  # noqa: F401


class Screen:
    """The command on a terminal of its own. What it has written is kept, without control sequences."""

    def __init__(self, sf, *args, term="xterm"):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
            os.execve(COMMAND, ["sigferry", "top", *map(str, args)], {**sf.env, "TERM": term})
        self.text = ""

    def read(self, seconds=0.02):
        while select.select([self.fd], [], [], seconds)[0]:
            try:
                self.text += os.read(self.fd, 65536).decode(errors="replace")
            except OSError:
                break
        return self.text

    def shows(self, pattern):
        return until(lambda: re.search(pattern, re.sub(r"\x1b[\[(][0-9;?]*[A-Za-z]", " ", self.read())), pattern)

    def press(self, keys):
        self.read()
        self.text = ""
        os.write(self.fd, keys.encode())

    def status(self):
        self.read()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
            self.read(0.02)
        os.kill(self.pid, signal.SIGKILL)
        raise AssertionError("it goes on")


def test_rows_sorting_and_filter(sf):
    p = sf.carried(program("waits"), stdout=subprocess.PIPE)
    assert p.stdout.readline() == "ready\n"
    sender = sf.start("-c", f"while kill -USR1 {p.pid} && kill -{signal.SIGRTMIN + 1} {p.pid}; do sleep 0.01; done", command="bash")
    s = Screen(sf, "-i", "100ms", p.pid)
    s.shows(r"1 processes, [1-9]\d* handlers in the last turn; sorted by rate")
    s.shows(r"waits +SIGUSR1 .*on_usr1 \(waits\)")
    s.shows(r"SIGRTMIN\+1 ")
    for wanted in ("wait", "run", "process", "rate"):
        s.press("s")
        s.shows(wanted)
    s.press("/rtmin\n")
    s.shows("filter")
    time.sleep(0.3)
    s.press(" ")
    s.read()
    assert "SIGUSR1" not in s.text
    s.press("/\x1b")
    s.shows("SIGUSR1")
    s.press("q")
    assert s.status() == 0
    sender.kill()


def test_without_a_terminal(sf):
    r = sf("top")
    assert (r.returncode, r.stdout) == (125, "") and "needs a terminal" in r.stderr
    s = Screen(sf, term="no-such-terminal")
    s.shows("is not known; set TERM")
    assert s.status() == 125


@pytest.mark.parametrize("args, said", [(["-i", "1ms"], "no time from 10ms"), (["x"], "x is no process id"), (["-x"], "unknown option -x")])
def test_wrong_use(sf, args, said):
    r = sf("top", *args)
    assert r.returncode == 125 and said in r.stderr
