"""USDT probes: the notes in the library, and the script that uses them."""
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

import harness
from trace_place import program, sf, until  # noqa: F401

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


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("bpftrace"), reason="needs root and bpftrace")
def test_the_script_runs(sf):
    probe = subprocess.run(["bpftrace", "-e", "BEGIN { exit(); }"], capture_output=True, text=True, timeout=60)
    if probe.returncode or "ERROR" in probe.stderr:
        pytest.skip(f"bpftrace cannot work here: {probe.stderr.strip().splitlines()[-1:]}")
    p = sf.carried(program("waits"), stdout=subprocess.PIPE)
    assert p.stdout.readline() == "ready\n"
    b = sf.start(SCRIPT, harness.LIBRARY, command="bpftrace", stdout=subprocess.PIPE)
    until(lambda: b.stdout.readline().startswith("Attaching 4"), "attached")
    for _ in range(20):
        os.kill(p.pid, signal.SIGUSR1)
        time.sleep(0.05)
    b.send_signal(signal.SIGINT)
    out = b.communicate(timeout=30)[0]
    assert "@arrived[waits, 10]" in out and "@ran_ns[waits, 10, on_usr1" in out
