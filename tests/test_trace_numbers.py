"""sigferry ps, stat and ctl: running processes seen, counted and changed."""
import json
import os
import signal
import subprocess
import time

import pytest

from trace_place import harness, program, ready, sf, until  # noqa: F401


def waits(sf, settings="route=direct"):
    return ready(sf.carried(program("waits"), settings=settings, stdout=subprocess.PIPE))


def handlers(sf, *args):
    r = sf("stat", "--json", *args)
    return {h["signal"]: h for h in json.loads(r.stdout)["handlers"]} if r.returncode == 0 else {}


def test_ps(sf):
    p = waits(sf)
    r = sf("ps", "--json", p.pid)
    row, = json.loads(r.stdout)["processes"]
    assert r.returncode == 0 and (row["pid"], row["comm"], row["trace"], row["ring"]) == (p.pid, "waits", False, None)
    assert row["uid"] == os.getuid()
    lines = sf("ps").stdout.splitlines()
    assert lines[0].split()[:3] == ["PID", "USER", "COMMAND"] and any(l.split()[0] == str(p.pid) and " waits " in l for l in lines[1:])
    p.kill()
    p.wait()
    r = sf("ps", p.pid)
    assert (r.returncode, r.stdout) == (1, "") and "not there" in r.stderr


def test_stat_counts_and_percentiles(sf):
    p = waits(sf)
    for i in range(1, 31):  # each on its own: two that pend at once merge
        os.kill(p.pid, signal.SIGUSR1)
        until(lambda: handlers(sf, p.pid).get("SIGUSR1", {}).get("handled") == i, f"handler {i}")
    row = handlers(sf, p.pid)["SIGUSR1"]
    assert row["handled"] == row["arrived"] == row["ran"]["count"] == 30 and row["from"]["process"] == 30
    assert row["handler"] == "on_usr1 (waits)" and row["errno_changed"] == 30
    assert 0 < row["ran"]["p50_ns"] <= row["ran"]["p99_ns"] <= row["ran"]["max_ns"] < 1e9
    assert row["ran"]["sum_ns"] >= row["ran"]["p50_ns"]
    text = sf("stat", p.pid).stdout.splitlines()
    assert len(text) == 2 and text[1].split()[:4] == [str(p.pid), "waits", "SIGUSR1", "on_usr1"]


def test_stat_in_intervals(sf):
    p = waits(sf)
    os.kill(p.pid, signal.SIGUSR1)
    until(lambda: handlers(sf, p.pid), "the first")
    s = sf.start("stat", "-j", "-i", "300ms", "-n", "3", p.pid, stdout=subprocess.PIPE)
    deadline, sent = time.monotonic() + 20, 0
    while s.poll() is None and time.monotonic() < deadline:
        os.kill(p.pid, signal.SIGRTMIN + 1)
        sent += 1
        time.sleep(0.01)
    turns, text = [], s.stdout.read()
    for line in text.splitlines():
        turns.append(json.loads(line)["handlers"])
    assert len(turns) == 3 and all([h["signal"] for h in t] == ["SIGRTMIN+1"] for t in turns), text
    assert 3 <= sum(t[0]["handled"] for t in turns) <= sent


def test_stat_of_what_is_left(sf):
    rings = sf.home / "rings"
    rings.mkdir(mode=0o700)
    harness.run([program("raises"), 20], mode={"trace": "on", "route": "direct"}, env={"SIGFERRY_RINGS": str(rings)})
    r = sf("stat", "--json", "--read", *sorted(rings.iterdir()))
    rows = json.loads(r.stdout)["handlers"]
    assert r.returncode == 0 and sorted(h["handled"] for h in rows) == [1, 20] and {h["handler"] for h in rows} == {"handler (raises)"}


def histogram_error(value):
    """The reader's answer for a histogram that holds one value, as trace/format.h promises it."""
    low = value if value < 16 else None
    if low is None:
        e = value.bit_length() - 1
        low = (16 + ((value >> (e - 4)) & 15)) << (e - 4)
        return abs((low + (low + (1 << (e - 4)))) // 2 - value) / value
    return 0


def test_the_stated_error_bound():
    assert max(histogram_error(v) for v in [*range(1, 100000), *(10 ** k + 7 for k in range(5, 13))]) <= 1 / 32


def test_ctl_trace(sf):
    p = waits(sf)
    assert sf("ctl", p.pid, "trace", "on").returncode == 0
    assert json.loads(sf("ps", "-j", p.pid).stdout)["processes"][0]["trace"] is True
    os.kill(p.pid, signal.SIGUSR1)
    ring = until(lambda: json.loads(sf("ps", "-j", p.pid).stdout)["processes"][0]["ring"], "a file")
    assert os.path.dirname(ring) == str(sf.home / "runtime" / "sigferry")
    assert sf("ctl", p.pid, "trace", "off").returncode == 0
    records = json.loads(sf("ps", "-j", p.pid).stdout)["processes"][0]["records"]
    os.kill(p.pid, signal.SIGUSR1)
    until(lambda: handlers(sf, p.pid)["SIGUSR1"]["handled"] == 2, "the second")
    assert json.loads(sf("ps", "-j", p.pid).stdout)["processes"][0]["records"] == records


def test_ctl_replay(sf):
    """The program computes and never waits: at an interruption point its handler comes at the limit only."""
    p = ready(sf.carried(program("spins"), settings="route=signalfd:patience=30s:limit=never", stdout=subprocess.PIPE))
    os.kill(p.pid, signal.SIGUSR1)
    time.sleep(0.3)
    assert handlers(sf, p.pid) == {}, "it waits for an interruption point"
    assert sf("ctl", p.pid, "signal", "USR1", "replay=now").returncode == 0
    shown = json.loads(sf("signals", "--json", p.pid).stdout)["signals"]
    assert [s["replay"] for s in shown if s["name"] == "SIGUSR1"] == ["now"]
    os.kill(p.pid, signal.SIGUSR1)
    until(lambda: handlers(sf, p.pid).get("SIGUSR1", {}).get("handled", 0) >= 1, "called at once")
    assert sf("ctl", p.pid, "signal", "USR1", "replay=default").returncode == 0
    shown = json.loads(sf("signals", "--json", p.pid).stdout)["signals"]
    assert [s["replay"] for s in shown if s["name"] == "SIGUSR1"] != ["now"]


def test_ctl_says_what_it_cannot_do(sf):
    p = waits(sf)
    r = sf("ctl", p.pid, "signal", "USR1", "replay=safe-point")
    assert r.returncode == 1 and "goes to its handler directly there" in r.stderr
    q = waits(sf, settings="route=signalfd")
    r = sf("ctl", q.pid, "signal", "USR1", "replay=helper")
    assert r.returncode == 1 and "has no helper thread" in r.stderr
    r = sf("ctl", "4194300", "trace", "on")
    assert r.returncode == 1 and "no such process" in r.stderr


@pytest.mark.parametrize("args, said", [
    (["ctl"], "which process?"), (["ctl", "1"], "what is to change?"), (["ctl", "x", "trace", "on"], "x is no process id"),
    (["ctl", "1", "trace", "perhaps"], "what is to change?"), (["ctl", "1", "signal", "FOO", "replay=now"], "unknown signal FOO"),
    (["ctl", "1", "signal", "HUP", "replay=never"], "unknown replay=never; use interruption-point"),
    (["ctl", "1", "signal", "HUP", "now"], "is not replay="), (["stat", "-i", "x"], "is no time"), (["stat", "-n", "0"], "is no number"),
    (["stat", "--read"], "which file?"), (["stat", "x"], "x is no process id"), (["ps", "0"], "0 is no process id"), (["ps", "-x"], "unknown option -x"),
])
def test_wrong_use(sf, args, said):
    r = sf(*args)
    assert (r.returncode, r.stdout) == (125, "") and said in r.stderr and r.stderr.count("\n") == 1, r.stderr
