"""The demo and the benchmark come to their end: `make demo` as it is, the benchmark in its quick form.

Figures are not judged here: a machine under test has other things to do.
"""
import os
import re
import subprocess

import pytest

import harness

pytestmark = pytest.mark.slow


def finish(argv, limit, **settings):
    env = {k: v for k, v in os.environ.items() if k not in ("LD_PRELOAD", "SIGFERRY", "SIGFERRY_CONFIG")}
    env.update(BUILD=str(harness.BUILD), **settings)
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


def test_bench_tools_quick(library):
    """Other people's tools and servers may be missing, and are named then; ours never fails."""
    said = finish(["/usr/bin/python3", "bench/tools.py"], 240, ROUNDS="1", STORM="5000", STARTS="1", TURNS="1", ASK_ROUNDS="20")
    lines = [line for line in said.splitlines() if line.startswith("  ")]
    left_out = [line for line in lines if "not measured: " in line]
    assert all(line.split()[0] in ("bpftrace,", "perf", "uftrace", "strace") for line in left_out), said
    assert sum(line.startswith("  sigferry") for line in lines) == 3, said
    for seconds, milliseconds, rows in (("redis-benchmark", "Redis", 2), ("wrk on nginx", "Nginx", 4), ("pgbench", "Postgres", 4)):
        part = said.split(f"\n{seconds}")[1].split("\n\n", 2)
        if re.search(r" not here \(make deps-programs\)| left out: (only \d+ signals sent|too short for a figure)$", part[0]):
            continue
        assert part[1].rstrip().count("\n") == rows - 1, said
        assert said.split(f"\n{milliseconds}")[1].split("\n\n", 2)[1].rstrip().count("\n") == rows - 1, said
