"""What a row of the matrix works with: processes, conditions with a deadline, and the list of what was seen.

    PROGRAM = "memcached"                      what the table calls it
    SENT = "TERM under load"                   what it gets
    NEEDS = ("memcached",)                     commands (or paths) without which the row is missing

    def row(world):
        server = world.start(["memcached", "-p", world.port()])
        world.wait("it answers", lambda: ...)
        world.carries(server)                  under sigferry: the library is in it, and has replayed a handler
        server.send(SIGTERM)
        world.saw(f"TERM: {world.ended(server)}")

What is seen holds no process ids, times, ports or paths, so two runs can be compared line by line.
"""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "programs"))
import harness  # noqa: E402
import terminal  # noqa: E402

LIMIT = 25.0  # seconds for one condition: long, because the machine may be busy
terminal.LIMIT = LIMIT
os.environ["PATH"] += ":/usr/sbin:/sbin"


class GaveUp(Exception):
    """A condition did not come true in time."""


class Process:
    """A program under test: a direct child of ours, leader of its own session."""

    def __init__(self, pid, name):
        self.pid, self.name, self.status = pid, name, None

    def send(self, signo):
        os.kill(self.pid, signo)


class World:
    def __init__(self, prefix, home, marker):
        self.prefix, self.home, self.marker = prefix, Path(home), marker
        self.seen, self.proven, self.complaints, self.terminals = [], False, [], []

    # ---- what was seen ----

    def saw(self, text):
        self.seen.append(str(text))

    def wait(self, what, condition, limit=LIMIT):
        """The first true value of condition(); OSErrors and missing files mean: not yet."""
        end = time.monotonic() + limit
        while True:
            try:
                value = condition()
            except (OSError, ValueError, LookupError, subprocess.TimeoutExpired):
                value = None
            if value:
                return value
            if time.monotonic() > end:
                raise GaveUp(what)
            time.sleep(0.01)

    # ---- processes ----

    def environment(self, extra=None):
        drop = ("LD_PRELOAD", "SIGFERRY", "SIGFERRY_CONFIG")
        env = {k: v for k, v in os.environ.items() if k not in drop and not k.startswith("PYTEST_")}
        env.update({"LC_ALL": "C", "HOME": str(self.home), "TMPDIR": str(self.home), harness.MARKER: self.marker})
        env.update(extra or {})
        return env

    def start(self, argv, user=None, env=None, out="out", stdin="/dev/null", bare=False):
        """Start a program under test; its output goes to the file `out` in the row's directory. `bare`: it will put the
        prefix before the program itself."""
        argv = [str(a) for a in argv]
        argv[0] = shutil.which(argv[0]) or argv[0]
        who = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--"] if user else []
        full = [*who, *([] if bare else map(str, self.prefix)), *argv]
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        before = os.getcwd()
        os.chdir(self.home)
        try:
            pid = os.posix_spawn(shutil.which(full[0]), full, self.environment({"SIGFERRY_CONFIG": "/dev/null", **(env or {})}),
                                 file_actions=[(os.POSIX_SPAWN_OPEN, 0, str(stdin), os.O_RDONLY, 0),
                                               (os.POSIX_SPAWN_OPEN, 1, str(self.home / out), flags, 0o666),
                                               (os.POSIX_SPAWN_DUP2, 1, 2)],
                                 setsid=True, setsigmask=[], setsigdef=[s for s in range(1, 65) if s not in (9, 19, 32, 33)])
        finally:
            os.chdir(before)
        return Process(pid, Path(argv[0]).name)

    @staticmethod
    def adopt(pid, name):
        """A daemon whose parent has ended is a child of this process (which is a subreaper)."""
        return Process(int(pid), name)

    def ended(self, process, limit=LIMIT):
        """Wait for its end; in words."""
        def condition():
            if process.status is None:
                pid, status = os.waitpid(process.pid, os.WNOHANG)
                if pid:
                    code = os.waitstatus_to_exitcode(status)
                    core = ", core" if os.WCOREDUMP(status) else ""
                    process.status = f"exit {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}{core}"
            return process.status
        return self.wait(f"the end of {process.name}", condition, limit)

    def tool(self, argv, env=None, stdin=None, limit=LIMIT):
        """Run something that is not under test, natively; (exit status, output)."""
        done = subprocess.run([str(a) for a in argv], env=self.environment(env), cwd=self.home, timeout=limit, input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="backslashreplace",
                              stdin=subprocess.DEVNULL if stdin is None else None)
        return done.returncode, done.stdout

    def background(self, argv, env=None):
        """Start something that is not under test, natively: a load. A subprocess.Popen."""
        return subprocess.Popen([str(a) for a in argv], env=self.environment(env), cwd=self.home, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def carries(self, process, replays=0):
        """The row must be about something: under sigferry this process (or its pid) has the library in it, and
        has replayed so many handlers. Natively nothing."""
        pid = getattr(process, "pid", process)
        if not self.prefix:
            return
        self.wait("libsigferry.so in it", lambda: "libsigferry.so" in Path(f"/proc/{pid}/maps").read_text())
        def state():
            told = subprocess.run([self.prefix[0], "signals", "--json", str(pid)], capture_output=True, text=True)
            return json.loads(told.stdout)
        if replays:
            self.wait(f"{replays} replayed handlers", lambda: state()["replayed"] >= replays)
        told = state()
        if told["failure"]:
            self.complaints.append(f"the library stepped aside: {told['failure']} ({told['errno']})")
        self.proven = True

    def terminal(self, *argv, term="vt220"):
        """The program in a terminal of its own (programs/terminal.py), 80 by 24; in bash unless told otherwise."""
        argv = argv or ("bash", "--norc", "--noprofile", "-i")
        os.chdir(self.home)
        t = terminal.Terminal([str(a) for a in [*self.prefix, "env", f"TERM={term}", *argv]], self.marker, self.home)
        self.terminals.append(t)
        return t

    def rests(self, process):
        """Until it has been asleep for more than a moment: it waits for events, with its handlers set. Before a key or signal
        that a program may miss between its look at a flag and its wait: natively, too."""
        rest = harness.Rest()
        self.wait("sleep", lambda: rest.look(getattr(process, "pid", process)) > 10)

    def catches(self, process, signo):
        """Until it has a handler for it."""
        pid = getattr(process, "pid", process)
        self.wait(f"a handler for {signo}", lambda: int(re.search(r"^SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text(), re.M)[1],
                                                        16) >> (signo - 1) & 1)

    @staticmethod
    def send(pid, name):
        os.kill(pid, getattr(signal, f"SIG{name}"))

    @staticmethod
    def gone(pid):
        return state(pid) in ("", "Z")

    # ---- looking ----

    @staticmethod
    def plain(screen):
        """What a terminal was sent, without what may differ: process ids, escape sequences."""
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", terminal.normal(screen))

    def text(self, name="out"):
        path = self.home / name
        return path.read_text(errors="backslashreplace") if path.exists() else ""

    def write(self, name, text, mode=0o644):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def says(self, what, name="out", times=1):
        self.wait(f"{what!r} in {name}", lambda: self.text(name).count(what) >= times)

    @staticmethod
    def port():
        return harness.free_port()

    @staticmethod
    def listening(port):
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True

    @staticmethod
    def asks(port, text, until=b"\n", limit=10):
        """Send text to a port, read until `until` (b'': the end); what came."""
        with socket.create_connection(("127.0.0.1", port), timeout=limit) as s:
            s.sendall(text.encode())
            got = b""
            while not until or until not in got:
                data = s.recv(65536)
                if not data:
                    break
                got += data
            return got.decode(errors="backslashreplace")


    def marked(self):
        """All processes of this row."""
        return harness.marked(self.marker)

    @staticmethod
    def children(pid):
        return children(pid)

    @staticmethod
    def title(pid):
        return title(pid)


def children(pid):
    """Live children of a process, of all its threads."""
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    except OSError:
        pass
    return [c for c in found if state(c) not in ("", "Z")]


def descendants(pid):
    """Live processes below a process."""
    found = children(pid)
    for child in list(found):
        found += descendants(child)
    return found


def state(pid):
    """The letter of /proc/PID/stat, '' when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return ""


def gone(pid):
    return World.gone(pid)


def title(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="backslashreplace").replace("\0", " ").strip()
    except OSError:
        return ""
