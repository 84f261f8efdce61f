"""The demo and the benchmark come to their end: `make demo` as it is, the benchmark in its quick form.

Figures are not judged here: a machine under test has other things to do.
"""
import os
import subprocess

import pytest

import harness

pytestmark = pytest.mark.slow


def finish(argv, limit):
    env = {k: v for k, v in os.environ.items() if k not in ("LD_PRELOAD", "SIGFERRY", "SIGFERRY_CONFIG")}
    env["BUILD"] = str(harness.BUILD)
    done = subprocess.run(argv, cwd=harness.ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=limit)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_demo(library):
    said = finish(["sh", "tests/demo/demo.sh"], 60)
    assert said.count("under sigferry:  it did its work") == 3, said
    assert said.count("as it is:        it ") == 3 and "as it is:        it did" not in said, said


def test_bench_quick(library):
    said = finish(["/usr/bin/python3", "bench/bench.py", "--quick", "--markdown"], 240)
    assert said.count("\n| ") >= 11 and "failed" not in said, said
