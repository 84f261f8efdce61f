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


WIDTH, HEIGHT = 120, 24


class Picture:
    """What a VT52 shows: of all terminals the one with the fewest sequences. Programs write just what has changed since they
    wrote last, so nothing can be told from what they write alone."""

    def __init__(self):
        self.rows, self.y, self.x, self.rest = [[" "] * WIDTH for _ in range(HEIGHT)], 0, 0, b""

    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.rows)

    def feed(self, data):
        data = self.rest + data
        while data:
            size = 1 if data[0] != 27 else 4 if data[1:2] == b"Y" else 2
            if len(data) < size:
                break
            (self.control if data[0] < 32 else self.put)(data[:size])
            data = data[size:]
        self.rest = data

    def put(self, byte):
        self.rows[self.y][self.x] = byte.decode("latin-1")
        self.x = min(self.x + 1, WIDTH - 1)

    def control(self, sequence):
        if sequence[:2] == b"\x1bY":
            self.y, self.x = sequence[2] - 32, sequence[3] - 32
        elif sequence in (b"\x1bJ", b"\x1bK"):
            self.rows[self.y][self.x:] = [" "] * (WIDTH - self.x)
            if sequence == b"\x1bJ":
                self.rows[self.y + 1:] = [[" "] * WIDTH for _ in self.rows[self.y + 1:]]
        elif sequence == b"\n" and self.y == HEIGHT - 1:
            self.rows = self.rows[1:] + [[" "] * WIDTH]
        elif sequence == b"\x1bI" and self.y == 0:
            self.rows = [[" "] * WIDTH] + self.rows[:-1]
        elif sequence not in (b"\x1b=", b"\x1b>", b"\x1bF", b"\x1bG", b"\x07"):  # keys, character set, bell
            self.move(sequence)

    def move(self, sequence):
        y, x = {b"\r": (self.y, 0), b"\n": (self.y + 1, self.x), b"\b": (self.y, self.x - 1), b"\t": (self.y, self.x // 8 * 8 + 8),
                b"\x1bA": (self.y - 1, self.x), b"\x1bB": (self.y + 1, self.x), b"\x1bC": (self.y, self.x + 1),
                b"\x1bD": (self.y, self.x - 1), b"\x1bH": (0, 0), b"\x1bI": (self.y - 1, self.x)}[sequence]
        self.y, self.x = max(0, min(y, HEIGHT - 1)), max(0, min(x, WIDTH - 1))


def test_picture():
    """The terminal that the other tests look at."""
    p = Picture()
    for piece in (b"one\r\ntwo\x1b", b"Y\x20\x22E\x1bB\bO\x1bY!", b"\x24\x1bJ\x1bY\x37\x20last\n"):
        p.feed(piece)
    assert p.text().split("\n")[:2] == ["twO", ""] and p.rows[HEIGHT - 2][:4] == list("last")
    with pytest.raises(KeyError):
        p.feed(b"\x1b[")


class Screen:
    """The command on a terminal of its own."""

    def __init__(self, sf, *args, term="vt52"):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
            os.execve(COMMAND, ["sigferry", "top", *map(str, args)], {**sf.env, "TERM": term})
        self.picture = Picture()

    def read(self, seconds=0.02):
        while select.select([self.fd], [], [], seconds)[0]:
            try:
                self.picture.feed(os.read(self.fd, 65536))
            except OSError:
                break
        return self.picture.text()

    def shows(self, pattern):
        return until(lambda: re.search(pattern, self.read()), pattern)

    def shows_no(self, pattern):
        return until(lambda: not re.search(pattern, self.read()), f"without {pattern}")

    def press(self, keys):
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
        s.shows(f"sorted by {wanted}\n")
    s.press("/rtmin\n")
    s.shows("filter: rtmin\n(.*\n)*.*SIGRTMIN\\+1 ")
    s.shows_no("SIGUSR1")
    s.press("/\x1b")
    s.shows(r"waits +SIGUSR1 ")
    s.shows(r"waits +SIGRTMIN\+1 ")
    s.shows_no("filter")
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
