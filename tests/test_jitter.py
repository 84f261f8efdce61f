"""The library under jitter: every thread of ours loses its processor now and then between two accesses to what threads
share (engine/jitter.c, `make jitter`), so that interleavings which take a busy machine and days come within seconds.

Corner cases must still agree with the native run, and legacy programs end. `not: jitter` at a corner case's head: a
storm that overtakes handlers that are slowed down so.

    JITTER_MODES=helper-auto,interruption-point-signalfd   other modes of the corner cases; by default "default"
    JITTER_SECONDS=60                                      of chaos in each of its modes; by default 5
"""
import os
import subprocess

import pytest

import harness
import test_chaos
import test_corner
import test_legacy

BUILD = harness.BUILD / "jitter"
CASES = [(s, mode) for mode in os.environ.get("JITTER_MODES", "default").split(",") for s in test_corner.SOURCES
         if mode in test_corner.modes_of(s) and "jitter" not in test_corner.heading(s).get("not", "")]
STORM_RUNS = 10  # of which, were the oldest slot looked for only once, two would see two signals change places
LEGACY_RUNS = 5
CHAOS_SECONDS = float(os.environ.get("JITTER_SECONDS", "5"))


@pytest.fixture(autouse=True)
def jittery(library, monkeypatch):
    assert (BUILD / "libsigferry.so").exists(), "run make jitter"
    monkeypatch.setattr(harness, "LIBRARY", BUILD / "libsigferry.so")
    monkeypatch.setattr(harness, "GUARD", BUILD / "libsigferry-guard.so")
    usual = test_corner.limit
    monkeypatch.setattr(test_corner, "limit", lambda source: 4 * usual(source))


def test_it_is_there():
    """The check can fail: it is this library, not the other."""
    symbols = subprocess.run(["nm", BUILD / "libsigferry.so"], capture_output=True, text=True, check=True).stdout
    assert " sf_jitter" in symbols


@pytest.mark.parametrize("source,mode", CASES, ids=[f"{s.stem}-{mode}" for s, mode in CASES])
def test_corner_under_jitter(source, mode, repeat, request):
    test_corner.test_corner(source, mode, repeat, request)


def test_order_on_the_runner_under_jitter(repeat, request):
    source = next(s for s in test_corner.SOURCES if s.stem == "00-storm")
    test_corner.test_corner(source, "helper-concurrent-signalfd", max(STORM_RUNS, repeat), request)


@pytest.mark.parametrize("name,mode", [
    ("27-rt-order-taken", "interruption-point-direct"), ("27-rt-order-taken", "safe-point-auto"), ("27-rt-order-taken", "helper-auto"),
    ("03-exec-in-vain-wakeups", "helper-concurrent-auto"),
])
def test_other_modes_under_jitter(name, mode, repeat, request):
    """Each has failed here."""
    source = next(s for s in test_corner.SOURCES if s.stem == name)
    test_corner.test_corner(source, mode, repeat, request)


@pytest.mark.parametrize("name", test_chaos.MODES)
def test_chaos_under_jitter(name, monkeypatch):
    """The same tree as in make chaos, with a sender that leaves it time to get on."""
    monkeypatch.setenv("CHAOS_PAUSE_US", "3000")
    status, counts, text = test_chaos.in_mode(name, CHAOS_SECONDS)
    assert status == 0 and counts["handled"] == counts["sent"] > 0, text


@pytest.mark.parametrize("name", ("wakeup_pipe", "printf_both"))
def test_legacy_under_jitter(name, repeat):
    source = next(s for s in test_legacy.SOURCES if s.stem == name)
    program = harness.compile_program(source)
    for turn in range(max(LEGACY_RUNS, repeat)):
        result = harness.run([program], mode={}, timeout=test_legacy.FERRIED_LIMIT)
        assert test_legacy.clean(result), f"run {turn + 1}: {result}"
