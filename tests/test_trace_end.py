"""sigferry trace: a clean end, whatever happens: nothing left running or on disk."""
import os
import signal
import subprocess
import time

import pytest

from trace_place import COMMAND, LIMIT, child_of, ended, needs_root, program, ready, sf, state, traced, until  # noqa: F401 (sf is a fixture)


def test_a_reader_that_has_seen_enough(sf):
    p = subprocess.run(f"{COMMAND} trace -- {program('raises')} 20000 2>&1 >/dev/null | head -n 3; echo ${{PIPESTATUS[0]}}", shell=True, text=True,
                       executable="/bin/bash", env=sf.env, capture_output=True, timeout=LIMIT)
    lines = p.stdout.splitlines()
    assert len(lines) == 4 and lines[-1] == "137" and "sigferry:" not in p.stderr, p
    assert sf.left() == []
    q = ready(sf.carried(program("waits"), stdout=subprocess.PIPE))
    p = subprocess.Popen(f"{COMMAND} trace -p {q.pid} | head -n 1; echo ${{PIPESTATUS[0]}}", shell=True, text=True, env=sf.env,
                         executable="/bin/bash", stdout=subprocess.PIPE, start_new_session=True)
    until(lambda: traced(q.pid), "tracing switched on")
    deadline = time.monotonic() + 20
    while p.poll() is None and time.monotonic() < deadline:
        os.kill(q.pid, signal.SIGUSR1)
        time.sleep(0.01)
    assert p.stdout.read().splitlines()[-1] == str(128 + signal.SIGPIPE)
    p.stdout.close()
    assert not traced(q.pid) and sf.left() == []


@needs_root
def test_a_full_disk(sf):
    disk = sf.home / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk], check=True)
    try:
        r = sf("trace", "-o", disk / "out", "--", program("raises"), "20000")
        assert r.returncode == 125 and r.stdout == "20000\n"
        assert r.stderr == f"sigferry: {disk}/out: cannot be written: No space left on device\n"
    finally:
        subprocess.run(["umount", disk], check=True)
    assert sf.left() == []


def test_the_terminals_keys_are_the_programs(sf):
    """Ctrl-C reaches both; the program decides."""
    p = ready(sf.start("trace", "-o", "out", "--", "bash", "-c", 'trap "echo int; exit 9" INT; echo ready; while :; do sleep 0.01; done',
                       stdout=subprocess.PIPE, start_new_session=True))
    os.killpg(p.pid, signal.SIGINT)
    assert p.stdout.readline() == "int\n" and p.wait(LIMIT) == 9 and sf.left() == []
    p = ready(sf.start("trace", "-o", "out", "--", "sh", "-c", "echo ready; exec sleep 30", stdout=subprocess.PIPE, start_new_session=True))
    p.send_signal(signal.SIGTERM)  # a supervisor knows no other process
    assert p.wait(LIMIT) == -signal.SIGTERM and sf.left() == []


def test_a_tracer_that_is_killed_leaves_the_program_alone(sf):
    p = ready(sf.start("trace", "-o", "out", "--", program("waits"), stdout=subprocess.PIPE))
    pid = until(lambda: child_of(p.pid), "a child")
    until(lambda: "RTMIN+1" in (sf.home / "out").read_text(), "the ring was found")
    p.kill()
    p.wait()
    for _ in range(100):
        os.kill(pid, signal.SIGUSR1)
    os.kill(pid, signal.SIGTERM)
    until(lambda: not os.path.exists(f"/proc/{pid}"), "its end")
    assert not list((sf.home / "runtime").rglob("*.ring"))


def test_a_signal_at_the_programs_end_is_not_lost(sf):
    """It came when the program had ended, and before the command has noticed: it is for the command."""
    p = sf.start("trace", "-o", "out", "--", "bash", "-c", "sleep 300 & echo $! $$; kill -STOP $PPID; exit 4", stdout=subprocess.PIPE)
    sleep, bash = map(int, p.stdout.readline().split())
    try:
        until(lambda: state(p.pid) == "T" and ended(bash), "the command stopped and the program at its end")
        p.send_signal(signal.SIGINT)
        p.send_signal(signal.SIGCONT)
        assert p.wait(LIMIT) == 4 and sf.left() == []
    finally:
        os.kill(sleep, signal.SIGKILL)


@pytest.mark.parametrize("command", ["trace", "check"])
def test_what_a_killed_one_has_left_goes_with_the_next(sf, command):
    def there():
        return {p.name for p in (sf.home / "runtime").iterdir()}

    def started():
        had = there()
        p = ready(sf.start(command, "-o", f"out{len(had)}", "--", program("waits"), stdout=subprocess.PIPE))
        pid = until(lambda: child_of(p.pid), "a child")
        return p, pid, (there() - had).pop()

    killed, left_running, left = started()
    killed.kill()
    killed.wait()
    living, pid, kept = started()
    try:
        assert kept in there() and left not in there()
        assert sf("check" if command == "trace" else "trace", "--", "true").returncode == 0
        assert there() == {kept}
    finally:
        os.kill(left_running, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
    assert living.wait(LIMIT) == -signal.SIGKILL and there() == set()
