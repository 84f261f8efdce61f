"""Compile small C programs and run them, natively or under the library, with a time limit and nothing left behind.

    prog = compile_program(Path("tests/corner/01-pause.c"))
    native = run([prog])
    ferried = run([prog], mode={"replay": "safe-point", "route": "auto"})

A run has its own session, an empty signal mask, default dispositions, files (not pipes) for its output, and a
marker in its environment by which every process it left behind is found and killed.
"""
import fcntl
import os
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("BUILD", ROOT / "build")).resolve()
LIBRARY = BUILD / "libsigferry.so"
GUARD = BUILD / "libsigferry-guard.so"
PROGRAMS = BUILD / "tests"
MARKER = "SIGFERRY_TEST_RUN"
SKIP = 77  # exit status of a program that cannot run here

REPLAYS = ("interruption-point", "safe-point", "now")
ROUTES = ("auto", "signalfd", "direct")


def matrix(helper=True, concurrent=False):
    """Name -> settings of every mode; None is the native run, {} the library with its defaults."""
    modes = {"default": {}}
    for replay in REPLAYS:
        for route in ROUTES:
            modes[f"{replay}-{route}"] = {"replay": replay, "route": route}
    modes["traced"] = {"trace": "on"}
    modes["traced-direct"] = {"trace": "on", "route": "direct"}
    for replay, wanted in (("helper", helper), ("helper-concurrent", concurrent)):
        for route in ("auto", "signalfd"):
            if wanted:
                modes[f"{replay}-{route}"] = {"replay": replay, "route": route}
    return modes


@dataclass
class Result:
    stdout: str
    stderr: str
    status: int  # exit status, or minus the signal
    core: bool  # the core flag of the wait status
    timed_out: bool
    leftovers: int  # processes that were still there afterwards
    seconds: float

    def verdict(self):
        """What must agree between two runs."""
        return (self.stdout, "time limit" if self.timed_out else self.status, self.core)

    def __str__(self):
        what = "time limit" if self.timed_out else f"status {self.status}"
        return f"{what} after {self.seconds:.2f} s\n--- stdout\n{self.stdout}--- stderr\n{self.stderr}"


def built():
    return LIBRARY.exists()


def compile_program(source, flags=(), name=None, deps=()):
    """Path of the program compiled from `source`; compiled again only when a source is newer."""
    source = Path(source)
    target = PROGRAMS / source.parent.name / (name or source.stem)
    inputs = [source, *deps, *source.parent.glob("*.h")]
    newest = max(p.stat().st_mtime for p in inputs)
    if target.exists() and target.stat().st_mtime > newest:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{target}.lock", "w") as lock:  # two pytest workers may want the same program
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.exists() and target.stat().st_mtime > newest:
            return target
        cc = ["g++"] if source.suffix == ".cc" else ["gcc", "-std=gnu11"]
        part = f"{target}.part"
        cmd = [*cc, "-O1", "-g", "-pthread", "-D_GNU_SOURCE", "-Wall", "-Wno-deprecated-declarations",
               "-I", str(ROOT),
               *flags, "-o", part, str(source), "-lm", "-lrt", "-ldl"]
        done = subprocess.run(cmd, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(cmd)}\n{done.stderr}")
        os.rename(part, target)
    return target


def mode_environment(mode, guard=True):
    """Environment variables that put a program under the library with these settings."""
    libraries = [LIBRARY] + ([GUARD] if guard and GUARD.exists() else [])
    env = {"LD_PRELOAD": ":".join(map(str, libraries)), "SIGFERRY_CONFIG": "/dev/null"}
    if mode:
        env["SIGFERRY"] = ":".join(f"{k}={v}" for k, v in mode.items())
    return env


def _environment(mode, env, guard, marker):
    drop = ("LD_PRELOAD", "SIGFERRY", "SIGFERRY_CONFIG")
    full = {k: v for k, v in os.environ.items() if k not in drop and not k.startswith("PYTEST_")}
    full.update({"LC_ALL": "C", MARKER: marker})
    if mode is not None:
        full.update(mode_environment(mode, guard))
    full.update(env or {})
    return full


def marked(marker, first=None):
    """Processes that carry the marker in their environment (zombies have none); `first`: they were made after that one, and
    so lately that the kernel cannot have used up its numbers since."""
    found, needle = [], f"{MARKER}={marker}".encode()
    last = int(Path("/proc/loadavg").read_text().split()[-1]) if first else 0  # the number that was given last
    for pid in [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]:
        if first and not (first <= pid <= last if first <= last else pid >= first or pid <= last):
            continue
        try:
            with open(f"/proc/{pid}/environ", "rb", 0) as f:
                if needle in f.read():
                    found.append(pid)
        except OSError:
            pass
    return found


def kill_marked(marker, first=None):
    """Kill whatever a run left behind, until nothing is found; returns how many there were. `first` as in marked."""
    seen, deadline = set(), time.monotonic() + 5
    while time.monotonic() < deadline:
        left = marked(marker, first)
        if not left:
            break
        seen.update(left)
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.005)
    return len(seen)


def run(argv, mode=None, timeout=20.0, stdin="/dev/null", env=None, guard=True, cwd=None):
    """Run argv to its end. mode None: natively; a dict: under the library with these settings."""
    argv = [str(a) for a in argv]
    program = argv[0] if "/" in argv[0] else shutil.which(argv[0]) or argv[0]
    marker = uuid.uuid4().hex
    with tempfile.TemporaryDirectory(prefix="sigferry-test-") as home:
        out, err = f"{home}/out", f"{home}/err"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        full = _environment(mode, env, guard, marker)
        full["TMPDIR"] = home
        os.mkdir(f"{home}/rings", 0o700)
        full.setdefault("SIGFERRY_RINGS", f"{home}/rings")
        actions = [(os.POSIX_SPAWN_OPEN, 0, str(stdin), os.O_RDONLY, 0),
                   (os.POSIX_SPAWN_OPEN, 1, out, flags, 0o600),
                   (os.POSIX_SPAWN_OPEN, 2, err, flags, 0o600)]
        before = os.getcwd()
        os.chdir(cwd or home)
        try:
            begin = time.monotonic()
            pid = os.posix_spawn(program, argv, full, file_actions=actions, setsid=True, setsigmask=[],
                                 setsigdef=[s for s in range(1, 65) if s not in (9, 19, 32, 33)])
        finally:
            os.chdir(before)
        timed_out = not _wait_exit(pid, timeout)
        if timed_out:
            os.kill(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
        seconds = time.monotonic() - begin
        leftovers = kill_marked(marker, pid if seconds < 2 else None)
        return Result(_text(out), _text(err), os.waitstatus_to_exitcode(status), os.WCOREDUMP(status), timed_out,
                      leftovers, seconds)


def _wait_exit(pid, timeout):
    """True when the process ended in time; it stays a zombie for the caller."""
    fd = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return bool(poll.poll(timeout * 1000))
    finally:
        os.close(fd)


def _text(path):
    try:
        return Path(path).read_text(errors="backslashreplace")
    except FileNotFoundError:
        return ""


class Rest:
    """How long the first thread of a process has been asleep: looks in a row in which it slept and had not run since the
    one before. What comes then interrupts its sleep; a little earlier it may fall between a look at a flag and the call."""

    def __init__(self):
        self.last, self.looks = None, 0

    def look(self, pid):
        """The number of such looks; 0 when it runs, or is gone."""
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            status = ""
        now = (pid, re.findall(r"^\w*voluntary_ctxt_switches:\s*(\d+)", status, re.M))
        self.looks = self.looks + 1 if now == self.last and re.search(r"^State:\s+S", status, re.M) else 0
        self.last = now
        return self.looks


def directives(source):
    """`/* key: value */` comments at the head of a test program, as a dict of strings."""
    text = Path(source).read_text()
    keys = "modes|not|also|native|expect|needs|flags|limit"
    found = {}
    for key, value in re.findall(rf"^/\*\s*({keys}):\s*(.*?)\s*\*/", text, re.M | re.S):
        found[key] = value
    return found


def missing(needs):
    """Why this machine cannot run a program that needs these things; '' when it can."""
    for need in needs.split():
        if need == "root" and os.geteuid() != 0:
            return "needs root"
        if need == "pty" and not os.path.exists("/dev/ptmx"):
            return "needs /dev/ptmx"
        if need == "userns" and subprocess.run(["unshare", "-Ur", "true"], capture_output=True).returncode:
            return "needs user namespaces"
        if need.startswith("prog=") and not shutil.which(need[5:]):
            return f"needs {need[5:]}"
    return ""


def few_queued(n):
    """What to put before a command that may have no more than n signals queued, as a user of its own: what others of the
    same user have pending counts, too. Needs userns."""
    return ["unshare", "-Ur", "prlimit", f"--sigpending={n}"]


LOAD = r"""
#include <unistd.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <signal.h>
int main(void) {
    volatile unsigned n = 0;
    char c;
    int fd = open("/dev/zero", O_RDONLY);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;)
        if (++n % 4096 == 0 && read(fd, &c, 1) < 0)
            return 1;
}
"""


class Load:
    """One short-lived spinner with system calls per core, to be used as a context manager."""

    def __enter__(self):
        PROGRAMS.mkdir(parents=True, exist_ok=True)
        source = PROGRAMS / f"load-{os.getpid()}.c"
        source.write_text(LOAD)
        target = compile_program(source)
        self.processes = [subprocess.Popen([str(target)]) for _ in range(os.cpu_count() or 1)]
        return self

    def __exit__(self, *_):
        for p in self.processes:
            p.kill()
            p.wait()


def free_port():
    """A TCP port nobody listens on, below those the kernel gives to who asks for any: between this answer and its use, the
    connection of another test cannot take it."""
    while True:
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port := random.SystemRandom().randrange(10000, 32000)))
            except OSError:
                continue
        return port
