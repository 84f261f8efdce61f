"""`sigferry check --provoke`: a bug that nobody meets is met in a moment, and again by the command that the report prints."""
import json
import shlex
import signal
import subprocess
import time

import pytest

import harness
from test_check import COMMAND, PROGRAMS, check, compiled

SOURCE = harness.ROOT / "tests" / "provoke" / "rare.c"


@pytest.fixture
def rare(monkeypatch):
    monkeypatch.setenv("RARE_SECONDS", "1.5")
    return harness.compile_program(SOURCE, deps=[harness.ROOT / "tests" / "check" / "common.h"])


def meeting(found):
    return [f for f in found if (f["kind"], f.get("called"), f.get("inside")) == ("reentered", "localtime", "localtime_r")]


def test_storm_does_not_show_it(rare):
    """Why it is wanted: hundreds of signals, and nothing is seen. (One in ten thousand would hang.)"""
    p = subprocess.Popen([rare], stdout=subprocess.PIPE, text=True)
    sent, end = 0, time.monotonic() + 1.2
    time.sleep(0.1)
    while time.monotonic() < end:
        p.send_signal(signal.SIGUSR1)
        sent += 1
        time.sleep(0.005)
    try:
        out = p.communicate(timeout=10)[0]
    except subprocess.TimeoutExpired:
        p.kill()
        pytest.skip(f"the storm of {sent} signals did hit it")
    assert int(out.split()[1]) > 20
    print(f"natively: {sent} signals, no harm")


def test_it_comes_at_once(library, rare, tmp_path):
    done, found = check([rare], tmp_path=tmp_path)
    assert found == [], "nobody sends a signal"
    done, found = check([rare], "--provoke", tmp_path=tmp_path)
    hits = meeting(found)
    assert hits and hits[0]["verdict"] == "averted" and hits[0]["first_s"] < 3, done
    print(f"provoked: found after {hits[0]['first_s']:.3f} s, {hits[0]['count']} times")


def test_the_report_says_how_to_see_it_again(library, rare, tmp_path):
    _, found = check([rare], "--provoke=USR1", tmp_path=tmp_path)
    line = meeting(found)[0]["again"]
    again = shlex.split(line)
    assert again[:2] == ["sigferry", "check"] and again[-2:] == ["--", str(rare)]
    _, found = check([rare], *again[2:-2], tmp_path=tmp_path)
    assert [f["again"] for f in meeting(found)] == [line] and meeting(found)[0]["count"] == 1


@pytest.mark.parametrize("moment", ["entry", "exit"])
def test_moments(library, rare, tmp_path, moment):
    done, found = check([rare], f"--provoke=SIGUSR1@localtime_r#3/{moment}", tmp_path=tmp_path)
    assert [f["count"] for f in meeting(found)] == [1] and "handled 1\n" in done.stdout, done
    done, found = check([rare], "--provoke=USR1@malloc_trim", tmp_path=tmp_path)
    assert found == [] and "handled 0\n" in done.stdout
    done, found = check([rare], "--provoke=USR2", tmp_path=tmp_path)
    assert found == [] and "handled 0\n" in done.stdout


def test_a_moment_later(library, rare, tmp_path):
    """By a timer: the handler runs once, wherever that finds the program."""
    done, _ = check([rare], "--provoke=USR1@localtime_r#3/900ns", tmp_path=tmp_path)
    assert "handled 1\n" in done.stdout, done


def test_it_happens_natively(library, rare, tmp_path):
    _, found = check([rare], "--native", "--provoke=USR1@localtime_r/entry", tmp_path=tmp_path)
    assert [f["verdict"] for f in meeting(found)] == ["native"] and "--native" in meeting(found)[0]["again"]


@pytest.mark.parametrize("source", PROGRAMS, ids=lambda p: p.stem)
def test_twin_stays_clean(library, tmp_path, source):
    done, found = check([compiled(source, True)], "--provoke", tmp_path=tmp_path)
    assert found == [] and done.status == 0 and done.leftovers == 0, f"{json.dumps(found, indent=1)}\n{done}"


@pytest.mark.parametrize("what", ["FOO", "USR1,", "KILL", "USR1@", "USR1@malloc#", "USR1@malloc#0", "USR1@malloc#99999999999",
                                  "USR1@malloc#3/", "USR1@malloc#3/now", "USR1@malloc#3/12", "USR1@malloc#3/12ms",
                                  "@" + "x" * 40, "A" * 40, "USR1@malloc#3x"])
def test_wrong(library, what):
    done = harness.run([COMMAND, "check", f"--provoke={what}", "--", "true"], env={"SIGFERRY_CONFIG": "/dev/null"})
    assert done.status == 125 and "--provoke=" in done.stderr and done.stderr.count("\n") == 1
