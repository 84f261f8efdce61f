"""The programs of examples/, each in a terminal, natively and under the library: typed at, signalled, to their end."""
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
import uuid

import pytest

import harness

EXAMPLES = harness.ROOT / "examples"
PYTHON = "/usr/bin/python3"
MODES = {"native": None, "default": {}}
LIMIT = 20


class Session:
    """A program in a terminal of its own; what it prints is waited for."""

    def __init__(self, argv, mode, env=None):
        self.marker = uuid.uuid4().hex
        full = {"PATH": os.environ["PATH"], "TERM": "dumb", "LC_ALL": "C", "PYTHONPATH": str(harness.BUILD / "python"),
                "PYTHONDONTWRITEBYTECODE": "1", harness.MARKER: self.marker, **(env or {})}
        if mode is not None:
            full.update(harness.mode_environment(mode))
        argv = [str(a) for a in argv]
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            for s in set(range(1, 65)) - {9, 19, 32, 33}:
                signal.signal(s, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            os.execvpe(argv[0], argv, full)
        self.text, self.status = "", None

    def see(self, pattern):
        """Until it has printed something new that matches; the match."""
        end = time.monotonic() + LIMIT
        while True:
            found = re.search(pattern, self.text)
            if found:
                self.text = self.text[found.end():]
                return found
            left = end - time.monotonic()
            ready = left > 0 and select.select([self.fd], [], [], left)[0]
            data = b""
            try:
                data = os.read(self.fd, 4096) if ready else b""
            except OSError:
                pass
            if not data:
                pytest.fail(f"waited in vain for {pattern!r}; on the screen: {self.text!r}", pytrace=False)
            self.text += data.decode(errors="replace")

    def type(self, text):
        os.write(self.fd, text.encode())

    def kill(self, signo):
        os.kill(self.pid, signo)

    def end(self):
        """Its exit status, or minus the signal."""
        end = time.monotonic() + LIMIT
        while True:  # what it still prints is read, else it may never end
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
                return self.status
            if time.monotonic() > end:
                pytest.fail(f"does not end; on the screen: {self.text!r}", pytrace=False)
            if select.select([self.fd], [], [], 0.01)[0]:
                try:
                    self.text += os.read(self.fd, 4096).decode(errors="replace")
                except OSError:
                    time.sleep(0.01)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.status is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        os.close(self.fd)
        self.left = harness.kill_marked(self.marker)


@pytest.fixture(params=MODES)
def mode(request, library):
    return MODES[request.param]


def compiled(name):
    library = harness.BUILD / "libsigferry-client.so"
    flags = ["-Wextra", "-Werror", f"-I{harness.ROOT}/include", "-Wl,--no-as-needed", str(library), f"-Wl,-rpath,{harness.BUILD}"]
    return harness.compile_program(EXAMPLES / f"{name}.c", flags=flags, deps=[library])


def test_supervise(mode):
    with Session([compiled("supervise"), "/bin/sh", "-c", "trap 'echo reload' HUP; echo up; while :; do sleep 60; done"],
                 mode) as s:
        s.see("(?s)started /bin/sh.*up|up.*started /bin/sh")  # two processes print
        for _ in range(3):
            child = int(subprocess.run(["pgrep", "-P", str(s.pid), "sh"], capture_output=True, text=True).stdout)
            os.kill(child, signal.SIGKILL)
            s.see("ended")
            s.see("up")
        s.kill(signal.SIGHUP)
        s.see(f"Hangup from {os.getpid()}")
        s.kill(signal.SIGTERM)
        s.see("Terminated from")
        s.see("ended")
        assert s.end() == 0


def test_supervised_program_has_clean_masks(mode):
    with Session([compiled("supervise"), "/bin/grep", "SigBlk", "/proc/self/status"], mode) as s:
        s.see("SigBlk:\t0000000000000000")
        s.type("\x03")
        s.see("Interrupt from 0|Interrupt from")
        assert s.end() == 0


def test_nested(mode):
    with Session([compiled("nested")], mode) as s:
        s.see("process [0-9]+ waits")
        s.kill(signal.SIGUSR1)
        s.see("User defined signal 1")
        s.type("abc\n")
        s.see("4 bytes")
        s.kill(signal.SIGUSR1)
        s.see("User defined signal 1")
        s.kill(signal.SIGTERM)
        s.see("Terminated")
        assert s.end() == 0


def test_select_all(mode):
    with Session([PYTHON, EXAMPLES / "select_all.py"], mode) as s:
        s.see("press RETURN to end")
        me = open("/proc/self/comm").read().strip()
        for signo in (signal.SIGTERM, signal.SIGUSR1, signal.SIGRTMIN + 3, signal.SIGCHLD, signal.SIGWINCH):
            s.kill(signo)
            s.see(rf"{'SIGRTMIN.3' if signo == 37 else signal.Signals(signo).name} from {me}")
        s.type("\x03")
        s.see("SIGINT from the kernel")
        s.type("\x1c")
        s.see("SIGQUIT from the kernel")
        s.type("\n")
        s.see("all done")
        assert s.end() == 0


def test_poll_sigint(mode):
    with Session([PYTHON, EXAMPLES / "poll_sigint.py"], mode) as s:
        s.see("three times")
        for n in (1, 2, 3):
            s.type("\x03")
            s.see(f"SIGINT number {n}, code <Code.SI_KERNEL: 128>")
        s.see("bye")
        assert s.end() == 0


def test_alarm_open(mode, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with Session([PYTHON, EXAMPLES / "alarm_open.py", fifo, "0.05"], mode) as s:
        s.see("alarm_open.py: SIGALRM: couldn't open")
        assert s.end() == 1
    with Session([PYTHON, EXAMPLES / "alarm_open.py", fifo, "20"], mode) as s:
        fifo.write_text("here it is\n")
        s.see("here it is")
        assert s.end() == 0


# As the documentation of the module signal has it, but for the device: opened for reading, it never becomes ready.
DOCUMENTED = """
import signal, os, sys

def handler(signum, frame):
    signame = signal.Signals(signum).name
    print(f'Signal handler called with signal {signame} ({signum})')
    raise OSError("Couldn't open device!")

signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    fd = os.open(sys.argv[1], os.O_RDONLY)
except OSError as e:
    print(e)
signal.alarm(0)
"""


def test_alarm_open_as_documented(mode, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with Session([PYTHON, "-c", DOCUMENTED, fifo], mode) as s:
        s.see(r"Signal handler called with signal SIGALRM \(14\)")
        s.see("Couldn't open device!")
        assert s.end() == 0


def test_aio_reload(mode):
    with Session([PYTHON, EXAMPLES / "aio_reload.py"], mode) as s:
        s.see("process [0-9]+ serves")
        for generation in (2, 3, 4):
            s.kill(signal.SIGHUP)
            s.see(f"configuration {generation}, checked with status 0")
        end = time.monotonic() + LIMIT
        while True:
            s.kill(signal.SIGUSR1)
            if s.see("configuration 4, works: (True|False)")[1] == "True" or time.monotonic() > end:
                break
        s.type("\x03")
        s.see("SIGINT: ends")
        assert s.end() == 0


def test_report(library, tmp_path):
    env = {"SIGFERRY_RINGS": str(tmp_path)}
    waiter = "import os, signal; signal.signal(10, lambda *_: os.write(1, b'got')); print('up', flush=True)\nwhile True: signal.pause()"
    with Session([PYTHON, "-c", waiter], {"trace": "on"}, env) as s:
        s.see("up")
        for _ in range(4):
            s.kill(signal.SIGUSR1)
            s.see("got")
        with Session([PYTHON, EXAMPLES / "report.py", s.pid], None, env) as report:
            assert int(report.see(r"SIGUSR1: (\d+) times, longest [\d.]+ us")[1]) >= 3
            assert report.end() == 0
    with Session([PYTHON, EXAMPLES / "report.py", "99999999"], None, env) as report:
        report.see("report.py: process 99999999 has no ring in .*trace = on")
        assert report.end() == 1


def test_every_example_is_tested():
    here = open(__file__).read()
    missing = [p.name for p in EXAMPLES.iterdir() if p.suffix in (".c", ".py") and p.stem not in here]
    assert missing == [] and sys.version_info >= (3, 9)
