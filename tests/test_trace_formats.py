"""What other tools are to read: Chrome's trace event format and Common Trace Format."""
import json
import re
import shutil
import subprocess

import pytest

from trace_place import program, sf  # noqa: F401

SCRIPT = 'trap "sleep 0.01" USR1; kill -USR1 $$; bash -c "kill -USR1 $PPID" ; bash -c "kill -USR1 \\$PPID"; true'


def chrome(sf, *command):
    r = sf("trace", "-f", "chrome", "-o", "out.json", "--", *command)
    assert r.returncode == 0, r
    return json.loads((sf.home / "out.json").read_text())["traceEvents"]


def check_chrome(events):
    """What ui.perfetto.dev asks of such a file; returns what it would complain of."""
    wrong, open_slices, last = [], {}, {}
    starts = {e["id"] for e in events if e["ph"] == "s"}
    for e in events:
        if not {"ph", "name", "ts", "pid", "tid"} <= e.keys() or e["ts"] < 0:
            wrong.append(("members", e))
        track = e["pid"], e["tid"]
        if e["ph"] in "BE":
            if e["ts"] < last.get(track, 0):
                wrong.append(("order", e))
            last[track] = e["ts"]
            open_slices.setdefault(track, [])
            if e["ph"] == "B":
                open_slices[track].append(e)
            elif not open_slices[track]:
                wrong.append(("ends without a begin", e))
            else:
                open_slices[track].pop()
        if e["ph"] == "f" and (e["id"] not in starts or e.get("bp") != "e"):
            wrong.append(("arrow", e))
        if e["ph"] == "X" and "dur" not in e:
            wrong.append(("length", e))
    return wrong


def test_chrome(sf):
    events = chrome(sf, "bash", "-c", SCRIPT)
    assert check_chrome(events) == []
    begins = [e for e in events if e["ph"] == "B" and e["name"].startswith("SIGUSR1 ")]
    assert len(begins) >= 2 and begins[0]["args"]["sender"] == "itself"
    arrows = [e for e in events if e["ph"] == "f"]
    heads = {e["id"]: e for e in events if e["ph"] == "s"}
    assert any(heads[a["id"]]["pid"] != a["pid"] for a in arrows), "from the child to its parent"
    assert all(heads[a["id"]]["ts"] <= a["ts"] for a in arrows)
    names = {e["args"]["name"] for e in events if e["ph"] == "M"}
    assert "bash" in names and all(e["pid"] in {m["pid"] for m in events if m["ph"] == "M"} for e in events)


def test_chrome_check_finds_faults():
    good = {"name": "x", "ts": 1.0, "pid": 1, "tid": 1}
    assert check_chrome([{**good, "ph": "E"}]) and check_chrome([{**good, "ph": "f", "id": 3, "bp": "e"}])
    assert check_chrome([{**good, "ph": "X"}]) and not check_chrome([{**good, "ph": "B"}, {**good, "ph": "E", "ts": 2}])


def test_chrome_nested_and_jumped(sf):
    for kind in ("nested", "segv"):
        events = chrome(sf, program("faults"), kind)
        assert check_chrome(events) == []
        assert sum(e["ph"] == "B" for e in events) == sum(e["ph"] == "E" for e in events) > 1


@pytest.mark.skipif(not shutil.which("babeltrace2"), reason="needs babeltrace2")
def test_ctf(sf):
    r = sf("trace", "-f", "ctf", "-o", "ctf", "--", program("flood"), "3000")
    assert (r.returncode, r.stdout) == (0, "6000\n"), r
    out = subprocess.run(["babeltrace2", sf.home / "ctf"], capture_output=True, text=True, timeout=60)
    assert out.returncode == 0 and out.stderr == ""
    lines = out.stdout.splitlines()
    begins = [l for l in lines if "] (" in l and " begin: " in l]
    assert len(begins) == 6000 and all('signal = "SIGRTMIN+2"' in l and 'handler = "handler (flood)"' in l for l in begins)
    kinds = {re.search(r"\) ([\w-]+): ", l)[1] for l in lines}
    assert {"start", "disposition", "arrive", "begin", "end", "send", "fork", "exit", "end_of_process"} <= kinds


@pytest.mark.skipif(not shutil.which("babeltrace2"), reason="needs babeltrace2")
def test_ctf_of_nothing_and_of_losses(sf):
    assert sf("trace", "-f", "ctf", "-o", "none", "-e", "event=mask", "-e", "signal=HUP", "--", "true").returncode == 0
    out = subprocess.run(["babeltrace2", sf.home / "none"], capture_output=True, text=True, timeout=60)
    assert out.returncode == 0, out
    sf("trace", "-f", "ctf", "-o", "lost", "--records", "1024", "--", program("flood"), "20000")
    out = subprocess.run(["babeltrace2", sf.home / "lost"], capture_output=True, text=True, timeout=60)
    assert out.returncode == 0 and " lost: " in out.stdout and "records = " in out.stdout


@pytest.mark.parametrize("path, said", [("/proc/x", "cannot be made"), ("/etc/passwd", "cannot be written")])
def test_ctf_directories_that_cannot_be(sf, path, said):
    r = sf("trace", "-f", "ctf", "-o", path, "true")
    assert r.returncode == 125 and said in r.stderr and sf.left() == []
