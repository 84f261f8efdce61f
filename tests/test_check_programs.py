"""What `sigferry check` says of programs of Debian 12 whose handlers are known to be unsafe (doc/findings.md).

Each gets one signal while it does its work; what its handler then calls must be told. Programs that are not installed are
skipped: only those of the Makefile's PACKAGES are always there.
"""
import json
import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass

import pytest

import harness
from trace_place import child_of

COMMAND = harness.BUILD / "sigferry"


@dataclass
class Row:
    argv: list
    signo: int
    calls: set                # that must be named, by kind unsafe-call or reentered
    kinds: set = frozenset()  # further kinds that must be found
    setup: str = ""           # shell
    ready: str = ""           # a file that says when; else that the signal is caught
    seen: bytes = b""         # in a terminal: what must be seen before
    keys: bytes = b""         # ... and typed then
    handler: str = ""         # its name, where the program has one
    provoke: bool = False     # nobody sends anything
    listens: bool = False     # to a server that says nothing; its port becomes PORT


ROWS = {
    "gawk --profile": Row(["gawk", "--profile=out", "BEGIN { for (i = 0; i < 4e6; i++) a[i % 1000] = i }"], signal.SIGUSR1,
                          {"ctime", "fprintf", "dcgettext", "malloc"}),
    "gawk --profile, provoked": Row(["gawk", "--profile=out", "BEGIN { for (i = 0; i < 20000; i++) a[i] = sprintf(\"%d\", i) }"],
                                    signal.SIGUSR1, {"ctime"}, {"reentered"}, provoke=True),
    "tar --totals": Row(["tar", "--totals=USR1", "-cf", "out.tar", "many"], signal.SIGUSR1, {"fprintf"}, {"reentered"},
                        "mkdir many; cd many; for i in 1 2 3 4 5 6 7 8 9; do for j in 1 2 3 4 5 6 7 8 9; do echo > $i$j; done; done",
                        provoke=True),
    "perl POSIX::sigaction": Row(["perl", "-MPOSIX", "-e", "POSIX::sigaction(SIGUSR1, POSIX::SigAction->new(sub { $n++ }));"
                                  "for (1 .. 3e6) { push @a, \"x$_\" if $_ % 3 == 0; last if $n }"], signal.SIGUSR1,
                                 {"malloc", "free"}, handler="Perl_sighandler1"),
    "make": Row(["make"], signal.SIGTERM, {"fflush", "dcgettext"}, setup="printf 'out:\\n\\techo > out; touch ready; sleep 20\\n' > Makefile",
                ready="ready", handler="fatal_error_signal"),
    "less": Row(["less", "text"], signal.SIGTERM, {"fopen", "calloc", "free"}, {"exit-in-handler"}, "seq 100 > text", seen=b"10",
                keys=b"/7\r"),
    "git clone": Row(["git", "clone", "-q", "http://127.0.0.1:PORT/x.git", "out"], signal.SIGTERM, {"opendir", "realloc"},
                     listens=True),
    "top -b": Row(["top", "-b", "-d", "0.2"], signal.SIGTERM, {"fflush"}, {"exit-in-handler"}),
    "watch": Row(["watch", "-n", "1", "echo seen"], signal.SIGTERM, {"sprintf"}, {"exit-in-handler"}, seen=b"seen"),
    "wget": Row(["wget", "-t", "1", "-O", "out", "http://127.0.0.1:PORT/x"], signal.SIGHUP, {"fprintf", "fdopen", "malloc"}, listens=True),
    "nano": Row(["nano", "text"], signal.SIGHUP, {"malloc", "fprintf", "dcgettext"}, {"exit-in-handler"}, seen=b"New File",
                keys=b"hello\r"),
    "ed": Row(["ed", "-s"], signal.SIGHUP, {"fopen", "fputc"}, {"exit-in-handler"}, keys=b"a\nhello\n.\n"),
    "htop": Row(["htop"], signal.SIGTERM, {"malloc", "sprintf"}, seen=b"Help"),
    "lynx": Row(["lynx", "text"], signal.SIGTERM, {"fflush", "free"}, {"exit-in-handler"}, "seq 100 > text", seen=b"17"),
    "w3m": Row(["w3m", "text"], signal.SIGHUP, {"fflush", "fwrite"}, {"exit-in-handler"}, "seq 100 > text", seen=b"17"),
    "rsync": Row(["rsync", "-a", "--bwlimit=10", "many", "out"], signal.SIGTERM, {"fwrite"},
                 setup="mkdir many; seq 1000000 > many/x", ready="out"),
    "iperf3": Row(["iperf3", "-s", "-p", "PORT"], signal.SIGTERM, set(), {"mask-changed"}),
    "nuttcp": Row(["nuttcp", "-r", "-F", "-T", "2", "-i", "0.5", "-P", "PORT", "127.0.0.1"], 0, {"fprintf", "fflush"},
                  setup="nuttcp -S -1 -P PORT"),
}


def catches(pid, signo):
    try:
        with open(f"/proc/{pid}/status") as f:
            caught = int(next(line for line in f if line.startswith("SigCgt")).split()[1], 16)
        return bool(caught >> signo - 1 & 1) and os.path.realpath(f"/proc/{pid}/exe") != str(COMMAND)
    except (OSError, StopIteration):
        return False


class Session:
    """The command with a program, in a terminal or with a pipe."""

    def __init__(self, argv, cwd, terminal):
        env = {**os.environ, "SIGFERRY_CONFIG": "/dev/null", "TERM": "xterm", "LC_ALL": "C.UTF-8", "HOME": str(cwd),
               "LESSHISTFILE": "hist"}
        self.output = b""
        if terminal:
            self.pid, self.fd = pty.fork()
            if self.pid == 0:
                os.chdir(cwd)
                os.execve(COMMAND, argv, env)
        else:
            read, self.fd = os.pipe()
            p = subprocess.Popen(argv, cwd=cwd, env=env, stdin=read, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            os.close(read)
            self.pid = p.pid
        self.terminal, self.end = terminal, time.monotonic() + 40

    def step(self):
        """Take what it prints; fails when it takes too long."""
        assert time.monotonic() < self.end, self.output
        if self.terminal and select.select([self.fd], [], [], 0.02)[0]:
            try:
                self.output += os.read(self.fd, 65536)
            except OSError:  # it is gone
                time.sleep(0.02)
        elif not self.terminal:
            time.sleep(0.02)

    def until(self, condition):
        while not condition():
            self.step()

    def over(self):
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def close(self):
        child = child_of(self.pid) if not self.over() else 0
        for pid in (child, self.pid):
            if pid and not self.over():
                os.kill(pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def play(row, session, cwd):
    if row.seen:
        session.until(lambda: row.seen in session.output)
    if row.keys:
        os.write(session.fd, row.keys)
    if row.provoke or not row.signo:
        return
    session.until(lambda: (child := child_of(session.pid)) and catches(child, row.signo))
    if row.ready:
        session.until((cwd / row.ready).exists)
    if row.keys:
        quiet = time.monotonic() + 0.3  # what was typed shows no other way in every program
        session.until(lambda: time.monotonic() > quiet)
    os.kill(child_of(session.pid), row.signo)


@pytest.mark.parametrize("name", ROWS)
def test_handler_is_unsafe(library, tmp_path, name):
    row = ROWS[name]
    for tool in {row.argv[0]} | ({"nuttcp"} if name == "nuttcp" else set()):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    server = socket.create_server(("127.0.0.1", 0)) if row.listens else None
    port = str(server.getsockname()[1] if server else harness.free_port())
    subprocess.run(["sh", "-c", row.setup.replace("PORT", port)], cwd=tmp_path, check=True)
    report = tmp_path / "report.json"
    session = Session([COMMAND, "check", "-f", "json", "-o", report,
                       *(["--provoke=" + signal.Signals(row.signo).name] if row.provoke else []), "--",
                       *(a.replace("PORT", port) for a in row.argv)], tmp_path, bool(row.seen))
    try:
        if server:
            session.until(lambda: select.select([server], [], [], 0)[0])
        play(row, session, tmp_path)
        if server:
            connection = server.accept()[0]
            quiet = time.monotonic() + 1
            session.until(lambda: session.over() or time.monotonic() > quiet)
            connection.close()
        session.until(session.over)
    finally:
        session.close()
        if server:
            server.close()
    found = [f for f in json.loads(report.read_text())["findings"] if not row.signo or
             f["signal"] == signal.Signals(row.signo).name]
    calls = [f for f in found if f["kind"] in ("unsafe-call", "reentered")]  # which of them is for chance to decide
    called = {f["called"] for f in calls}
    assert row.calls <= called, found
    assert row.kinds <= {f["kind"] for f in found}, found
    assert not row.handler or {f["handler"].get("symbol") for f in calls} == {row.handler}, found
    print(f"{name}: {sorted({f['kind'] for f in found})}, {sorted(called)}")
