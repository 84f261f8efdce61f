"""sigferry trace: what it tells of a signal, which of them, and wrong use."""
import json
import os
import re
import signal
import subprocess

import pytest

import harness
from trace_place import LIMIT, asleep, child_of, ended, of, program, ready, sf, until  # noqa: F401 (sf is a fixture)


def test_one_signal_from_its_sender_to_the_end(sf):
    p = ready(sf.start("trace", "-f", "json", "-o", "out.json", "-e", "event=all", "--", program("waits"), stdout=subprocess.PIPE))
    pid = until(lambda: child_of(p.pid), "a child")
    until(lambda: asleep(pid), "asleep in pause")
    os.kill(pid, signal.SIGUSR1)
    until(lambda: '"end"' in (sf.home / "out.json").read_text(), "live: the end of the handler")
    os.kill(pid, signal.SIGTERM)
    assert p.wait(LIMIT) == 5
    events = sf.objects("out.json")
    arrive, begin, end = (of([e for e in events if e.get("signal") == "SIGUSR1"], k)[0] for k in ("arrive", "begin", "end"))
    assert arrive["sender"] == "process" and arrive["sender_pid"] == os.getpid() and arrive["sender_uid"] == os.getuid()
    with open("/proc/self/comm") as f:
        assert arrive["sender_comm"] == f.read().strip()
    assert "python3" in arrive["sender_cmdline"] and arrive["code"] == "SI_USER" and arrive["tid"] == pid
    assert begin["handler"]["symbol"] == "on_usr1" and begin["handler"]["file"].endswith("waits.c") and begin["depth"] == 1
    assert end["call"] in ("pause", "ppoll", "rt_sigsuspend") and end["call_ends"] == "EINTR" and end["errno_after"] == "EBADF"
    assert arrive["time_ns"] <= begin["time_ns"] <= end["time_ns"] and 0 < end["run_ns"] < 1e9
    installed = of(events, "disposition")
    assert [(e["signal"], e["handler"]["symbol"], e["flags"]) for e in installed] == [
        ("SIGUSR1", "on_usr1", "SA_RESTART"), ("SIGRTMIN+1", "on_usr1", "SA_RESTART"), ("SIGTERM", "on_term", "0")]
    assert all(e["caller"]["symbol"] == "main" and e["caller"]["file"].endswith("waits.c") for e in installed)
    assert of(events, "exit")[0]["status"] == 5 and sf.left() == []
    assert [e["time_ns"] for e in events] == sorted(e["time_ns"] for e in events)


def test_text(sf):
    r = sf("trace", "--", "bash", "-c", 'trap "echo got" USR1; kill -USR1 $$; (exit 3); kill -TERM $$')
    assert r.returncode == -signal.SIGTERM and r.stdout == "got\n"
    lines = [re.sub(r"^\d\d:\d\d:\d\d\.\d{6} ", "", l) for l in r.stderr.splitlines()]
    assert len(lines) > 5 and all(re.match(r"\[\d+ bash\] ", l) for l in lines), r.stderr
    text = "\n".join(lines)
    for what in (r"\+\+\+ begins: bash \+\+\+", r"SIGUSR1: \S+ \(bash\) \S+ \[.*\], was default, by \S+ \(bash\)",
                 r"kill\(\d+, SIGUSR1\), by ", r"--> SIGUSR1 \S+ \(bash\), in place {SI_USER, from itself",
                 r"<-- SIGUSR1 \S+ \(bash\) ran ", r"\+\+\+ forked by \d+ \+\+\+", r"SIGCHLD arrives {CLD_EXITED, child \d+ \(bash\), status 3}",
                 r"SIGTERM: default action {SI_USER, from itself}", r"\+\+\+ killed by SIGTERM \+\+\+"):
        assert re.search(what, text), (what, r.stderr)
    assert "\033" not in r.stderr, "colours are for terminals"


def test_from_outside_this_pid_namespace(sf):
    if subprocess.run(["unshare", "-rfp", "true"], capture_output=True).returncode:
        pytest.skip("needs pid namespaces")
    p = ready(sf.start("trace", "-e", "event=arrive", "-o", "out", "--", "unshare", "-rfp", "--kill-child", program("waits"),
                       stdout=subprocess.PIPE))
    pid = until(lambda: child_of(child_of(p.pid) or 0) if child_of(p.pid) else 0, "a grandchild")
    os.kill(pid, signal.SIGTERM)
    assert p.wait(LIMIT) == 5
    out = (sf.home / "out").read_text()
    assert re.search(r"SIGTERM arrives {SI_USER, from outside this pid namespace", out) and "from 0" not in out, out


def test_a_sender_that_is_gone(sf):
    p = ready(sf.start("trace", "-f", "json", "-o", "out.json", "-e", "event=arrive", "--", program("waits"), stdout=subprocess.PIPE))
    pid = until(lambda: child_of(p.pid), "a child")
    os.kill(p.pid, signal.SIGSTOP)  # the reader cannot look; nobody has a listener
    sender = subprocess.run(["sh", "-c", f"kill -TERM {pid}; echo $$"], capture_output=True, text=True)
    until(lambda: ended(pid), "the end of the program")
    os.kill(p.pid, signal.SIGCONT)
    assert p.wait(LIMIT) == 5
    arrive = json.loads((sf.home / "out.json").read_text().splitlines()[0])
    assert arrive["sender_pid"] == int(sender.stdout) and arrive["sender_comm"] in (None, "sh")


def test_filters(sf):
    events, r = sf.events("-e", "signal=USR1,term", "-e", "event=send,begin", "--", "bash", "-c",
                          "trap : USR1 USR2 TERM; kill -USR1 $$; kill -USR2 $$; kill -TERM $$")
    assert r.returncode == 0
    assert {(e["signal"], e["event"]) for e in events if "signal" in e} == \
        {("SIGUSR1", "send"), ("SIGUSR1", "begin"), ("SIGTERM", "send"), ("SIGTERM", "begin")}
    events, _ = sf.events("-e", "signal=!USR1", "-e", "event=begin", "--", "bash", "-c", "trap : USR1 USR2; kill -USR1 $$; kill -USR2 $$")
    assert [e["signal"] for e in events if "signal" in e] == ["SIGUSR2"]


@pytest.mark.parametrize("args, said", [
    (["trace"], "which program?"), (["trace", "-e", "foo", "true"], "neither signal="), (["trace", "-e", "signal=FOO", "true"], "unknown signal"),
    (["trace", "-e", "event=foo", "true"], "unknown event; there are all, "), (["trace", "-f", "xml", "true"], "unknown format xml; use text, json, chrome, ctf or html"), (["trace", "-f", "ctf", "true"], "writes a directory"),
    (["trace", "-p", "x"], "x is no process id"), (["trace", "-p", "1", "true"], "-p goes without"), (["trace", "--read"], "which file?"),
    (["trace", "--route", "x", "true"], "unknown route"), (["trace", "--records", "x", "true"], "no number from 1024"), (["trace", "-p"], "needs a value"),
    (["trace", "-o", "/nonexistent/x", "true"], "/nonexistent/x: cannot be written: No such file"),
])
def test_wrong_use(sf, args, said):
    r = sf(*args)
    assert (r.returncode, r.stdout) == (125, "") and said in r.stderr and r.stderr.count("\n") == 1, r.stderr
    assert sf.left() == []


def test_statuses_of_programs_that_do_not_start(sf):
    assert sf("trace", "/nonexistent").returncode == 127
    assert sf("trace", "/etc/passwd").returncode == 126
    assert sf.left() == []


def test_left_rings_can_be_read(sf):
    rings = sf.home / "rings"
    rings.mkdir(mode=0o700)
    harness.run([program("raises"), 20], mode={"trace": "on", "route": "direct"}, env={"SIGFERRY_RINGS": str(rings)})
    files = sorted(rings.iterdir())
    r = sf("trace", "--read", *files)
    assert r.returncode == 0 and r.stdout.count(" --> SIGUSR1 handler (raises)") == 21 and r.stdout.count("killed by") + r.stdout.count("without a word") == 1, r
    assert sorted(rings.iterdir()) == files
    r = sf("trace", "--read", "/etc/passwd")
    assert r.returncode == 1 and "is no ring of sigferry" in r.stderr
