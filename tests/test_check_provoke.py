"""`sigferry check --provoke`: a bug that nobody meets is met in a moment, and again by the command that the report prints."""
import json
import shlex
import signal
import subprocess
import time

import pytest

import harness
from test_check import COMMAND, PROGRAMS, check, compiled, patient

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
    done, found = check([compiled(source, True)], "--provoke", *patient(source), tmp_path=tmp_path)
    assert found == [] and done.status == 0 and done.leftovers == 0, f"{json.dumps(found, indent=1)}\n{done}"


def provoked(argv, *options, tmp_path):
    """The result, the findings, and how far it came."""
    done, found = check(argv, *options, tmp_path=tmp_path)
    return done, found, json.loads((tmp_path / "report.json").read_text()).get("provoked")


@pytest.mark.parametrize("how", ["exit", "_exit", "jump"])
def test_a_handler_that_ends_the_program(library, tmp_path, how):
    """It is met once a run: so there are as many runs as functions that it can meet."""
    ends = harness.compile_program(harness.ROOT / "tests" / "provoke" / "ends.c", deps=[harness.ROOT / "tests" / "check" / "common.h"])
    done, found, far = provoked([ends, how], "--provoke", "--budget", "600s", tmp_path=tmp_path)
    assert far["runs"] > 5 and far["tried"] == far["pairs"] >= 10 and not far["outOfTime"], (far, done)
    assert done.stdout.count("told to end\n") >= 5 and done.stdout.startswith("end\n") and done.status == 0, done
    again = [f["again"] for f in found if f["kind"] == "unsafe-call" and f["called"] == "puts" and f["signal"] == "SIGTERM"]
    assert len(again) == 1 and "TERM@" in again[0], found
    done, _, far = provoked([ends, how], *shlex.split(again[0])[2:-3], tmp_path=tmp_path)
    assert far is None and done.stdout.count("told to end\n") == 1 and done.status == 7, done
    done, found, far = provoked([ends, how], "--provoke", "--budget", "0", tmp_path=tmp_path)
    assert far["runs"] == 1 and far["outOfTime"] and done.stdout == "end\n", (far, done)


def test_standard_input_is_there_in_each_run(library, tmp_path):
    (tmp_path / "in").write_text("x\nname\n")
    done = harness.run(["sh", "-c", f"(read x; exec {COMMAND} check --provoke -- bash -c 'trap exit TERM; read a; echo $a') <{tmp_path}/in"],
                       env={"SIGFERRY_CONFIG": "/dev/null"}, timeout=60)
    assert len(done.stdout.split()) > 1 and set(done.stdout.split()) == {"name"}, done
    assert "sigferry: provoked in " in done.stderr


def test_an_interrupt_ends_the_runs(library, tmp_path):
    p = subprocess.Popen([COMMAND, "check", "--provoke", "-o", tmp_path / "out", "--", "bash", "-c", "trap 'exit 3' USR1; echo ready; while :; do sleep 0.01; done"],
                         stdout=subprocess.PIPE, text=True, env={**harness.os.environ, "SIGFERRY_CONFIG": "/dev/null"}, start_new_session=True)
    try:
        assert p.stdout.readline() == "ready\n"
        p.send_signal(signal.SIGTERM)
        assert p.stdout.read().count("ready") <= 1 and p.wait(30) in (3, -signal.SIGTERM)
        assert "sigferry: provoked in " in (tmp_path / "out").read_text()
    finally:
        harness.os.killpg(p.pid, signal.SIGKILL) if p.poll() is None else None
        p.stdout.close()


@pytest.mark.parametrize("what", ["FOO", "USR1,", "KILL", "USR1@", "USR1@malloc#", "USR1@malloc#0", "USR1@malloc#99999999999",
                                  "USR1@malloc#3/", "USR1@malloc#3/now", "USR1@malloc#3/12", "USR1@malloc#3/12ms",
                                  "@" + "x" * 40, "A" * 40, "USR1@malloc#3x"])
def test_wrong(library, what):
    done = harness.run([COMMAND, "check", f"--provoke={what}", "--", "true"], env={"SIGFERRY_CONFIG": "/dev/null"})
    assert done.status == 125 and "--provoke=" in done.stderr and done.stderr.count("\n") == 1
