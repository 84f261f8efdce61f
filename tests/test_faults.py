"""What happens when something of ours fails: the program goes on as natively, and the fact is on record.

The faults are provoked by fault=... in SIGFERRY (for tests only), and for real by resource limits and seccomp.
Also here, because it is seen the same way: how set_wakeup_fd-style handlers are recognised.
"""
import json
import os
import resource
import subprocess
import threading
from pathlib import Path

import pytest

import harness

HERE = Path(__file__).parent / "faults"
NOBODY = 65534


def program(name):
    return harness.compile_program(HERE / f"{name}.c")


def environment(settings):
    env = {k: v for k, v in os.environ.items() if not k.startswith("SIGFERRY") and k != "LD_PRELOAD"}
    env["LD_PRELOAD"] = f"{harness.BUILD}/libsigferry.so:{harness.BUILD}/libsigferry-guard.so"
    env["SIGFERRY"] = settings
    env["SIGFERRY_CONFIG"] = "/dev/null"
    return env


def observe(argv, settings, before=None, until="unblocked"):
    """Run until the program has printed its last line and waits for us; what `signals` says; then let it end."""
    child = subprocess.Popen([str(a) for a in argv], env=environment(settings), stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, preexec_fn=before, text=True)
    lines, killer = [], threading.Timer(20, child.kill)
    killer.start()
    try:
        while True:
            line = child.stdout.readline()
            lines.append(line)
            if not line or line.startswith(until):
                break
        said = subprocess.run([str(harness.BUILD / "sigferry"), "signals", "--all", "--json", str(child.pid)],
                              capture_output=True, text=True, timeout=10)
        table = subprocess.run([str(harness.BUILD / "sigferry"), "signals", str(child.pid)],
                               capture_output=True, text=True, timeout=10).stdout
        child.stdin.write("x")
        child.stdin.close()
        status = child.wait(timeout=10)
    finally:
        killer.cancel()
        child.kill()
        child.wait()
        child.stdout.close()
    return "".join(lines), status, json.loads(said.stdout) if said.returncode == 0 else None, table


@pytest.fixture(scope="module")
def native():
    got = harness.run([program("ticks")], timeout=20)
    assert got.status == 7, got
    return got.stdout


@pytest.mark.parametrize("settings,mode", [
    ("", "ferry"),
    ("fault=clone", "thread could not be started"),
    ("fault=signalfd", "signalfd"),
    ("fault=death", "died"),
])
def test_goes_on(library, native, settings, mode):
    stdout, status, _, table = observe([program("ticks"), "5"], settings)
    assert (stdout, status) == (native, 7), table
    assert mode in table, table


def test_no_processes_left(library, native):
    """RLIMIT_NPROC: the listener cannot be had (and the senders are forked before, so the limit is put on by root's
    leaving). A program that has fork fail reports it itself; here only threads are refused."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to become nobody")

    def before():
        resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    source = HERE / "alone.c"
    binary = harness.compile_program(source)
    got = subprocess.run([str(binary)], env=environment(""), preexec_fn=before, capture_output=True, text=True, timeout=20)
    assert got.stdout == "raise 1\nloop\npause\n" and got.returncode == 0, got


def signals_row(view, name):
    for row in view["signals"]:
        if row["name"] == name or row.get("signal") == name:
            return row
    raise AssertionError(view)


def test_wakeup_recognised(library):
    stdout, status, view, table = observe([program("wakeup")], "", until="got")
    assert (stdout, status) == ("got 40\n", 0), table
    assert signals_row(view, "SIGHUP")["wakeup"], table
    assert "fd " in table, table


def test_wakeup_broken_once_is_in_thread_for_good(library):
    stdout, status, view, table = observe([program("wakeup"), "20"], "", until="got")
    assert (stdout, status) == ("got 40\n", 0), table
    assert "fd " not in [line for line in table.splitlines() if line.startswith("SIGHUP")][0], table


def test_wakeup_can_be_switched_off(library):
    stdout, _, view, table = observe([program("wakeup")], "wakeup=off", until="got")
    assert stdout == "got 40\n"
    assert "fd " not in [line for line in table.splitlines() if line.startswith("SIGHUP")][0], table
