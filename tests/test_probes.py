"""USDT probes: the notes in the library, and the script that uses them."""
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

import harness
from trace_place import child_of, program, ready, sf, until  # noqa: F401

SCRIPT = harness.ROOT / "doc" / "signals.bt"
ARGUMENTS = {"arrive": 3, "replay_begin": 4, "replay_end": 3, "send": 3}


def probes():
    out = subprocess.run(["readelf", "-n", harness.LIBRARY], capture_output=True, text=True, check=True).stdout
    found = {}
    for name, arguments in re.findall(r"Provider: sigferry\s+Name: (\w+)\s.*?Arguments: (.*?)\n", out, re.S):
        found.setdefault(name, set()).add(len(arguments.split()))
    return found


def test_notes(library):
    if not os.path.exists("/usr/include/x86_64-linux-gnu/sys/sdt.h"):
        pytest.skip("built without systemtap-sdt-dev")
    assert probes() == {name: {n} for name, n in ARGUMENTS.items()}


def test_the_script_uses_what_there_is(library):
    text = SCRIPT.read_text()
    assert set(re.findall(r"^usdt:\$1:sigferry:(\w+)", text, re.M)) == set(ARGUMENTS)
    for name, body in re.findall(r"^usdt:\$1:sigferry:(\w+)\n{(.*?)^}", text, re.M | re.S):
        assert max(map(int, re.findall(r"\barg(\d)", body))) < ARGUMENTS[name]


def can_attach():
    """Here, as this user, to a function of libc: then to our probes as well. Or why not. (It complains of limits, and works.)"""
    if os.geteuid() != 0 or not shutil.which("bpftrace"):
        return "needs root and bpftrace"
    script = "uprobe:libc:raise { @ = 1; } BEGIN { printf(\"began\\n\"); exit(); }"
    try:
        p = subprocess.run(["bpftrace", "-e", script], capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return "bpftrace does not come to an end here"
    return "" if "\nbegan\n" in p.stdout else f"bpftrace cannot work here: {p.stderr.strip().splitlines()[-1:]}"


def catches(pid, signo):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"^SigCgt:\s*(\w+)", f.read(), re.M)[1], 16) >> (signo - 1) & 1


def test_the_script_counts_what_the_trace_shows(sf):
    if why := can_attach():
        pytest.skip(why)
    t = sf.start("trace", "-f", "json", "-o", "trace", "--", program("waits"), stdout=subprocess.PIPE)
    pid = child_of(ready(t).pid)
    try:
        said, trace = sf.home / "said", sf.home / "trace"
        with said.open("w") as out:
            b = sf.start(SCRIPT, harness.LIBRARY, command="bpftrace", stdout=out)
        until(lambda: catches(b.pid, signal.SIGUSR1), "ready to print")

        def counted(signo):
            """As printed last: arrivals, waits, runs. (At its end bpftrace sometimes leaves a map out.)"""
            b.send_signal(signal.SIGUSR1)
            time.sleep(0.1)
            text, total = said.read_text(), []
            for name in (r"arrived\[waits, {}\]: (\d+\n)", r"waited_ns\[waits, {}\]: \n((?:\[.*\n)+)",
                         r"ran_ns\[waits, {}, on_usr1[^]]*\]: \n((?:\[.*\n)+)"):
                rows = re.findall(f"^@{name.format(int(signo))}", text, re.M)
                total.append(sum(map(int, re.findall(r"(?:^|[\])]\s+)(\d+)(?:$| \|)", rows[-1], re.M))) if rows else 0)
            return total

        # It does not say when it has attached: all three count what comes from then on.
        until(lambda: os.kill(pid, signal.SIGUSR1) or 0 not in counted(signal.SIGUSR1), "attached", 60)
        for _ in range(20):
            os.kill(pid, signal.SIGRTMIN + 1)
        until(lambda: len(re.findall(r'"event": "end", "signal": "SIGRTMIN\+1"', trace.read_text())) == 20, "twenty handlers")
        until(lambda: counted(signal.SIGRTMIN + 1) == [20, 20, 20], "twenty in each map")
    finally:
        os.kill(pid, signal.SIGTERM)
    assert t.wait(60) == 5
