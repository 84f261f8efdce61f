"""What the tests of trace, stat, ps, ctl, report and exporter share: the command as built, beside the library; a look at processes."""
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

import harness

COMMAND = harness.BUILD / "sigferry"
PROGRAMS = harness.ROOT / "tests" / "trace"
LIMIT = 60
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def program(name):
    return str(harness.compile_program(PROGRAMS / f"{name}.c"))


def environment(home, **more):
    """A session of its own: no other test's rings, no configuration."""
    runtime = Path(home) / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home), "SIGFERRY_CONFIG": "/dev/null", "LC_ALL": "C", "TZ": "UTC",
            "XDG_RUNTIME_DIR": str(runtime), **more}


def defaults():
    """In the child: no signal is ignored or blocked, whatever started the tests."""
    for s in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(s, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


class Place:
    """The command in a session of its own; at the end nothing may be left in it."""

    def __init__(self, home):
        self.home, self.env = home, environment(home)
        self.started = []

    def __call__(self, *args, env=None, **kw):
        kw.setdefault("stdin", subprocess.DEVNULL)
        kw.setdefault("stdout", subprocess.PIPE)
        kw.setdefault("stderr", subprocess.PIPE)
        return subprocess.run([COMMAND, *map(str, args)], env={**self.env, **(env or {})}, text=True, errors="replace",
                              timeout=LIMIT, preexec_fn=defaults, cwd=self.home, **kw)

    def start(self, *args, env=None, command=COMMAND, **kw):
        kw.setdefault("stdin", subprocess.DEVNULL)
        p = subprocess.Popen([*([command] if command else []), *map(str, args)], env={**self.env, **(env or {})}, text=True,
                             preexec_fn=defaults, cwd=self.home, **kw)
        self.started.append(p)
        return p

    def carried(self, *args, settings="route=direct", **kw):
        """A program under the library, by LD_PRELOAD, that runs on."""
        return self.start(*args, command=None, env={"LD_PRELOAD": str(harness.LIBRARY), "SIGFERRY": settings}, **kw)

    def objects(self, name):
        """Those of a file with one on each line."""
        return [json.loads(line) for line in (self.home / name).read_text().splitlines()]

    def events(self, *args, **kw):
        """The program's events as objects, and its result."""
        r = self("trace", "--format", "json", "-o", "out.json", *args, **kw)
        return self.objects("out.json"), r

    def end(self):
        for p in self.started:
            if p.poll() is None:
                p.kill()
            p.wait()
            for stream in (p.stdout, p.stderr):
                if stream:
                    stream.close()

    def left(self):
        """Files of rings that are still there."""
        return sorted(str(p) for p in (self.home / "runtime").rglob("*") if p.is_file() or "trace" in p.name)


def until(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"in {seconds} s: not {what}")


def of(events, kind):
    return [e for e in events if e["event"] == kind]


def ready(p):
    assert p.stdout.readline() == "ready\n"
    return p


def child_of(pid):
    """Its first one, such as the program beside which the command stands; 0: none as yet."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return int(f.read().split()[0])
    except (OSError, IndexError):
        return 0


def state(pid):
    """As in ps; None: there is no such process."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rpartition(")")[2].split()[0]
    except OSError:
        return None


def ended(pid):
    """Wholly: the first thread is a zombie before the last one has gone, and its parent cannot know as yet."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rpartition(")")[2].split()
        return fields[0] == "Z" and fields[17] == "1"
    except OSError:
        return True


def asleep(pid):
    return state(pid) == "S"


def traced(pid):
    out = subprocess.run([COMMAND, "ps", "--json", str(pid)], capture_output=True, text=True).stdout
    return json.loads(out)["processes"][0]["trace"] if out else False


@pytest.fixture
def sf(tmp_path, library):
    place = Place(tmp_path)
    yield place
    place.end()
