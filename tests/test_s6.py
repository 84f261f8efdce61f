"""s6 and execline from Debian, built on skalibs' self-pipe: a supervision tree does the same under the library as natively."""
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

HERE = Path(__file__).parent / "s6"
LIMIT = 20
MODES = {"native": None, "default": {}, "signalfd": {"route": "signalfd"}}

RUN = "#!{execlineb} -P\nfdmove -c 2 1\n{service}\n"
FINISH = "#!{execlineb} -S2\nredirfd -a 1 log\necho finish ${{1}} ${{2}}\n"


def needs(*programs):
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"needs {program}")


class Tree:
    """s6-svscan over a directory of services, natively or under the library, which all of them inherit."""

    def __init__(self, place, mode):
        self.place, self.marker = place, uuid.uuid4().hex
        self.env = {"PATH": "/usr/bin:/bin:/command", "LC_ALL": "C", harness.MARKER: self.marker}
        if mode is not None:
            self.env.update(harness.mode_environment(mode))
        self.service = harness.compile_program(HERE / "service.c")
        self.add("one")
        self.scan = subprocess.Popen(["s6-svscan", place], env=self.env, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.killer = threading.Timer(80, self.scan.kill)
        self.killer.start()

    def add(self, name):
        home = self.place / name
        home.mkdir()
        words = {"execlineb": shutil.which("execlineb"), "service": self.service}
        for script, text in (("run", RUN), ("finish", FINISH)):
            (home / script).write_text(text.format(**words))
            (home / script).chmod(0o755)
        (home / "notification-fd").write_text("3\n")
        (home / "timeout-finish").write_text("20000\n")  # a busy machine is not to have it cut short

    def run(self, *argv):
        done = subprocess.run([str(a) for a in argv], env=self.env, cwd=self.place, capture_output=True, text=True, timeout=40)
        return done.returncode, done.stdout

    def log(self, name="one"):
        try:
            return (self.place / name / "log").read_text().split("\n")[:-1]
        except FileNotFoundError:
            return []

    def until(self, wanted, name="one"):
        """The log's lines, when they are these or the time is over."""
        end = time.monotonic() + LIMIT
        while self.log(name) != wanted and time.monotonic() < end:
            time.sleep(0.005)
        return self.log(name)

    def ready(self, name="one"):
        return self.run("s6-svwait", "-U", "-t", LIMIT * 1000, name)[0]

    def status(self, name="one"):
        return self.run("s6-svstat", "-o", "up,wantedup,ready,exitcode,signal", name)[1].strip()

    def pid(self, name="one"):
        return int(self.run("s6-svstat", "-o", "pid", name)[1])

    def end(self):
        self.killer.cancel()
        try:
            return self.scan.wait(LIMIT)
        finally:
            self.scan.kill()
            self.scan.wait()
            self.left = harness.kill_marked(self.marker)


@pytest.fixture(params=MODES)
def tree(request, library, tmp_path):
    needs("s6-svscan", "execlineb")
    made = Tree(tmp_path, MODES[request.param])
    yield made
    if made.scan.poll() is None:
        made.scan.kill()
    made.end()


def test_supervision(tree):
    """Signals by s6-svc, restarts, readiness, status; then the whole tree comes down by itself."""
    log = ["start"]
    # The supervisor may not have begun yet: its control is there once it has.
    end = time.monotonic() + LIMIT
    while not (tree.place / "one" / "supervise" / "control").exists() and time.monotonic() < end:
        time.sleep(0.005)
    assert tree.ready() == 0 and tree.until(log) == log
    assert tree.status() == "true true true -1 NA"
    for option, name in (("-h", "hup"), ("-1", "usr1"), ("-2", "usr2"), ("-i", "int"), ("-h", "hup")):
        assert tree.run("s6-svc", option, "one")[0] == 0
        log += [name]
        assert tree.until(log) == log
    before = tree.pid()
    assert tree.run("s6-svc", "-t", "one")[0] == 0
    log += ["term", "finish 7 0", "start"]
    assert tree.until(log) == log and tree.ready() == 0 and tree.pid() != before
    assert tree.run("s6-svc", "-k", "one")[0] == 0
    log += ["finish 256 9", "start"]
    assert tree.until(log) == log and tree.ready() == 0
    os.kill(tree.pid(), signal.SIGKILL)  # by somebody else
    log += ["finish 256 9", "start"]
    assert tree.until(log) == log and tree.ready() == 0
    assert tree.run("s6-svc", "-wD", "-T", LIMIT * 1000, "-d", "one")[0] == 0
    log += ["term", "finish 7 0"]
    assert tree.until(log) == log and tree.status() == "false false false 7 NA"
    assert tree.run("s6-svc", "-wU", "-T", LIMIT * 1000, "-u", "one")[0] == 0
    log += ["start"]
    assert tree.until(log) == log and tree.status() == "true true true -1 NA"
    assert tree.run("s6-svscanctl", "-t", tree.place)[0] == 0
    log += ["term", "finish 7 0"]
    assert tree.end() == 0 and tree.left == 0 and tree.log() == log


def test_scanner_answers_signals(tree):
    """SIGALRM makes it look for new services, SIGCHLD buries supervisors that were killed and SIGTERM ends the tree."""
    assert tree.until(["start"]) == ["start"]
    tree.add("two")
    os.kill(tree.scan.pid, signal.SIGALRM)
    assert tree.until(["start"], "two") == ["start"] and tree.ready("two") == 0
    supervisor = subprocess.run(["pgrep", "-P", str(tree.scan.pid), "-f", "s6-supervise two"], capture_output=True, text=True)
    os.kill(int(supervisor.stdout), signal.SIGTERM)  # takes its service down, and is started again
    wanted = ["start", "term", "finish 7 0", "start"]
    assert tree.until(wanted, "two") == wanted and tree.ready("two") == 0
    os.kill(tree.scan.pid, signal.SIGTERM)
    assert tree.end() == 0 and tree.left == 0
    assert tree.log() == ["start", "term", "finish 7 0"] and tree.log("two") == [*wanted, "term", "finish 7 0"]


SCRIPTS = {
    "pipeline": "pipeline { forx i { 1 2 3 } importas i i echo $i } cat -n",
    "foreground": "foreground { sh -c \"kill -9 $$\" } importas ? ? echo status $?",
    "background": "background { sleep 0.01 } importas ! ! wait { $! } echo waited",
    "backtick": "backtick x { sh -c \"trap 'echo got; exit 0' TERM; kill -TERM $$; sleep 5\" } importas x x echo $x",
    "loopwhilex": "loopwhilex -x 3 sh -c \"n=$(cat n 2>/dev/null); echo $((n + 1)) >n; echo $n; [ \\\"$n\\\" = 4 ] && exit 3; exit 0\"",
    "trap": "trap -x { USR1 { sh -c \"echo usr1; : >one\" } HUP { sh -c \"echo hup; : >two\" } } sh -c "
            "\"kill -USR1 $PPID; while ! [ -e one ]; do sleep 0.01; done; "
            "kill -HUP $PPID; while ! [ -e two ]; do sleep 0.01; done; exit 5\"",
    "masks": "if { grep Sig[BI] /proc/self/status } pipeline { true } wait { } grep Sig[BI] /proc/self/status",
    "killed": "foreground { if { true } sh -c \"kill -SEGV $$\" } importas ? ? foreground { echo status $? } exit $?",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_execline(library, tmp_path, name):
    needs("execlineb")
    argv = ["execlineb", "-P", "-c", SCRIPTS[name]]
    results = {}
    for mode in MODES:
        home = tmp_path / mode
        home.mkdir()
        results[mode] = harness.run(argv, mode=MODES[mode], timeout=LIMIT, cwd=str(home), env={"PATH": "/usr/bin:/bin"})
    native = results["native"]
    assert native.stdout and not native.timed_out, native
    assert "unable" not in native.stderr and not re.search("syntax|usage", native.stderr), native
    for mode, got in results.items():
        assert got.verdict() == native.verdict() and got.leftovers == 0, (mode, got)
