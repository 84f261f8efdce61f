"""sigferry trace: signals that merge with one that pends, where that can be known; and nothing is said where it cannot."""
import os
import signal
import subprocess

import pytest

from trace_place import LIMIT, child_of, of, program, ready, sf, until  # noqa: F401 (sf is a fixture)

ROUTES = pytest.mark.parametrize("route", ["direct", "auto", "signalfd"])


def merged(events, *names):
    return [[e.get(n) for n in names] for e in of(events, "merged")]


@ROUTES
def test_what_a_program_sends_to_itself(sf, route):
    """While one pends for the process, and one for the thread, which are two: the handler runs twice for seven."""
    events, r = sf.events("--route", route, "--", program("merges"), "sends")
    assert (r.returncode, r.stdout) == (0, "6\n"), r
    assert merged(events, "signal", "code", "sender", "value", "count") == [
        ["SIGUSR1", code, "itself", value, 1] for code, value in (
            ("SI_USER", None), ("SI_TKILL", None), ("SI_QUEUE", "0x7"), ("SI_TKILL", None), ("SI_QUEUE", "0x7"))]
    calls = [e.get("call") for e in events if e["event"] in ("send", "merged") and e.get("signal") == "SIGUSR1"][2:]
    assert calls == ["kill", "raise", "kill", None, "raise", None, "sigqueue", None, "pthread_kill", None, "pthread_sigqueue", None]
    text = sf("trace", "-o", "-", "-e", "event=merged", "--route", route, "--", program("merges"), "sends").stdout
    assert text.count("SIGUSR1 merges with one that pends already {SI_USER, from itself}\n") == 1, text


def test_beside_another_thread_nobody_knows(sf):
    events, r = sf.events("--", program("merges"), "thread")
    assert (r.returncode, r.stdout) == (0, "6\n"), r
    assert len(of(events, "send")) == 12 and merged(events) == []


@ROUTES
@pytest.mark.parametrize("how", ["handler", "sigwait", "signalfd"])
def test_expirations_of_a_timer(sf, route, how):
    """Just as many as the program is told of."""
    events, r = sf.events("--route", route, "--", program("merges"), "timer", *([how] if how != "handler" else []))
    overruns = list(map(int, r.stdout.split()))
    assert r.returncode == 0 and len(overruns) >= 3, r
    assert merged(events, "signal", "code", "count") == [["SIGUSR2", "SI_TIMER", n] for n in overruns]


def test_what_waited_and_is_blocked(sf):
    """Two wait for an interruption point. Then a handler that blocks them waits for them itself: there is one."""
    p = ready(sf.start("trace", "--route", "auto", "-f", "json", "-o", "out", "--", program("merges"), "held", stdout=subprocess.PIPE,
                       env={"SIGFERRY": "patience=30s:limit=60s:SIGUSR2.replay=now"}))
    pid, out = child_of(p.pid), sf.home / "out"
    for n in (1, 2):
        os.kill(pid, signal.SIGUSR1)
        until(lambda: out.read_text().count('"event": "wait", "signal": "SIGUSR1"') == n, f"{n} that wait")
    os.kill(pid, signal.SIGUSR2)
    assert p.wait(LIMIT) == 0 and p.stdout.read() == "1\n"
    assert merged(sf.objects("out"), "signal", "sender", "sender_pid", "count") == [["SIGUSR1", "process", os.getpid(), 1]]
