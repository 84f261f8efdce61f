"""The signals, senders and order of sigferry trace against those of strace, for twenty programs.

Each program runs twice: natively under strace -f, and under sigferry trace. Processes and threads are numbered in the order
in which they appeared. strace sees signals that nobody handles, too: those whose default is to be ignored (SIGCHLD without
a handler) concern no handler of the program and are left out, unless they are caught or kill."""
import json
import re
import shutil
import signal

import pytest

from trace_place import PROGRAMS, program, sf, harness  # noqa: F401

C = "prog:"
CASES = {
    "kill-self": ["bash", "-c", "trap : USR1; kill -USR1 $$; kill -USR1 $$"],
    "dash-trap": ["dash", "-c", "trap : USR1 TERM; kill -USR1 $$; kill -TERM $$; kill -USR1 $$"],
    "bash-child": ["bash", "-c", "trap : TERM; bash -c 'kill -TERM $PPID; exit 3'; true"],
    "bash-wait": ["bash", "-c", "trap : CHLD; sleep 0.05 & wait; sleep 0.05 & wait; true"],
    "bash-killed-child": ["bash", "-c", "bash -c 'kill -TERM $$'; bash -c 'kill -KILL $$'; true"],
    "dash-dies": ["dash", "-c", "kill -HUP $$"],
    "python-alarm": ["/usr/bin/python3", "-c", "import signal,time;signal.signal(14,lambda *a:0);signal.setitimer(0,.05);time.sleep(.3)"],
    "python-queue": ["/usr/bin/python3", "-c", "import signal,os;signal.signal(36,lambda *a:0)\nfor i in range(5): os.kill(os.getpid(),36)"],
    "python-raise": ["/usr/bin/python3", "-c", "import signal;signal.signal(12,lambda *a:0);signal.raise_signal(12);signal.raise_signal(2)"],
    "python-thread": ["/usr/bin/python3", "-c", "import signal,threading;signal.signal(10,lambda *a:0)\n"
                      "t=threading.Thread(target=lambda:signal.pthread_kill(threading.main_thread().ident,10));t.start();t.join()"],
    "perl": ["perl", "-e", "$SIG{USR2}=sub{}; kill 'USR2', $$ for 1..3; $SIG{ALRM}=sub{}; alarm 1; select undef,undef,undef,2"],
    "perl-child": ["perl", "-e", "$SIG{CHLD}=sub{}; for(1..2){ if(!fork){exit $_} wait }"],
    "ruby": ["ruby", "-e", "trap('USR1'){}; system(\"kill -USR1 #{$$}; sleep 0.05\")"],
    "gawk": ["bash", "-c", "gawk 'BEGIN{system(\"kill -TERM $PPID\")}'; true"],
    "segv": [C + "faults", "segv"],
    "fpe": [C + "faults", "fpe"],
    "abort": [C + "faults", "abort"],
    "nested": [C + "faults", "nested"],
    "timers": [C + "faults", "timer"],
    "threads": [C + "faults", "threads"],
    "suspend": [C + "faults", "suspend"],
    "real-time": [C + "faults", "queue"],
}
FATAL_BY_DEFAULT = {f"SIG{s}" for s in "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM".split()}


def command(case):
    return [program(a[len(C):]) if a.startswith(C) else a for a in CASES[case]]


def number(order, pid):
    """The how-manieth process or thread it was; others are strangers."""
    return order.get(pid, "other")


def from_strace(sf, case):
    r = sf.start("-f", "-o", "strace", "-e", "trace=none", "-e", "signal=all", "--", *command(case), command="strace")
    r.wait(60)
    order, found = {}, []
    for line in (sf.home / "strace").read_text().splitlines():
        pid, text = line.split(" ", 1)
        order.setdefault(int(pid), len(order))
        m = re.match(r"\s*--- (SIG\w+) {si_signo=\w+, si_code=(\w+)(?:, si_pid=(\d+))?", text)
        if m:
            found.append((int(pid), re.sub(r"^SIGRT_(\d+)$", lambda r: f"SIGRTMIN+{int(r[1]) - 2}", m[1]), m[2], int(m[3] or 0)))
    return found, r.returncode


def from_trace(sf, case):
    events, r = sf.events("-e", "event=all", "--", *command(case))
    found, caught = [], set()
    for e in events:
        if e["event"] == "disposition" and isinstance(e["handler"], dict):
            caught.add(e["signal"])
        if e["event"] in ("begin", "default"):
            pid = e.get("sender_pid", 0) if e["code"] in ("SI_USER", "SI_TKILL", "SI_QUEUE", "CLD_EXITED", "CLD_KILLED") else 0
            found.append((e["tid"], e["signal"], e["code"], pid))
    return found, r.returncode, caught


def normal(found):
    """By thread: what it got in order. Threads in the order of their numbers, which the kernel counts up."""
    threads = sorted({t for t, *_ in found})
    senders = {p: i for i, p in enumerate(threads)}
    return [[(s, code, number(senders, p)) for t, s, code, p in found if t == thread] for thread in threads]


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
@pytest.mark.parametrize("case", CASES)
def test_as_strace_sees_it(sf, case):
    if not CASES[case][0].startswith(C) and not shutil.which(CASES[case][0]):
        pytest.skip(f"needs {CASES[case][0]}")
    native, status = from_strace(sf, case)
    ours, our_status, caught = from_trace(sf, case)
    native = [f for f in native if f[1] in caught or (f[1] in FATAL_BY_DEFAULT and f[1] != "SIGKILL")]
    assert our_status == status
    assert native, "nothing to compare"
    assert normal(ours) == normal(native)
