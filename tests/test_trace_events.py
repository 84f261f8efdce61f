"""sigferry trace: each kind of event, with what it tells."""
import os
import signal
import subprocess

import pytest

from trace_place import LIMIT, asleep, child_of, of, program, ready, sf, until  # noqa: F401 (sf is a fixture)


def told(event, *names):
    """What the event says under these names; places by the name of their function."""
    return [v.get("symbol", v) if isinstance(v, dict) else v for v in (event.get(n) for n in names)]


@pytest.fixture
def happened(sf):
    events, r = sf.events("-e", "event=all", "--", program("events"))
    assert r.returncode == 0, r.stderr
    pid = next(e["pid"] for e in events if e["event"] == "start")

    def of(kind, *names, signal=None, first=pid):
        return [told(e, *names) for e in events if e["event"] == kind and e["pid"] == first and signal in (None, e.get("signal"))]
    of.pid, of.events = pid, events
    return of


def test_timers_and_sends(happened):
    names = ("call", "first_ns", "period_ns", "error", "caller")
    assert happened("send", *names, signal="SIGALRM") == [
        ["alarm", 200 * 10**9, 0, None, "timers"], ["setitimer", 500 * 10**9, 0, None, "timers"], ["setitimer", 0, 0, None, "timers"],
        ["timer_settime", 400 * 10**9, 300 * 10**9, None, "timers"]]
    child = next(e["pid"] for e in happened.events if e["event"] == "exit" and e["status"] == 6)
    assert happened("fork", "parent", first=child) == [[happened.pid]]
    assert happened("send", "call", "to_pid", "to_tid", "value", "error", "caller", signal="SIGUSR1") == [
        ["kill", child, None, None, "ESRCH", "sends"], ["sigqueue", happened.pid, None, "0x1234", None, "sends"],
        ["pthread_kill", happened.pid, happened.pid, None, None, "sends"]]
    for kind in ("arrive", "begin"):
        assert happened(kind, "code", "sender", "value", "handler", signal="SIGUSR1") == [
            ["SI_QUEUE", "itself", "0x1234", "on_any"], ["SI_TKILL", "itself", None, "on_any"]]


def test_handlers(happened):
    nested = [(e["event"], e["signal"], e["depth"]) for e in happened.events if e.get("signal") in ("SIGHUP", "SIGUSR2") and "depth" in e]
    assert nested == [("begin", "SIGHUP", 1), ("begin", "SIGUSR2", 2), ("end", "SIGUSR2", 2), ("end", "SIGHUP", 1)]
    assert happened("end", "handler", "left", signal="SIGTERM") == [["on_jump", "jump"]]
    names = ("handler", "call", "call_ends", "left")
    assert happened("begin", "sender", "at", signal="SIGINT") == [["process", "point"]]
    assert happened("end", *names, signal="SIGINT") == [["on_any", "read", "EINTR", None]]
    assert happened("end", *names, signal="SIGQUIT") == [["on_restart", "read", "restarted", None]]
    assert happened("disposition", "handler", "old_handler", "flags", "caller", signal="SIGQUIT") == [["on_restart", "default", "SA_RESTART", "catch"]]


def test_masks_threads_and_programs(happened):
    assert {e["sender_comm"] for e in happened.events if e.get("sender") == "itself"} == {"events"}, "not what it becomes"
    assert happened("mask", "old_mask", "mask", "caller") == [[[], ["SIGWINCH"], "mask"]]
    assert happened("take", "sender", "fd", signal="SIGWINCH") == [["itself", -1]] and not happened("begin", signal="SIGWINCH")
    assert happened("thread", "what") == [["begins"], ["ends"]]
    assert happened("start", "text") == [["events"], ["true"]] and happened("exec", "text") == [["/bin/true"]]
    assert sorted(happened("end-of-process", "how")) == [["exec"], ["exit"]]


@pytest.mark.parametrize("name, at", [("spins", "now"), ("waits", "point")])
def test_by_default_nothing_waits(sf, name, at):
    """Neither in a program that computes, nor in one that sleeps: as natively."""
    p = ready(sf.start("trace", "-f", "json", "-o", "out", "--", program(name), stdout=subprocess.PIPE))
    pid, out = child_of(p.pid), sf.home / "out"
    for n in range(1, 6):
        until(lambda: name == "spins" or asleep(pid), "asleep in pause")
        os.kill(pid, signal.SIGUSR1)
        until(lambda: out.read_text().count('"event": "end", "signal": "SIGUSR1"') == n, f"{n} handlers")
    os.kill(pid, signal.SIGTERM)
    p.wait(LIMIT)
    events = [e for e in sf.objects("out") if e.get("signal") == "SIGUSR1" and e["event"] != "disposition"]
    assert [e["event"] for e in events] == 5 * ["arrive", "begin", "end"]
    assert {(e["at"], e["wait_ns"]) for e in of(events, "begin")} == {(at, 0)}


def test_waits(sf):
    """Blocked; in the program's own code; inside of stdio, where it is forced in the end."""
    p = sf.start("trace", "--route", "auto", "-f", "json", "-o", "out", "--", program("events"), "waits", stdin=subprocess.PIPE,
                 stdout=subprocess.PIPE, env={"SIGFERRY": "limit=200ms"})
    assert p.stdout.readline() == "blocked\n"
    pid = child_of(p.pid)
    os.kill(pid, signal.SIGUSR1)
    until(lambda: '"why": "blocked"' in (sf.home / "out").read_text(), "a signal that is blocked")
    p.stdin.write("go\n")
    p.stdin.close()
    assert p.wait(LIMIT) == 0
    events = sf.objects("out")

    def of(name, *names):
        return [[e["event"], *told(e, *names)] for e in events if e.get("signal") == name and e["event"] in ("wait", "forced", "begin")]
    names = ("why", "family", "at")
    assert of("SIGUSR1", *names[:2]) == [["wait", "blocked", None], ["begin", None, None]]
    assert of("SIGUSR2", *names) == [["wait", "no-point", None, None], ["begin", None, None, "safe"]]
    assert of("SIGHUP", *names) == [["wait", "guarded", "stdio", None], ["forced", "guarded", "stdio", None], ["begin", None, None, "forced"]]
    waited = next(e["wait_ns"] for e in events if e["event"] == "begin" and e["signal"] == "SIGHUP")
    assert 0.19e9 < waited < 20e9


@pytest.mark.parametrize("which", [[], ["real-time"]], ids=["taken", "pending"])
@pytest.mark.parametrize("how", ["return", "group"])
def test_waits_when_the_process_ends(sf, how, which):
    """It is dropped, taken by the listener or not yet, and the trace says so; also how the process ended."""
    events, r = sf.events("--route", "auto", "--", program("ends"), how, *which, env={"SIGFERRY": "patience=60s"})
    assert r.returncode == 3
    first = events[0]["pid"]
    mine = [e for e in events if e["pid"] == first]
    assert [e["why"] for e in of(mine, "wait")][-1:] == ["ends"] and not of(mine, "begin")
    assert [e["status"] for e in of(mine, "exit")] == [3]


def test_waits_while_our_tables_change(sf):
    """In the middle of a signal call: sooner or later one comes just then."""
    p = ready(sf.start("trace", "-f", "json", "-o", "out", "--", program("loops"), "calls", stdout=subprocess.PIPE))
    pid, out = child_of(p.pid), sf.home / "out"
    until(lambda: os.kill(pid, signal.SIGUSR1) or '"why": "busy"' in out.read_text(), "one in the middle of a signal call")
    os.kill(pid, signal.SIGTERM)
    assert p.wait(LIMIT) == 0
    events = [e for e in sf.objects("out") if e.get("signal") == "SIGUSR1"]
    waits = [e for e in events if e["event"] == "wait"]
    assert waits and {(e["why"], e["tid"]) for e in waits} == {("busy", pid)}
    assert len(of(events, "arrive")) == len(of(events, "begin")) == len(of(events, "end"))
    kinds = [e["event"] for e in events]
    assert all(kinds[i - 1:i + 3] == ["arrive", "wait", "begin", "end"] for i, kind in enumerate(kinds) if kind == "wait")


def test_waits_for_the_helper_thread(sf):
    """It takes eight, the ninth waits in its thread. And nobody waits for a helper thread that is not there."""
    p = ready(sf.start("trace", "--route", "auto", "-f", "json", "-o", "out", "--", program("loops"), "slow", stdin=subprocess.PIPE,
                       stdout=subprocess.PIPE, env={"SIGFERRY": "SIGTERM.replay=helper-concurrent"}))
    pid, out = child_of(p.pid), sf.home / "out"
    assert sf("ctl", pid, "signal", "SIGUSR1", "replay=helper-concurrent").returncode == 0  # its gate stays open
    for n in range(1, 10):
        os.kill(pid, signal.SIGUSR1)
        until(lambda: out.read_text().count('"event": "arrive", "signal": "SIGUSR1"') == n, f"{n} that arrived")
    until(lambda: '"event": "wait"' in out.read_text(), "the ninth waits")
    p.stdin.close()  # the handlers' read comes to its end
    assert p.wait(LIMIT) == 0
    events = [e for e in sf.objects("out") if e.get("signal") == "SIGUSR1"]
    assert [told(e, "event", "why") for e in events if e["event"] in ("arrive", "wait")] == 9 * [["arrive", None]] + [["wait", "runner"]]
    begins = of(events, "begin")
    assert {e["at"] for e in begins} == {"helper"} and pid not in {e["tid"] for e in begins}
    p = ready(sf.start("trace", "--route", "signalfd", "-f", "json", "-o", "out", "--", program("waits"), stdout=subprocess.PIPE))
    pid = child_of(p.pid)
    until(lambda: asleep(pid), "asleep in pause")
    os.kill(pid, signal.SIGTERM)
    assert p.wait(LIMIT) == 5
    events = sf.objects("out")
    assert [e["signal"] for e in of(events, "begin")] == ["SIGTERM"] and of(events, "wait") == []


def test_wakeups(sf):
    """What a recognised handler wrote into the loop's pipe, and when the loop read it."""
    p = ready(sf.start("trace", "--route", "auto", "-f", "json", "-o", "out", "--", program("loops"), "wakes", stdout=subprocess.PIPE))
    ends = list(map(int, p.stdout.readline().split()))
    pid = child_of(p.pid)
    for _ in range(10):
        os.kill(pid, signal.SIGUSR1)
        assert p.stdout.readline() == "woken\n"
    os.kill(pid, signal.SIGTERM)
    assert p.wait(LIMIT) == 0
    events = sf.objects("out")
    wakes = of(events, "wakeup")
    assert len(wakes) >= 6, "from the fourth on, or the one after the helper thread has begun"
    for e in wakes:
        assert list(e) == ["time_ns", "pid", "comm", "tid", "event", "signal", "fd", "reader", "wait_ns"]
        assert told(e, "pid", "comm", "tid", "signal", "reader", "fd") == [pid, "loops", pid, "SIGUSR1", *ends]
    arrived = [e["time_ns"] for e in of(events, "arrive") if e["signal"] == "SIGUSR1"]
    for wake, came in zip(wakes, arrived[-len(wakes):]):
        assert 0 < wake["wait_ns"] <= wake["time_ns"] - came
