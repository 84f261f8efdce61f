"""sigferry trace: processes that run already, what they become and start, and what outlives the program."""
import os
import re
import signal
import subprocess
import time

import pytest

import harness
from trace_place import LIMIT, ended, of, program, ready, sf, traced, until  # noqa: F401 (sf is a fixture)


def test_attach_and_leave(sf):
    p = ready(sf.carried(program("waits"), stdout=subprocess.PIPE))
    t = sf.start("trace", "-p", p.pid, "-f", "json", "-o", "out.json", stderr=subprocess.PIPE)
    until(lambda: traced(p.pid), "tracing switched on")
    for _ in range(3):
        os.kill(p.pid, signal.SIGUSR1)
        time.sleep(0.01)
    until(lambda: (sf.home / "out.json").read_text().count('"end"') == 3, "three handlers")
    t.send_signal(signal.SIGINT)
    assert t.wait(LIMIT) == 0 and t.stderr.read() == "" and sf.left() == []
    assert not traced(p.pid), "tracing is off again"
    again = sf.start("trace", "-p", p.pid, "-f", "json", "-o", "again.json")
    until(lambda: traced(p.pid), "tracing switched on")
    os.kill(p.pid, signal.SIGUSR1)
    until(lambda: '"end"' in (sf.home / "again.json").read_text(), "a second trace")
    os.kill(p.pid, signal.SIGTERM)
    assert p.wait(LIMIT) == 5 and again.wait(LIMIT) == 0
    events = sf.objects("again.json")
    assert of(events, "begin")[0]["handler"]["symbol"] == "on_usr1" and events[-1]["event"] == "end-of-process"


def test_processes_that_cannot_be_traced(sf):
    r = sf("trace", "-p", "4194300")
    assert r.returncode == 1 and "no such process" in r.stderr
    r = sf("trace", "-p", str(os.getpid()))
    assert r.returncode == 1 and "runs without libsigferry.so" in r.stderr


def test_children_of_an_attached_process_are_followed(sf):
    (sf.home / "parent").write_text('trap "(kill -USR2 \\$BASHPID)" USR1; echo ready; while :; do sleep 0.02; done\n')
    p = sf.carried("bash", "parent", stdout=subprocess.PIPE)
    ready(p)
    t = sf.start("trace", "-p", p.pid, "-o", "out")
    until(lambda: traced(p.pid), "tracing switched on")
    os.kill(p.pid, signal.SIGUSR1)
    until(lambda: re.search(r"\[(\d+) bash\] kill\(\1, SIGUSR2\)", (sf.home / "out").read_text()), "the child's own kill")
    t.send_signal(signal.SIGTERM)
    assert t.wait(LIMIT) == 0


def test_a_process_is_followed_through_exec_and_into_its_children(sf):
    """-p: what it becomes, what it starts by posix_spawn, and what that becomes, none of which says anything of itself."""
    q = ready(sf.carried("bash", "-c", f'trap : USR1; echo ready; read x; exec {program("spawns")} bash -c "exec {program("waits")}"',
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE))
    p = sf.start("trace", "-p", q.pid, "-o", "out", "-f", "json")
    until(lambda: traced(q.pid), "tracing switched on")
    q.stdin.write("go\n")
    q.stdin.close()
    said = {q.stdout.readline(), q.stdout.readline()}
    child = int((said - {"ready\n"}).pop())
    for pid in (q.pid, child):
        until(lambda: traced(pid), f"tracing switched on in {pid}")
        os.kill(pid, signal.SIGUSR1)
        until(lambda: re.search(rf'"pid": {pid}, .*"event": "end"', (sf.home / "out").read_text()), f"its handler in {pid}")
    os.kill(child, signal.SIGTERM)
    assert q.wait(LIMIT) == 0 and p.wait(LIMIT) == 0
    begins = {(e["pid"], e["comm"], e["handler"]["symbol"]) for e in of(sf.objects("out"), "begin")
              if e["signal"] == "SIGUSR1"}
    assert begins == {(q.pid, "spawns", "on_usr1"), (child, "waits", "on_usr1")} and sf.left() == []


def follows(sf, pid):
    """A signal to the process shows in the trace that is going on."""
    out = sf.home / "out"
    until(lambda: os.kill(pid, signal.SIGUSR1) or
          (out.exists() and re.search(rf'"pid": {pid}, .*"event": "end"', out.read_text())), f"followed: {pid}")


def left_by(sf):
    return {int(re.search(r"(\d+)-\d+\.ring$", path)[1]) for path in sf.left()}


@pytest.mark.parametrize("first", ["program", "trace"])
def test_a_started_program_that_traces_itself_goes_on(sf, first):
    """It is followed; its own setting holds when the trace of its parent ends; the parent is off again."""
    (sf.home / "conf").write_text("route = direct\n[program waits]\ntrace = on\n")
    q = ready(sf.start("bash", "-c", f"echo ready; read x; exec {program('spawns')} {program('waits')}", command=None,
                       stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                       env={"LD_PRELOAD": str(harness.LIBRARY), "SIGFERRY_CONFIG": str(sf.home / "conf")}))

    def start_child():
        q.stdin.write("go\n")
        q.stdin.flush()
        return int(({q.stdout.readline(), q.stdout.readline()} - {"ready\n"}).pop())

    if first == "program":
        child = start_child()
    p = sf.start("trace", "-p", q.pid, "-o", "out", "-f", "json")
    until(lambda: traced(q.pid), "tracing switched on")
    if first == "trace":
        child = start_child()
    for pid in (q.pid, child):
        follows(sf, pid)
    p.send_signal(signal.SIGINT)
    assert p.wait(LIMIT) == 0 and not traced(q.pid) and traced(child) and left_by(sf) == {child}
    os.kill(child, signal.SIGTERM)
    assert q.wait(LIMIT) == 0


@pytest.mark.parametrize("trace", ["on", "off"])
def test_a_forked_child_is_left_as_its_parent_was(sf, trace):
    os.mkfifo(sf.home / "never")
    (sf.home / "parent").write_text("""
        exec 3<>never; trap : USR1; echo ready; while ! read x; do :; done
        (trap : USR1; echo $BASHPID; while :; do read -u 3; done) &
        while :; do read -u 3; done""")
    q = ready(sf.carried("bash", "parent", settings=f"route=direct:trace={trace}", stdin=subprocess.PIPE, stdout=subprocess.PIPE))
    p = sf.start("trace", "-p", q.pid, "-o", "out", "-f", "json")
    follows(sf, q.pid)
    q.stdin.write("go\n")
    q.stdin.flush()
    child = int(q.stdout.readline())
    try:
        follows(sf, child)
        p.send_signal(signal.SIGINT)
        assert p.wait(LIMIT) == 0 and (traced(q.pid), traced(child)) == (trace == "on", trace == "on")
        assert left_by(sf) == {q.pid, child} if trace == "on" else left_by(sf) == set()
    finally:
        q.kill()
        os.kill(child, signal.SIGKILL)


def test_what_outlives_the_program_is_followed(sf):
    p = sf.start("trace", "-o", "out", "--", "bash", "-c", "sleep 0.3 & exit 4")
    assert p.wait(LIMIT) == 4
    out = (sf.home / "out").read_text()
    assert re.search(r"sleep\] \+\+\+ exits with 0", out)
    p = sf.start("trace", "-o", "out", "--", "bash", "-c", "sleep 40 & echo $!; exit 4", stdout=subprocess.PIPE)
    pid = int(p.stdout.readline())
    try:
        bash = int(until(lambda: re.search(r"(\d+) bash\] \+\+\+ exits", (sf.home / "out").read_text()), "the program's end")[1])
        until(lambda: ended(bash), "its end")  # until then a signal is passed on to it
        p.send_signal(signal.SIGINT)
        assert p.wait(LIMIT) == 4 and sf.left() == []
    finally:
        os.kill(pid, signal.SIGKILL)


def test_what_has_not_shown_itself_is_waited_for(sf):
    """A descendant that has come to no record when the program ends (a child that has not run yet) is known all the same."""
    r = sf("trace", "-o", "out", "--", program("late"))
    assert r.returncode == 4, r
    out = (sf.home / "out").read_text()
    assert re.search(r"late\] \+\+\+ exits with 4(.|\n)*sleep\] \+\+\+ begins(.|\n)*sleep\] \+\+\+ exits with 0", out), out
