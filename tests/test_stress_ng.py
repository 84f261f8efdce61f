"""stress-ng's signal, timer, process and thread stressors, each of which checks its own results (--verify): the same
verdict under `sigferry run` as natively, and work done in both.

make check runs them a dozen at a time, until each has done a few operations; make stress-ng (STRESS_NG_SECONDS=10) one by
one, ten seconds each.
"""
import os
import re
import shutil
import tempfile

import pytest

import harness
from test_matrix import _rows
from test_programs import both

pytestmark = pytest.mark.programs
SECONDS = int(os.environ.get("STRESS_NG_SECONDS", "0"))
STRESSORS = """
    alarm itimer kill sigabrt sigchld sigfd sigfpe sigio signal signest sigpending sigpipe
    sigq sigrt sigsegv sigsuspend sigtrap clock hrtimers nanosleep timer timerfd sleep
    clone context daemon exec exit-group fork forkheavy nice pidfd schedpolicy session spawn
    switch vfork vforkmany wait zombie dekker eventfd futex membarrier mq msg mutex
    poll pthread resched rseq sem sem-sysv affinity aio aiol ptrace kcmp race-sched
    set yield prctl rlimit landlock bad-altstack fault stackmmap vm-segv fp-error opcode peterson
    cyclic seccomp
""".strip().split("\n")
ROOT = {"cyclic", "seccomp"}
OPTIONS = {
    # A timer of 1 MHz, its default, expires before the handler of the last one has returned: nothing else of the program
    # gets on until 65,536 of them have come. Natively, too, where the machine is slow enough.
    "timer": ["--timer-freq", "10000"],
    "cyclic": ["--cyclic-policy", "rr"],  # with SCHED_DEADLINE two at a time are more than the machine has
    "daemon": ["--daemon-ops", "200"],  # left to process 1: where that is slow to reap them, they use up all process ids
    "forkheavy": ["--forkheavy-procs", "200"],
    "zombie": ["--zombie-max", "200"],
}
# These take their time whatever they are asked for, or fail natively when they do not get a processor in time.
LONG = set("""
    sigio hrtimers clone exec forkheavy schedpolicy vforkmany zombie membarrier mq sem race-sched yield vm-segv cyclic
""".split())
LINES = [line.split() for line in STRESSORS]
GROUPS = [[name] for line in LINES for name in line] if SECONDS else [[n for n in line if n not in LONG] for line in LINES]
# What a stressor says when one half of it had no processor for a second: natively, too.
LATE = re.compile(r"mq: mq_timed\w+ failed, errno=110|vm-segv: no SIGSEGV signals detected|zombie: pid \d+ is not in the exp")

# The kernel sends it no signal at all if its pipe is full before it asks for them with O_ASYNC: natively one run in ten under
# load, and more often under the library, where the sigaction just before that takes some microseconds more.
RACES = {"sigio"}


@pytest.fixture(scope="module")
def staged(library):
    """What was built, where every user can read it. (Not below pytest's directory, which is its user's own.)"""
    with tempfile.TemporaryDirectory(prefix="sigferry-stress-") as where:
        yield _rows.stage(where)


def user(names):
    """What the kernel counts for each user (queued signals, processes) is shared with other tests: a user of our own."""
    if os.geteuid() != 0 or ROOT & set(names):
        return []
    return ["setpriv", f"--reuid={60000 + os.getpid() % 5000}", f"--regid={60000 + os.getpid() % 5000}", "--clear-groups", "--"]


def work(prefix, names, home):
    argv = ["stress-ng", "--temp-path", home, "--verify", "--metrics-brief", "--timeout", SECONDS or 30]
    for name in names:
        argv += [f"--{name}", 1, *OPTIONS.get(name, ()), *([] if SECONDS else [f"--{name}-ops", 20])]
    result = harness.run([*user(names), *prefix, *argv], timeout=100 + 3 * SECONDS, cwd=home)
    text = result.stdout + result.stderr
    assert "ld.so" not in text, text
    # A broken stressor says so in a line of its own; the words after the process id are its verdict.
    failures = sorted(f for f in set(re.findall(r"(?:fail|error): +\[\d+\] (.*)", text)) if not LATE.match(f))
    ops = {name: int(n) for name, n in re.findall(r"metrc: \[\d+\] (\S+) +(\d+) +[\d.]+ +[\d.]+ ", text)}
    status = "time limit" if result.timed_out else result.status
    return (status, [re.sub(r"\d+", "N", f) for f in failures], bool(result.leftovers)), ops, text


@pytest.mark.parametrize("names", GROUPS, ids=lambda names: names[0])
def test_stressors(names, staged):
    if not shutil.which("stress-ng"):
        pytest.skip("needs stress-ng")
    if ROOT & set(names) and os.geteuid() != 0:
        pytest.skip("needs root")
    home = staged / f"stress-{names[0]}"
    home.mkdir(exist_ok=True)
    home.chmod(0o777)

    def run(prefix):
        return work([staged / "sigferry", "run", "--"] if prefix([]) else [], names, home)

    (native, done, native_text), (carried, also, text) = both(run)
    assert carried == native, f"natively\n{native_text}\nunder sigferry\n{text}"
    idle = [name for name in done if done[name] and not also.get(name) and name not in RACES]
    assert not idle, f"nothing was done under sigferry: {idle}\n{text}"
    for name in done if SECONDS else ():
        print(f"{name:14} status {native[0]} and {carried[0]}, operations {done[name]} and {also.get(name)}", flush=True)
