"""Differential tests: every program of tests/corner natively and under each mode; the verdicts must agree.

A program is a small C file named after its case in the list of corner cases. Comments at its head steer the test:

    /* not: helper now-direct */    modes (by prefix) in which the comparison makes no sense
    /* also: helper-concurrent */   further modes
    /* native: hangs (why) */       natively broken: not run natively, the verdict must be that of `expect`
    /* expect: ok */                what it must print (exit status 0) instead of agreeing with a native run
    /* needs: root pty prog=sh */   skipped where that is missing; exit status 77 skips, too
    /* flags: -O2 */                for the compiler
    /* limit: 30 */                 seconds
"""
import functools
from pathlib import Path

import pytest

import harness

HERE = Path(__file__).parent / "corner"
SOURCES = sorted(p for p in HERE.iterdir() if p.suffix in (".c", ".cc"))


@functools.cache
def heading(source):
    return harness.directives(source)


def modes_of(source):
    head = heading(source)
    also = head.get("also", "").split()
    modes = harness.matrix(concurrent="helper-concurrent" in also)
    modes["native"] = None
    if head.get("modes", "all") != "all":
        wanted = head["modes"].split()
        modes = {k: v for k, v in modes.items() if k == "native" or any(k.startswith(w) for w in wanted)}
    for barred in head.get("not", "").split():
        modes = {k: v for k, v in modes.items() if not k.startswith(barred) or (
            barred == "helper" and k.startswith("helper-concurrent") and "helper-concurrent" in also)}
    if "native" in head:
        modes.pop("native", None)
    return modes


def pytest_generate_tests(metafunc):
    if "broken" in metafunc.fixturenames:
        metafunc.parametrize("broken", [s for s in SOURCES if "native" in heading(s)], ids=lambda s: s.stem)
        return
    only = metafunc.config.getoption("--only-mode")
    cases = [pytest.param(s, m, id=f"{s.stem}-{m}") for s in SOURCES for m in modes_of(s) if only in m]
    metafunc.parametrize("source,mode", cases)


@functools.cache
def program(source):
    return harness.compile_program(source, flags=heading(source).get("flags", "").split())


def limit(source):
    return float(heading(source).get("limit", "20"))


@functools.cache
def native_verdict(source):
    head = heading(source)
    if "expect" in head:
        return (head["expect"] + "\n", 0, False)
    return harness.run([program(source)], timeout=limit(source)).verdict()


def test_corner(source, mode, repeat, request):
    why = harness.missing(heading(source).get("needs", ""))
    if why:
        pytest.skip(why)
    settings = modes_of(source)[mode]
    if settings is not None:
        request.getfixturevalue("library")
    wanted = native_verdict(source)
    if wanted[1] == harness.SKIP:
        pytest.skip(wanted[0].strip())
    for turn in range(repeat):
        got = harness.run([program(source)], mode=settings, timeout=limit(source))
        assert got.verdict() == wanted, f"turn {turn + 1} of {repeat}: {got}"
        assert "FAIL" not in got.stdout, f"turn {turn + 1} of {repeat}: {got}"
        assert got.leftovers == 0, f"{got.leftovers} processes left behind"


def test_native_failure_rate(broken, record_property):
    """Programs that are natively broken: how often they fail, told in the summary. Luck is no failure here."""
    runs, want = 10, native_verdict(broken)
    failed = sum(harness.run([program(broken)], timeout=2).verdict() != want for _ in range(runs))
    record_property("native_failures", f"{broken.stem}: {failed} of {runs} native runs fail")
