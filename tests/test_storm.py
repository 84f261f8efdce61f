"""Three programs of the distribution in a storm of signals that natively breaks them nearly every time.

gawk   --profile: SIGUSR1 dumps the profile, with malloc and stdio, in the handler
tar    --totals=USR1: the handler prints statistics in the middle of a listing line
perl   a handler set by POSIX::sigaction with safe(0): the interpreter's own heap is cut in two

    STORM_NATIVE=20    native runs of each (5 by default); the failure rate is printed with -rA or -s
    STORM_RUNS=20      runs under sigferry (5 by default)
"""
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import harness

pytestmark = [pytest.mark.programs, pytest.mark.slow]
HERE = Path(__file__).parent / "storm"
NATIVE_RUNS = int(os.environ.get("STORM_NATIVE", "5"))
FERRIED_RUNS = int(os.environ.get("STORM_RUNS", "5"))
LIMIT = 6.0  # seconds natively; a run in peace takes one
FERRIED_LIMIT = 60.0
USR1 = 1 << (signal.SIGUSR1 - 1)


@dataclass
class Outcome:
    status: object  # exit status, or "hang"
    crc: int = 0
    size: int = 0
    text: str = ""  # head of standard output
    err: str = ""
    sent: int = 0
    seconds: float = 0.0
    cpu: float = 0.0  # seconds of processor time
    seen: list = field(default_factory=list)  # sizes of the watched file while the program ran


def catches(pid, bit):
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    found = re.search(r"^SigCgt:\s*(\w+)", status, re.M)
    return bool(found) and int(found[1], 16) & bit != 0


def wait_handler(process, deadline):
    """True as soon as the program has installed its handler."""
    while time.monotonic() < deadline and process.poll() is None:
        if catches(process.pid, USR1):
            return True
        time.sleep(0.001)
    return False


def watch(path, process, seen):
    """Note every new size of the file, as long as the process runs."""
    while process.poll() is None:
        try:
            size = os.stat(path).st_size
        except OSError:
            size = 0
        if size and (not seen or seen[-1] != size):
            seen.append(size)
        time.sleep(0.005)


def drain(stream, outcome):
    while True:
        data = stream.read(1 << 20)
        if not data:
            return
        if not outcome.size:
            outcome.text = data[:4096].decode(errors="replace")
        outcome.crc = zlib.crc32(data, outcome.crc)
        outcome.size += len(data)


def start_sender(pid, gap_us, ack):
    sender = harness.compile_program(HERE / "send.c")
    argv = [str(sender), str(pid), str(int(signal.SIGUSR1)), str(gap_us)] + (["ack"] if ack is not None else [])
    stdin = ack if ack is not None else subprocess.DEVNULL
    return subprocess.Popen(argv, stdin=stdin, stdout=subprocess.PIPE, text=True)


def run_in_storm(argv, home, gap_us, limit, watched=None, ack=False):
    """Run argv with a storm of SIGUSR1; gap_us None: in peace. Descriptor 3 is where acknowledgements go."""
    outcome = Outcome(status=None)
    ack_read, ack_write = os.pipe()
    sender = None
    env = {**os.environ, "LC_ALL": "C", "SIGFERRY_CONFIG": "/dev/null"}
    begin = time.monotonic()
    with open(f"{home}/err", "w+b") as err:
        # The shell puts the pipe at descriptor 3 and is replaced by the program.
        shell = ["bash", "-c", f'exec "$@" 3>&{ack_write} {ack_write}>&-' if ack else 'exec "$@"', "sh", *map(str, argv)]
        process = subprocess.Popen(shell, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err, env=env,
                                   pass_fds=(ack_write,), start_new_session=True)
        os.close(ack_write)
        killed = threading.Event()
        timer = threading.Timer(limit, lambda: (killed.set(), process.kill()))
        timer.start()
        try:
            if gap_us is not None and wait_handler(process, begin + limit):
                sender = start_sender(process.pid, gap_us, ack_read if ack else None)
            watcher = threading.Thread(target=watch, args=(watched, process, outcome.seen)) if watched else None
            if watcher:
                watcher.start()
            drain(process.stdout, outcome)
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            status = process.wait()
            now = resource.getrusage(resource.RUSAGE_CHILDREN)  # the sender has not been waited for yet
            outcome.cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
            if watcher:
                watcher.join()
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            process.stdout.close()
            os.close(ack_read)
            if sender:
                sender.terminate()
                outcome.sent = int(sender.communicate()[0] or 0)
        outcome.seconds = time.monotonic() - begin
        outcome.status = "hang" if killed.is_set() else status
        err.seek(0)
        outcome.err = err.read().decode(errors="replace")
    return outcome


class Gawk:
    name, gap_us = "gawk", 500

    def run(self, prefix, gap_us, limit):
        with tempfile.TemporaryDirectory(prefix="sigferry-test-") as home:
            profile = f"{home}/profile"
            Path(f"{home}/input").write_text("".join(f"{n} some words that nobody reads\n" for n in range(300000)))
            argv = [*prefix, "gawk", f"--profile={profile}", "-f", HERE / "work.awk", f"{home}/input"]
            outcome = run_in_storm(argv, home, gap_us, limit, watched=profile)
            text = Path(profile).read_text(errors="replace") if os.path.exists(profile) else ""
        # A dump begins with a line that bears the date. One heading is printed only once in the life of a gawk.
        text = re.sub(r"\n\t# Functions, listed alphabetically\n", "", text)
        outcome.dumps = re.split(r"^\t# gawk profile, created .*\n", text, flags=re.M)[1:]
        return outcome

    def wrong(self, got, peace):
        """What is not right, or ''. The last dump is the one of the end of the run."""
        if got.status != 0 or got.text != peace.text:
            return f"status {got.status}, output {got.text!r}, {got.err[:200]}"
        if not got.dumps or got.dumps[-1].strip() != peace.dumps[-1].strip():
            return "the final profile is not that of an undisturbed run"
        return ""

    def starved(self, got):
        """Dumps during the run, not at its end: the file must have been seen growing again and again."""
        if len(got.dumps) < min(100, got.sent / 2) or len(got.dumps) < 20 or len(got.seen) < 3:
            return f"{len(got.dumps)} dumps, the file was seen with {len(got.seen)} sizes, {got.sent} signals sent"
        return ""

    def rate(self, got):
        return f"{len(got.dumps)} dumps, seen growing {len(got.seen)} times"


class Tar:
    name, gap_us = "tar", 100
    total = re.compile(r"Total bytes written: \d+ \([\d.]+[KMG]?i?B, [\d.?]+[KMG]?i?B?/s\)")
    member = re.compile(r"/usr/share/doc(/.*)?|tar: Removing leading `/' from (member names|hard link targets)")

    def run(self, prefix, gap_us, limit):
        with tempfile.TemporaryDirectory(prefix="sigferry-test-") as home:
            argv = [*prefix, "tar", "--totals=USR1", "-cvf", "-", "/usr/share/doc"]
            return run_in_storm(argv, home, gap_us, limit)

    def lines(self, got):
        """(members listed, totals printed, lines that are neither)"""
        lines = got.err.splitlines()
        totals = [x for x in lines if self.total.fullmatch(x)]
        rest = [x for x in lines if not self.total.fullmatch(x)]
        torn = [x for x in rest if not self.member.fullmatch(x) or "Total bytes" in x]
        return len(rest) - len(torn), len(totals), torn

    def wrong(self, got, peace):
        if got.status != 0 or (got.crc, got.size) != (peace.crc, peace.size):
            return f"status {got.status}, {got.size} bytes instead of {peace.size}"
        members, _, torn = self.lines(got)
        if torn or members != self.lines(peace)[0]:
            return f"{members} members listed, {len(torn)} lines torn: {torn[:2]}"
        return ""

    def starved(self, got):
        """While it has no processor its signals merge, as natively: a quarter of those of the time that it had."""
        totals = self.lines(got)[1]
        floor = max(50, got.sent / 4 * min(1, got.cpu / got.seconds))
        return "" if totals >= floor else f"{totals} totals for {got.sent} signals, {got.cpu:.1f} of {got.seconds:.1f} s"

    def rate(self, got):
        return f"{self.lines(got)[1]} totals for {got.sent} signals, {got.cpu:.1f} of {got.seconds:.1f} s"


class Perl:
    name, gap_us = "perl", 300

    def run(self, prefix, gap_us, limit):
        with tempfile.TemporaryDirectory(prefix="sigferry-test-") as home:
            return run_in_storm([*prefix, "perl", HERE / "work.pl"], home, gap_us, limit, ack=True)

    def wrong(self, got, peace):
        if got.status != 0 or got.text != peace.text or not re.fullmatch(r"handled \d+\n", got.err):
            return f"status {got.status}, output {got.text!r}, {got.err[:200]}"
        return ""

    def starved(self, got):
        ticks = int(got.err.split()[1])
        return "" if ticks >= got.sent - 3 and ticks >= 100 else f"{ticks} ticks for {got.sent} signals"

    def rate(self, got):
        return f"{got.err.split()[1]} ticks for {got.sent} signals in {got.seconds:.1f} s"


PROGRAMS = [Gawk(), Tar(), Perl()]


@pytest.fixture(scope="module", params=PROGRAMS, ids=lambda p: p.name)
def program(request):
    if not shutil.which(request.param.name):
        pytest.skip(f"{request.param.name} is not installed")
    if request.param.name == "tar" and len(os.listdir("/usr/share/doc")) < 100:
        pytest.skip("/usr/share/doc is nearly empty here")
    return request.param


@pytest.fixture(scope="module")
def peace(program):
    return program.run([], None, FERRIED_LIMIT)


def test_breaks_natively(program, peace):
    faults = []
    for _ in range(NATIVE_RUNS):
        got = program.run([], program.gap_us, LIMIT)
        fault = program.wrong(got, peace)
        if fault:
            faults.append(fault)
    print(f"{program.name}: natively {len(faults)} of {NATIVE_RUNS} runs fail: {faults[:2]}")
    assert faults, "the storm no longer breaks it"


def test_whole_under_run(program, peace, library, repeat):
    prefix = [harness.BUILD / "sigferry", "run", "--"]
    said = ""
    for turn in range(max(FERRIED_RUNS, repeat)):
        got = program.run(prefix, program.gap_us, FERRIED_LIMIT)
        assert not program.wrong(got, peace), f"run {turn + 1}: {program.wrong(got, peace)}"
        assert not program.starved(got), f"run {turn + 1}: {program.starved(got)}"
        said = program.rate(got)
    print(f"{program.name}: {max(FERRIED_RUNS, repeat)} runs under sigferry clean; the last: {said}")
