"""sigferry trace: live, in order over processes and threads, and a clean end whatever happens."""
import json
import os
import re
import signal
import subprocess
import time

import pytest

import harness
from trace_place import COMMAND, LIMIT, PROGRAMS, program, sf, until  # noqa: F401 (sf is a fixture)

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def of(events, kind):
    return [e for e in events if e["event"] == kind]


def ready(p):
    assert p.stdout.readline() == "ready\n"
    return p


# ---- what it tells ----

def test_one_signal_from_its_sender_to_the_end(sf):
    p = ready(sf.start("trace", "-f", "json", "-o", "out.json", "-e", "event=all", "--", program("waits"), stdout=subprocess.PIPE))
    pid = until(lambda: harness_child(p.pid), "a child")
    until(lambda: asleep(pid), "asleep in pause")
    os.kill(pid, signal.SIGUSR1)
    until(lambda: '"end"' in (sf.home / "out.json").read_text(), "live: the end of the handler")
    os.kill(pid, signal.SIGTERM)
    assert p.wait(LIMIT) == 5
    events = [json.loads(line) for line in (sf.home / "out.json").read_text().splitlines()]
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


def harness_child(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return int(f.read().split()[0])
    except (OSError, IndexError):
        return 0


def state(pid):
    """As in ps; None: there is no such process."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rpartition(")")[2].split()[0]
    except OSError:
        return None


def ended(pid):
    """Wholly: the first thread is a zombie before the last one has gone, and its parent cannot know as yet."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rpartition(")")[2].split()
        return fields[0] == "Z" and fields[17] == "1"
    except OSError:
        return True


def asleep(pid):
    return state(pid) == "S"


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
    pid = until(lambda: harness_child(harness_child(p.pid) or 0) if harness_child(p.pid) else 0, "a grandchild")
    os.kill(pid, signal.SIGTERM)
    assert p.wait(LIMIT) == 5
    out = (sf.home / "out").read_text()
    assert re.search(r"SIGTERM arrives {SI_USER, from outside this pid namespace", out) and "from 0" not in out, out


def test_a_sender_that_is_gone(sf):
    p = ready(sf.start("trace", "-f", "json", "-o", "out.json", "-e", "event=arrive", "--", program("waits"), stdout=subprocess.PIPE))
    pid = until(lambda: harness_child(p.pid), "a child")
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


# ---- processes that run already ----

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
    events = [json.loads(l) for l in (sf.home / "again.json").read_text().splitlines()]
    assert of(events, "begin")[0]["handler"]["symbol"] == "on_usr1" and events[-1]["event"] == "end-of-process"


def traced(pid):
    out = subprocess.run([COMMAND, "ps", "--json", str(pid)], capture_output=True, text=True).stdout
    return json.loads(out)["processes"][0]["trace"] if out else False


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


def test_processes_that_cannot_be_traced(sf):
    r = sf("trace", "-p", "4194300")
    assert r.returncode == 1 and "no such process" in r.stderr
    r = sf("trace", "-p", str(os.getpid()))
    assert r.returncode == 1 and "runs without libsigferry.so" in r.stderr


def test_a_process_that_is_killed_is_read_to_its_last_record(sf):
    events, r = sf.events("-e", "event=begin,end", "--", program("raises"), "500")
    assert r.returncode == -9
    main = max({e["pid"] for e in events}, key=lambda p: sum(e["pid"] == p for e in events))
    mine = [e for e in events if e["pid"] == main]
    assert len(of(mine, "begin")) == len(of(mine, "end")) == 500
    assert mine[-1]["event"] == "end-of-process" and mine[-1]["how"] == "killed" and sf.left() == []


# ---- nothing is lost without a word ----

def count(path, needle):
    n = 0
    with open(path, "rb") as f:
        while block := f.readlines(1 << 24):
            n += sum(needle in line for line in block)
    return n


def test_two_senders_agree_exactly(sf):
    r = sf("trace", "--records", "1048576", "-e", "event=arrive,begin,end", "-e", "signal=RTMIN+2", "-o", "out", "--", program("flood"), "100000")
    assert (r.returncode, r.stdout) == (0, "200000\n"), r.stderr
    assert [count(sf.home / "out", w) for w in (b" arrives ", b" --> ", b" <-- ", b" lost ")] == [200000, 200000, 200000, 0]


def few_pending():
    """No more than 50 signals queued; in a namespace of its own, for what others have pending counts, too. And an end,
    whatever becomes of the test."""
    few = ["unshare", "-Ur", "prlimit", "--sigpending=50", "--cpu=20"]
    if subprocess.run([*few, "true"], capture_output=True).returncode:
        pytest.skip("no user namespaces here")
    return few


def test_an_arrival_counts_once_where_the_kernel_queues_no_more(sf):
    """What had to be held cannot go back into the kernel's queue then: its handler is called in place."""
    r = sf("trace", "-e", "event=arrive,begin,end", "-e", "signal=RTMIN+2", "-o", "out", "--", *few_pending(), program("flood"), "20000")
    assert (r.returncode, r.stdout) == (0, "40000\n"), r.stderr
    assert [count(sf.home / "out", w) for w in (b" arrives ", b" --> ", b" <-- ")] == [40000, 40000, 40000]


def test_what_is_lost_is_counted(sf):
    """Exactly, in each run; and of ten runs with a short ring the reader is too late in one at least."""
    for _ in range(10):
        r = sf("trace", "--records", "1024", "-e", "event=all", "-f", "json", "-o", "out", "--", program("flood"), "20000")
        assert (r.returncode, r.stdout) == (0, "40000\n"), r.stderr
        lines = [json.loads(l) for l in (sf.home / "out").read_text().splitlines()]
        main_pid = of(lines, "begin")[0]["pid"]
        main = [e for e in lines if e["pid"] == main_pid]
        lost = sum(e["records"] for e in of(main, "lost"))
        signals = sum(e["event"] in ("arrive", "begin", "end") for e in main)
        assert 120000 <= signals + lost <= 120200, (signals, lost)
        if lost:
            return
    assert lost


def test_a_storm_is_shown_while_it_lasts(sf):
    """Not at once, but its beginning does not wait for its end."""
    p = sf.start("trace", "-e", "event=end", "-e", "signal=USR2", "-f", "json", "-o", "out", "--", program("hails"))

    def times():
        lines = (sf.home / "out").read_text().splitlines() if (sf.home / "out").exists() else []
        return [json.loads(line)["time_ns"] for line in lines if '"end"' in line and line.endswith("}")]
    until(lambda: times() and times()[-1] - times()[0] > 1500000000, "more than the first moment of a storm that goes on")
    assert p.poll() is None
    p.send_signal(signal.SIGTERM)
    assert p.wait(LIMIT) == -signal.SIGTERM
    assert times() == sorted(times()) and sf.left() == []


# ---- clean ends ----

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


def test_a_tracer_that_is_killed_leaves_the_program_alone(sf):
    p = ready(sf.start("trace", "-o", "out", "--", program("waits"), stdout=subprocess.PIPE))
    pid = until(lambda: harness_child(p.pid), "a child")
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
        pid = until(lambda: harness_child(p.pid), "a child")
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
    begins = {(e["pid"], e["comm"], e["handler"]["symbol"]) for e in of([json.loads(l) for l in (sf.home / "out").read_text().splitlines()], "begin")
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
