"""sigferry signals: what it shows of a live process, and what it says where it can show nothing."""
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from cli_place import LIMIT, NOBODY, ROOT, cc, copy, needs_root, sf  # noqa: F401 (fixtures)


class Target:
    def __init__(self, sf, *args, program=None, env=None):
        self.program = program or cc(sf.path / "target", "target.c")
        full = {"PATH": os.environ["PATH"], "SIGFERRY_CONFIG": "/dev/null", **sf.env, **(env or {})}
        prefix = [] if env else [sf.command, "run", "--"]
        self.process = subprocess.Popen([*prefix, self.program, *args], stdout=subprocess.PIPE, text=True, env=full)
        self.pid = self.process.pid
        assert self.process.stdout.readline() == "ready\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(LIMIT)
        self.process.stdout.close()


def test_signals_table(sf):
    with Target(sf) as t:
        r = sf("signals", t.pid)
        assert r.returncode == 0 and not r.stderr, r
        rows = {l.split()[0]: re.split(r"  +", l) for l in r.stdout.splitlines() if l}
        assert rows["process"][-1] == f"process   {t.pid} (target)".split("   ")[-1]
        assert rows["mode"][1].startswith("ferry:") and rows["listener"][1] == "thread 4242"
        assert rows["config"][1] == '/etc/sigferry.conf:3: unknown key "colour"'
        assert rows["SIGHUP"] == ["SIGHUP", "on_hup (target)", "RESTART,SIGINFO", "auto", "safe-point", "-",
                                  f"held for {t.pid}", "17", "-"]
        assert rows["SIGWINCH"][4] == "by kind" and rows["SIGWINCH"][8] == "fd 9, read from 8 by thread 77 after 2.5 us"
        assert rows["SIGINT"][1] == "ignored"
        assert rows["SIGUSR2"] == ["SIGUSR2", "default", "-", "-", "-", "all", f"process,thread {t.pid}", "-", "-"]
        assert f"thread {t.pid}  runs  blocks USR2  held HUP" in r.stdout
        assert "SIGRTMAX " not in r.stdout.split("\n\n")[1] and "SIGTERM" not in r.stdout
        everything = sf("signals", "--all", t.pid).stdout
        assert "SIGTERM" in everything and "SIG32" not in everything and "\nSIGRTMAX " not in everything


def test_signals_stepped_aside(sf):
    with Target(sf, "direct") as t:
        out = sf("signals", t.pid).stdout
        assert "direct: stepped aside" in out
        assert f"the listener's thread could not be started: {os.strerror(errno.EAGAIN)}" in out


def test_signals_json(sf):
    with Target(sf) as t:
        view = json.loads(sf("signals", "--json", t.pid).stdout)
        assert view["pid"] == t.pid and view["mode"] == "ferry"
        by_name = {s["name"]: s for s in view["signals"]}
        assert by_name["SIGHUP"]["handler"] == "on_hup (target)" and by_name["SIGHUP"]["replayed"] == 17
        assert view["threads"][0]["blocks"] == ["SIGUSR2"]


def test_signals_without_symbols_and_with_deleted_files(sf, copy):
    path = copy()
    stripped = path / "bare"
    shutil.copy(cc(sf.path / "target", "target.c"), stripped)
    subprocess.run(["strip", str(stripped)], check=True, timeout=LIMIT)
    with Target(sf, program=str(stripped), env={"LD_PRELOAD": str(path / "libsigferry.so")}) as t:
        assert re.search(r"SIGHUP +bare\+0x[0-9a-f]+ ", sf("signals", t.pid).stdout)
        (path / "libsigferry.so").unlink()
        shutil.copy(sf.guard, path / "libsigferry.so")
        (path / "libsigferry.so").write_bytes(b"other")
        stripped.unlink()
        r = sf("signals", t.pid)
        assert r.returncode == 0 and re.search(r"SIGHUP +\S*0x[0-9a-f]+ .*safe-point", r.stdout), r


def test_signals_of_another_version(sf, tmp_path):
    lib = cc(tmp_path / "libsigferry.so", "library.c", "-shared", "-fPIC", "-DVERSION=999")
    with Target(sf, env={"LD_PRELOAD": lib}) as t:
        sf.refuses(1, "speaks format 999, this command ", "signals", t.pid)


def test_signals_without_the_library(sf):
    with Target(sf, env={"X": "1"}) as t:
        sf.refuses(1, "runs without libsigferry.so; start it with sigferry run", "signals", t.pid)
    static = cc(sf.path / "static-target", None, "-static",
                code='#include <stdio.h>\n#include <unistd.h>\nint main(void){puts("ready");fflush(stdout);pause();}')
    with Target(sf, program=static, env={"LD_PRELOAD": sf.main}) as t:
        sf.refuses(1, "LD_PRELOAD names libsigferry.so, but it is not loaded there", "signals", t.pid)


def test_signals_of_what_is_not_there(sf):
    gone = subprocess.Popen(["true"])
    deadline = time.monotonic() + LIMIT
    while open(f"/proc/{gone.pid}/stat").read().rsplit(") ")[1][0] != "Z":
        assert time.monotonic() < deadline
    sf.refuses(1, "has ended and waits for its parent", "signals", gone.pid)
    gone.wait()
    sf.refuses(1, "no such process", "signals", gone.pid)


@needs_root
def test_signals_without_permission(sf):
    with Target(sf) as t:
        sf.refuses(1, f"{t.pid} (target): not permitted; ", "signals", t.pid, user=NOBODY, group=NOBODY, extra_groups=[])


def test_signals_of_processes_that_come_and_go(sf):
    """Whatever moment it is caught at, the answer is the table or one line."""
    target = cc(sf.path / "target", "target.c")
    for delay in range(12):
        p = subprocess.Popen([target], stdout=subprocess.DEVNULL, env={"LD_PRELOAD": sf.main})
        killer = subprocess.Popen(["/bin/sh", "-c", f"sleep 0.0{delay:02d}; kill -9 {p.pid}"])
        r = sf("signals", p.pid)
        killer.wait(LIMIT)
        p.wait(LIMIT)
        assert r.returncode in (0, 1) and (r.returncode == 0 or r.stderr.count("\n") == 1), r


HANDLER = """
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
static volatile int count;
static void on_hup(int s) { count++; }
int main(void)
{
    struct sigaction a = { .sa_handler = on_hup, .sa_flags = SA_RESTART };
    sigaction(SIGHUP, &a, NULL);
    signal(SIGTERM, SIG_IGN);
    puts("ready");
    fflush(stdout);
    for (int seen = 0;; seen = count) {
        while (count == seen) /* it may have come before the sleep: at a safe point that is as natively */
            pause();
        printf("%d\\n", count);
        fflush(stdout);
    }
}
"""


def test_signals_of_the_real_library(tmp_path):
    command = ROOT / "build/sigferry"
    if not (ROOT / "build/libsigferry.so").exists():
        pytest.skip("build/libsigferry.so is not built")
    program = cc(tmp_path / "waiter", None, code=HANDLER)
    p = subprocess.Popen([command, "run", "-s", "HUP=safe-point", program], stdout=subprocess.PIPE, text=True,
                         env={"PATH": os.environ["PATH"], "SIGFERRY_CONFIG": "/dev/null"})
    try:
        assert p.stdout.readline() == "ready\n"
        os.kill(p.pid, signal.SIGHUP)
        assert p.stdout.readline() == "1\n"
        r = subprocess.run([command, "signals", "--json", str(p.pid)], text=True, capture_output=True, timeout=LIMIT)
        by_name = {s["name"]: s for s in json.loads(r.stdout)["signals"]}
        hup = by_name["SIGHUP"]
        assert (hup["handler"], hup["caught"], hup["routed"], hup["replayed"]) == ("on_hup (waiter)", True, True, 1)
        assert (hup["flags"], hup["route"], hup["replay"]) == ("RESTART", "auto", "safe-point")
        assert by_name["SIGTERM"]["handler"] == "ignored"
    finally:
        p.kill()
        p.wait(LIMIT)
        p.stdout.close()
