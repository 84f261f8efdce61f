"""Programs that have signals come to their event loop: which descriptor the handler writes to and who reads it must be
named by `sigferry signals`, and the time until the loop read it must be in the trace. Each program of tests/wakeup prints
"up" when it waits and "hup" for each SIGHUP that its loop has seen. Those with `signalfd:` have no handler that runs."""
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
import uuid
from pathlib import Path

import pytest

import harness

HERE = Path(__file__).parent / "wakeup"
COUNT = 12
INTERPRETERS = {".py": "/usr/bin/python3", ".js": "node"}
PROGRAMS = sorted(p.name for p in HERE.iterdir() if p.suffix in (".c", *INTERPRETERS))
MODES = {"default": {}, "signalfd": {"route": "signalfd"}, "direct": {"route": "direct"}}


def uses_signalfd(name):
    return re.search(r"^(# | \* )signalfd:", (HERE / name).read_text().replace("/*", " *"), re.M) is not None


def command(name):
    path = HERE / name
    if path.suffix in INTERPRETERS:
        if not shutil.which(INTERPRETERS[path.suffix]):
            pytest.skip(f"needs {INTERPRETERS[path.suffix]}")
        return [shutil.which(INTERPRETERS[path.suffix]), path]
    flags = []
    for flag in harness.directives(path).get("flags", "").split("\n")[0].split():
        if flag.startswith("pkg-config="):
            said = subprocess.run(["pkg-config", "--cflags", "--libs", flag[11:]], capture_output=True, text=True)
            if said.returncode:
                pytest.skip(f"needs {flag[11:]}")
            flags += said.stdout.split()
        else:
            flags.append(flag)
    flags = ["-Wl,--no-as-needed", *flags]
    try:
        return [harness.compile_program(path, flags=flags)]
    except RuntimeError as e:
        if "fatal error" in str(e) and "No such file" in str(e):
            pytest.skip(re.search("fatal error: (.*)", str(e))[1])
        raise


class Program:
    def __init__(self, name, mode, env=None):
        self.marker = uuid.uuid4().hex
        full = {"PATH": os.environ["PATH"], "LC_ALL": "C", harness.MARKER: self.marker, **(env or {})}
        if mode is not None:
            full.update(harness.mode_environment(mode))
        self.process = subprocess.Popen([str(a) for a in command(name)], env=full, stdout=subprocess.PIPE, text=True)
        self.killer = threading.Timer(40, self.process.kill)
        self.killer.start()
        assert self.line() == "up\n"

    def line(self):
        return self.process.stdout.readline()

    def hup(self, times):
        """One after the other: each has gone all the way before the next is sent."""
        for i in range(times):
            self.asleep()
            self.process.send_signal(signal.SIGHUP)
            assert self.line() == "hup\n", f"signal {i + 1} of {times}"

    def asleep(self):
        """Until all its threads are: some libraries do not write while their loop is awake."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            states = set()
            for tid in self.threads():
                with open(f"/proc/{self.process.pid}/task/{tid}/stat") as f:
                    states.add(f.read().rpartition(")")[2].split()[0])
            if states == {"S"}:
                return
            time.sleep(0.001)

    def view(self):
        said = subprocess.run([harness.BUILD / "sigferry", "signals", "--json", str(self.process.pid)], capture_output=True,
                              text=True, timeout=20)
        assert said.returncode == 0, said.stderr
        view = json.loads(said.stdout)
        return view, {s["name"]: s for s in view["signals"]}["SIGHUP"]

    def link(self, fd):
        return os.readlink(f"/proc/{self.process.pid}/fd/{fd}")

    def threads(self):
        return [int(t) for t in os.listdir(f"/proc/{self.process.pid}/task")]

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.killer.cancel()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        harness.kill_marked(self.marker)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", [n for n in PROGRAMS if not uses_signalfd(n)])
def test_handler_and_reader_are_named(library, name, mode):
    with Program(name, MODES[mode]) as p:
        p.hup(COUNT)
        view, row = p.view()
        assert row["wakeup"] and row["wakeup_fd"] >= 0 and row["wakeup_reader"] >= 0, row
        assert row["wakeup_thread"] in p.threads() and row["wakeup_thread"] not in (view["listener"], view["runner"])
        assert COUNT - 4 <= row["wakeup_reads"] <= COUNT and 0 < row["wakeup_ns"] / row["wakeup_reads"] <= row["wakeup_max_ns"]
        written, read = p.link(row["wakeup_fd"]), p.link(row["wakeup_reader"])
        if written.startswith("socket:"):
            assert read.startswith("socket:") and read != written
        else:
            assert read == written and re.match(r"pipe:\[|anon_inode:\[eventfd\]", read)
        table = subprocess.run([harness.BUILD / "sigferry", "signals", str(p.process.pid)], capture_output=True, text=True,
                               timeout=20).stdout
        assert re.search(rf"^SIGHUP .* fd {row['wakeup_fd']}, read from {row['wakeup_reader']} by thread "
                         rf"{row['wakeup_thread']} after [0-9.]+ us$", table, re.M), table


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", [n for n in PROGRAMS if uses_signalfd(n)])
def test_signalfds_are_named(library, name, mode):
    """... and keep getting every signal, also one that has a handler besides."""
    with Program(name, MODES[mode]) as p:
        p.hup(COUNT)
        view, row = p.view()
        found = [f for f in view["signalfds"] if "SIGHUP" in f["signals"]]
        assert len(found) == 1 and p.link(found[0]["fd"]) == "anon_inode:[signalfd]", view["signalfds"]
        assert found[0]["thread"] in (0, p.process.pid)  # 0: it has not yet gone back to waiting
        assert row["replayed"] == 0 and not row["wakeup"]
        table = subprocess.run([harness.BUILD / "sigferry", "signals", str(p.process.pid)], capture_output=True, text=True,
                               timeout=20).stdout
        assert re.search(rf"^SIGHUP .* signalfd {found[0]['fd']}", table, re.M), table


@pytest.mark.parametrize("name", PROGRAMS)
def test_native(name):
    """The programs themselves are sound."""
    with Program(name, None) as p:
        p.hup(COUNT)


def records(directory, pid, event, *fields):
    """Name, thread and these fields of each record of that kind, by the Python package."""
    code = ("import sys, sigferry\nfor r in sigferry.trace(int(sys.argv[1])):\n    if r.event == sys.argv[2]: "
            "print(r.signo.name, r.tid, *(r.data[name] for name in sys.argv[3:]))")
    out = subprocess.run(["/usr/bin/python3", "-c", code, str(pid), event, *fields], capture_output=True, text=True, timeout=20,
                         env={"SIGFERRY_RINGS": str(directory), "PYTHONPATH": str(harness.BUILD / "python"),
                              "PYTHONDONTWRITEBYTECODE": "1"})
    assert out.returncode == 0, out.stderr
    return [line.split() for line in out.stdout.splitlines()]


@pytest.mark.parametrize("name", [n for n in PROGRAMS if not uses_signalfd(n)])
def test_time_to_the_read_is_in_the_trace(library, name, tmp_path):
    with Program(name, {"trace": "on"}, {"SIGFERRY_RINGS": str(tmp_path)}) as p:
        p.hup(COUNT)
        _, row = p.view()
        found = records(tmp_path, p.process.pid, "wakeup", "wait_ns", "fd", "reader")
    assert len(found) == row["wakeup_reads"] >= COUNT - 4, found
    for signo, tid, wait_ns, fd, reader in found:
        assert (signo, int(tid), int(fd)) == ("SIGHUP", row["wakeup_thread"], row["wakeup_fd"])
        assert int(reader) == row["wakeup_reader"] and 0 < int(wait_ns) <= row["wakeup_max_ns"]
    assert sum(int(f[2]) for f in found) == row["wakeup_ns"]


@pytest.mark.parametrize("name", [n for n in PROGRAMS if uses_signalfd(n)])
def test_what_a_signalfd_gives_is_in_the_trace(library, name, tmp_path):
    with Program(name, {"trace": "on"}, {"SIGFERRY_RINGS": str(tmp_path)}) as p:
        p.hup(COUNT)
        view, _ = p.view()
        shown = {f["fd"] for f in view["signalfds"] if "SIGHUP" in f["signals"]}
        found = records(tmp_path, p.process.pid, "take", "fd", "pid", "uid", "code", "wait_ns")
        assert len(found) == COUNT and len(shown) == 1, (found, shown)
        for *what, wait_ns in found:
            assert what == ["SIGHUP", str(p.process.pid), *map(str, shown), str(os.getpid()), str(os.getuid()), "0"]
            assert 0 <= int(wait_ns) < 5e9


LATE = r"""
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
static int fd[2];
static void handler(int signo) { (void)signo; if (write(fd[1], "", 1) != 1) _exit(2); }
int main(void)
{
    struct timespec nap = {0, 30000000};
    char c;
    if (pipe2(fd, O_NONBLOCK))
        return 1;
    signal(SIGHUP, handler);
    if (write(1, "up\n", 3) != 3)
        return 1;
    for (;;) {
        struct pollfd p = {fd[0], POLLIN, 0};
        if (poll(&p, 1, -1) != 1)
            continue;
        while (nanosleep(&nap, &nap)) /* busy with something else */
            ;
        nap.tv_nsec = 30000000;
        if (read(fd[0], &c, 1) == 1 && write(1, "hup\n", 4) != 4)
            return 1;
    }
}
"""


def test_the_time_is_that_until_the_read(library, tmp_path, monkeypatch):
    """A loop that reads 30 ms after it was woken."""
    (tmp_path / "late.c").write_text(LATE)
    monkeypatch.setitem(globals(), "HERE", tmp_path)
    with Program("late.c", {}) as p:
        p.hup(COUNT)
        _, row = p.view()
        assert 30e6 <= row["wakeup_ns"] / row["wakeup_reads"] < 5e9, row


LATE_TAKER = r"""
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
static void never(int signo) { (void)signo; _exit(3); }
int main(int argc, char **argv)
{
    struct timespec nap = {0, 30000000};
    struct signalfd_siginfo info;
    struct pollfd p = {-1, POLLIN, 0};
    sigset_t set;
    int signo = 0;
    (void)argc, (void)argv;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
#ifdef CAUGHT
    signal(SIGHUP, never);
#else
    (void)never;
#endif
    p.fd = signalfd(-1, &set, 0);
    if (write(1, "up\n", 3) != 3)
        return 1;
    for (;;) {
        poll(&p, 1, -1);
        nanosleep(&nap, NULL);
#ifdef WAITS
        sigwait(&set, &signo);
#else
        if (read(p.fd, &info, sizeof info) == sizeof info)
            signo = (int)info.ssi_signo;
#endif
        if (signo != SIGHUP || write(1, "hup\n", 4) != 4)
            return 1;
    }
}
"""


@pytest.mark.parametrize("caught", [False, True], ids=["default", "caught"])
@pytest.mark.parametrize("waits", [False, True], ids=["signalfd", "sigwait"])
def test_the_time_until_it_is_taken(library, tmp_path, monkeypatch, caught, waits):
    """The listener notes the arrival, although it leaves the signal alone, and the program takes it 30 ms later."""
    name = f"taker-{caught}-{waits}.c"  # programs are compiled once for each name
    (tmp_path / name).write_text("#define CAUGHT\n" * caught + "#define WAITS\n" * waits + LATE_TAKER)
    monkeypatch.setitem(globals(), "HERE", tmp_path)
    with Program(name, {"trace": "on"}, {"SIGFERRY_RINGS": str(tmp_path)}) as p:
        p.hup(COUNT)
        found = records(tmp_path, p.process.pid, "take", "fd", "wait_ns")
        assert len(found) == COUNT
        assert all((int(fd) == -1) == waits and 0 <= int(wait_ns) < 5e9 for _, _, fd, wait_ns in found), found
        # The listener, too, waits for a processor on a busy machine: most of them, not all.
        assert sorted(int(f[3]) for f in found)[COUNT // 2] > 25e6, found


@pytest.mark.parametrize("name,says", [
    ("set_wakeup_fd.py", r"the wake-up of SIGHUP is read from descriptor \d+, [\d.]+[mu]?s after the signal came$"),
    ("libuv.c", r"the wake-up of SIGHUP is read from descriptor \d+, [\d.]+[mu]?s after the signal came$"),
    ("skalibs.c", r"SIGHUP is read from signalfd \d+ \{SI_USER, from {pid} .*\}( after [\d.]+[mu]?s)?$")],
    ids=["set_wakeup_fd", "libuv", "skalibs"])
def test_the_command_shows_it(library, tmp_path, name, says):
    with Program(name, {"trace": "on"}, {"SIGFERRY_RINGS": str(tmp_path)}) as p:
        p.hup(COUNT)
        ring, = tmp_path.glob(f"{p.process.pid}-*.ring")
    said = subprocess.run([harness.BUILD / "sigferry", "trace", "--read", ring], capture_output=True, text=True, timeout=20)
    lines = re.findall(says.replace("{pid}", str(os.getpid())), said.stdout, re.M)
    assert said.returncode == 0 and COUNT - 4 <= len(lines) <= COUNT, said


def test_wait_is_found_in_a_nested_epoll(library):
    """The client library's own signalfd, in an epoll in an epoll."""
    with Nested() as p:
        view = p.view()
        found = [f for f in view["signalfds"] if "SIGUSR1" in f["signals"]]
        assert found and found[0]["thread"] == p.process.pid, view["signalfds"]


class Nested:
    def __enter__(self):
        library = harness.BUILD / "libsigferry-client.so"
        program = harness.compile_program(harness.ROOT / "examples" / "nested.c", flags=[
            f"-I{harness.ROOT}/include", "-Wl,--no-as-needed", str(library), f"-Wl,-rpath,{harness.BUILD}"], deps=[library])
        env = {"PATH": os.environ["PATH"], **harness.mode_environment({})}
        self.process = subprocess.Popen([program], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert "waits" in self.process.stdout.readline()
        return self

    def view(self):
        end = 200
        while True:  # until it sleeps
            said = subprocess.run([harness.BUILD / "sigferry", "signals", "--json", str(self.process.pid)],
                                  capture_output=True, text=True, timeout=20).stdout
            view = json.loads(said)
            end -= 1
            if not end or any(f["thread"] for f in view["signalfds"]):
                return view

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

