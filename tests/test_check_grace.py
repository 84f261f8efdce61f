"""The pattern of CVE-2024-6387 (tests/legacy/login_grace.c): an alarm's handler writes to the system's log, and each alarm is
timed to come into malloc, free and localtime_r.

    GRACE_ALARMS=1000000    so many under `sigferry run` (50,000 by default); the figure of doc/findings.md
"""
import os

import harness
from test_check import COMMAND, check

SOURCE = harness.ROOT / "tests" / "legacy" / "login_grace.c"
ALARMS = int(os.environ.get("GRACE_ALARMS", "50000"))


def test_dies_natively():
    """It hangs, nearly always at once. One of three must."""
    program = harness.compile_program(SOURCE)
    results = [harness.run([program], timeout=2, env={"LOGIN_GRACE_ALARMS": str(ALARMS)}) for _ in range(3)]
    print([("hang" if r.timed_out else r.stdout.strip() or f"status {r.status}") for r in results])
    assert any(r.timed_out or r.status for r in results)


def test_survives_under_run(library):
    done = harness.run([COMMAND, "run", "--", harness.compile_program(SOURCE)], timeout=60 + ALARMS / 2000,
                       env={"SIGFERRY_CONFIG": "/dev/null", "LOGIN_GRACE_ALARMS": str(ALARMS)})
    print(f"{ALARMS} alarms in {done.seconds:.1f} s")
    assert done.status == 0 and done.stdout == f"ok handled={ALARMS} floor={ALARMS}\n", done


def test_finding_names_both_stacks(library, tmp_path, monkeypatch):
    monkeypatch.setenv("LOGIN_GRACE_ALARMS", "2000")
    done, found = check([harness.compile_program(SOURCE)], tmp_path=tmp_path)
    assert done.stdout == "ok handled=2000 floor=2000\n", done
    f = next(f for f in found if f["called"] == "syslog" and f.get("inside") in ("malloc", "free", "localtime_r"))
    assert f["verdict"] == "averted" and f["handler"]["symbol"] == "on_alarm" and f["signal"] == "SIGALRM"
    by, at = ([p.get("symbol", "?") for p in f[k]] for k in ("handler_stack", "stack"))
    assert by[-1] == "on_alarm" and by[0] in ("on_alarm", "syslog"), by
    assert {"work", "main"} & set(at) and at[0] != "main", at
    assert f["handler_stack"][-1]["file"].endswith("login_grace.c")
    assert any(p.get("file", "").endswith("login_grace.c") for p in f["stack"])
