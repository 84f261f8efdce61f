"""Chaos: random signals at random threads and processes of a tree that forks, execs, makes threads and handles them.

A ledger in shared memory (tests/chaos/ledger.h) counts each real-time signal sent and handled: none may be missing, none
come twice, and where natively the order holds it must hold. The tree runs natively as well: a test that natively
fails would show nothing.

    make chaos                         ten minutes, shared among the modes; make check: three seconds for each
    CHAOS_SECONDS=60 CHAOS_SEED=7 ...  so long in all, with this seed
"""
import os
import re
import resource
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import pytest

import harness

HERE = Path(__file__).parent / "chaos"
MODES = {
    "default": {},
    "safe-point": {"replay": "safe-point"},
    "signalfd": {"route": "signalfd"},
    "direct": {"route": "direct"},
    "helper": {"replay": "helper"},
    "helper-concurrent": {"replay": "helper-concurrent"},
    "listener-dies": {"fault": "death"},
    "queue-full": {"route": "direct"},
}
SECONDS = float(os.environ.get("CHAOS_SECONDS", "24")) / len(MODES)
SEED = int(os.environ.get("CHAOS_SEED", time.time() % 1e6))
# The kernel counts queued signals per user: leave some to the rest of the machine.
QUEUED = 20000
FEW = 300  # in queue-full: used up nearly all the time


def programs():
    node = harness.compile_program(HERE / "node.c", flags=[str(HERE / "handlers.c")], deps=[HERE / "handlers.c"])
    return harness.compile_program(HERE / "driver.c"), node


def chaos(mode, seconds, how="own", before=()):
    """The driver's account of one run: its status, its counts, its text."""
    driver, node = programs()
    marker = uuid.uuid4().hex
    env = {k: v for k, v in os.environ.items() if not k.startswith("SIGFERRY") and k != "LD_PRELOAD"}
    env[harness.MARKER] = marker
    if mode is not None:
        env["CHAOS_PRELOAD"] = f"{harness.LIBRARY}:{harness.GUARD}"
        env["CHAOS_SIGFERRY"] = ":".join(f"{k}={v}" for k, v in mode.items())
        env["SIGFERRY_CONFIG"] = "/dev/null"
    with tempfile.TemporaryDirectory(prefix="sigferry-chaos-", dir="/dev/shm") as home:
        child = subprocess.Popen([*before, str(driver), str(node), f"{home}/ledger", str(seconds), str(SEED), how], env=env,
                                 stdout=subprocess.PIPE, text=True, preexec_fn=limit)
        try:
            text, _ = child.communicate(timeout=seconds + 120)
        finally:
            child.kill()
            child.wait()
            harness.kill_marked(marker)
    account = re.search(r"^sent \d+ .*$", text, re.M)
    counts = {k: int(v) for k, v in re.findall(r"(\w+) (\d+)", account[0])} if account else {}
    return child.returncode, counts, f"seed {SEED}\n{text}"


def limit():
    resource.setrlimit(resource.RLIMIT_SIGPENDING, (QUEUED, QUEUED))


def in_mode(name, seconds):
    before = ()
    if name == "queue-full":
        if why := harness.missing("userns"):
            pytest.skip(why)
        before = harness.few_queued(FEW)
    # On the runner any thread's signals are handled.
    return chaos(MODES[name], seconds, "any" if "helper" in name else "own", before)


def judge(status, counts, text, seconds, jumps=True):
    assert status == 0, text
    assert counts["handled"] == counts["sent"] > 300 * seconds, text
    for what in ("forks", "threads", "standard", "started") + (("jumps",) if jumps else ()):
        assert counts[what] > 0, text


def test_natively(library):
    status, counts, text = chaos(None, 3)
    judge(status, counts, text, 3)
    assert counts["ferried"] == 0, text


@pytest.mark.parametrize("how,found", [
    ("lose", "handled|came after"),  # seen at the end, or by the next one of its order
    ("twice", "came after|one twice"),
    ("swap", "came after"),
])
def test_the_ledger_finds(library, how, found):
    status, _, text = chaos(None, 10, how)
    assert status == 1 and re.search(f"^FAIL signal .*({found})", text, re.M), text


@pytest.mark.parametrize("name", MODES)
def test_chaos(library, name):
    status, counts, text = in_mode(name, SECONDS)
    print(f"{name}: {text.splitlines()[1]}")
    judge(status, counts, text, SECONDS, jumps=name != "helper-concurrent")  # on the helper thread none jumps
    assert counts["ferried"] == counts["execs"] + 1, text
