"""Hostile surroundings: programs of tests/hostile natively and under the library; the verdicts must agree.

The same kind of program as in tests/corner, with the same comments at its head; fewer modes, since what they show is how
processes, limits, descriptors and other preloaded libraries are met. Below, too: one program together with the
libraries that are often preloaded, and built with sanitizers.
"""
import functools
import os
import re
import subprocess
from pathlib import Path

import pytest

import harness

HERE = Path(__file__).parent / "hostile"
COMMON = Path(__file__).parent / "corner" / "common.h"
MODES = {
    "default": {},
    "safe-point": {"replay": "safe-point"},
    "signalfd": {"route": "signalfd"},
    "direct": {"route": "direct"},
    "traced": {"trace": "on"},
}
SOURCES = sorted(p for p in HERE.glob("*.c") if "beside" not in p.stem)


@functools.cache
def program(source):
    flags = harness.directives(source).get("flags", "").split()
    return harness.compile_program(source, flags=flags, deps=[COMMON])


@functools.cache
def native(source):
    return harness.run([program(source)], timeout=float(harness.directives(source).get("limit", "20")))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_hostile(library, source, mode, repeat):
    head = harness.directives(source)
    why = harness.missing(head.get("needs", ""))
    if why:
        pytest.skip(why)
    wanted = native(source)
    if wanted.status == harness.SKIP:
        pytest.skip(wanted.stdout.strip())
    assert "FAIL" not in wanted.stdout and not wanted.timed_out, f"natively: {wanted}"
    for turn in range(repeat):
        got = harness.run([program(source)], mode=MODES[mode], timeout=float(head.get("limit", "20")))
        assert got.verdict() == wanted.verdict(), f"turn {turn + 1} of {repeat}: {got}"
        assert got.leftovers == 0, f"{got.leftovers} processes left behind"


# ---- beside other libraries ----

PLACES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib/x86_64-linux-gnu/faketime",
          "/usr/lib/aarch64-linux-gnu/faketime")
# Debian's name of the library -> what else it wants.
BESIDE = {
    "libjemalloc.so.2": {},
    "libtcmalloc_minimal.so.4": {},
    "libeatmydata.so": {},
    "libfaketimeMT.so.1": {"FAKETIME": "+0"},
}
BUSY = HERE / "beside.c"


def found(name):
    return next((f"{p}/{name}" for p in PLACES if os.path.exists(f"{p}/{name}")), None)


@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
@pytest.mark.parametrize("name", BESIDE)
def test_beside_a_library(library, name, first):
    other = found(name)
    if not other:
        pytest.skip(f"needs {name}")
    wanted = harness.run([program(BUSY)], env={"LD_PRELOAD": other, **BESIDE[name]})
    assert wanted.status == 0 and "FAIL" not in wanted.stdout, wanted
    for settings in ({}, {"replay": "safe-point"}):
        env = harness.mode_environment(settings)
        ours = env.pop("LD_PRELOAD")
        env["LD_PRELOAD"] = f"{other}:{ours}" if first else f"{ours}:{other}"
        got = harness.run([program(BUSY)], env={**env, **BESIDE[name]}, timeout=30)
        assert got.verdict() == wanted.verdict(), got


def runtime(name):
    path = subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()
    return os.path.realpath(path) if os.path.isabs(path) else None


@pytest.mark.parametrize("name,flag", [("libasan.so", "address"), ("libubsan.so", "undefined")])
def test_beside_a_sanitizer(library, name, flag):
    """The runtime wants to be the first of the libraries; then the sanitized program does as it does alone."""
    path = runtime(name)
    if not path:
        pytest.skip(f"needs {name}")
    built = harness.compile_program(BUSY, flags=[f"-fsanitize={flag}"], name=f"beside-{flag}", deps=[COMMON])
    wanted = harness.run([built], timeout=60)
    assert wanted.status == 0 and wanted.stderr == "", wanted
    for settings in ({}, {"replay": "safe-point"}, {"route": "direct"}):
        env = harness.mode_environment(settings)
        env["LD_PRELOAD"] = f"{path}:{env['LD_PRELOAD']}"
        got = harness.run([built], env=env, timeout=60)
        assert (*got.verdict(), got.stderr) == (*wanted.verdict(), ""), got


UNKNOWN = re.compile(r"^--\d+-- .*\n", re.M)


# (Not traced: what we note of each loaded file is read from valgrind's own, which it does not expect.)
@pytest.mark.parametrize("mode", [m for m in MODES if m != "traced"])
def test_in_valgrind(library, mode):
    """It has nothing to say of us; what it says of a system call that it does not know, it says once."""
    why = harness.missing("prog=valgrind")
    if why:
        pytest.skip(why)
    argv = ["valgrind", "-q", "--error-exitcode=99", program(HERE / "beside-valgrind.c")]
    wanted = harness.run(argv, timeout=30)
    assert wanted.status == 3 and "FAIL" not in wanted.stdout and wanted.stderr == "", wanted
    got = harness.run(argv, mode=MODES[mode], timeout=30)
    assert got.verdict() == wanted.verdict() and UNKNOWN.sub("", got.stderr) == "", got
    assert got.stderr.count("unhandled") <= 2, got  # by the process and by a child of its own
