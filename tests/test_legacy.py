"""Legacy programs (tests/legacy): natively signals break them, under `sigferry run` they are to finish clean.

Each program ends by itself when its handler has run often enough, so that none can pass by starving its signals,
and prints `ok handled=N floor=F`. Natively most hang; a short time limit stands for "for ever" there.

    LEGACY_NATIVE=20    native runs of each program (3 by default); the failure rate is printed with -rA or -s
    LEGACY_RUNS=20      runs under sigferry
"""
import os
import re
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

import harness

SOURCES = sorted((Path(__file__).parent / "legacy").glob("*.c"))
NATIVE_RUNS = int(os.environ.get("LEGACY_NATIVE", "3"))
FERRIED_RUNS = int(os.environ.get("LEGACY_RUNS", "20"))
NATIVE_LIMIT = 1.5  # seconds; a clean run takes a tenth to half a second
FERRIED_LIMIT = 20.0


def clean(result):
    """Finished with status 0 and with at least its floor of handler runs."""
    said = re.search(r"^ok handled=(\d+) floor=(\d+)$", result.stdout, re.M)
    return bool(said) and result.status == 0 and not result.timed_out and int(said[1]) >= int(said[2])


def native_run(program):
    return harness.run([program], timeout=NATIVE_LIMIT)


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.stem)
def test_breaks_natively(source):
    """Without its failure a case shows nothing. Nearly every run fails; one of three must, lest chance decide."""
    program = harness.compile_program(source)
    with ProcessPoolExecutor(2) as pool:  # two at a time: most runs only wait for their time limit
        results = list(pool.map(native_run, [program] * NATIVE_RUNS))
    failed = sum(not clean(r) for r in results)
    how = [("hang" if r.timed_out else r.stdout.strip() or f"status {r.status}") for r in results if not clean(r)]
    print(f"{source.stem}: natively {failed} of {NATIVE_RUNS} fail: {sorted(set(how))[:3]}")
    assert failed >= 1, "the case no longer shows its failure"


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.stem)
def test_clean_under_run(source, library, repeat, request):
    program = harness.compile_program(source)
    argv = [harness.BUILD / "sigferry", "run", "--", program]
    env = {"SIGFERRY_CONFIG": "/dev/null"}
    runs = max(FERRIED_RUNS, repeat)
    for turn in range(runs):
        result = harness.run(argv, timeout=FERRIED_LIMIT, env=env)
        assert clean(result), f"run {turn + 1} of {runs}: {result}"
