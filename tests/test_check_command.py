"""`sigferry check`, the command: what it is to the program beside it, and what its reports look like."""
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time

import pytest

import harness
from test_check import check, compiled

COMMAND = harness.BUILD / "sigferry"
DEFECTS = harness.ROOT / "tests" / "check"


def program(name, clean=False):
    return compiled(next(DEFECTS.glob(name + ".c*")), clean)


def sf(*args, **kw):
    return harness.run([COMMAND, *args], env={"SIGFERRY_CONFIG": "/dev/null", **kw.pop("env", {})}, **kw)


# ---- beside the program ----

def test_status_is_the_programs(library):
    assert sf("check", "--", "sh", "-c", "exit 7").status == 7
    died = sf("check", "--", "sh", "-c", "kill -SEGV $$")
    assert died.status == -signal.SIGSEGV and "0 errors" in died.stderr
    assert sf("check", "--", "sh", "-c", "kill -TERM $$").status == -signal.SIGTERM
    assert sf("check", "--", "/none/such").status == 127
    assert sf("check", "--", "/etc/passwd").status == 126


def test_error_status(library):
    assert sf("check", "--error-exitcode", "9", "--", program("unsafe-printf")).status == 9
    assert sf("check", "--error-exitcode", "9", "--", program("unsafe-printf", True)).status == 0
    assert sf("check", "--error-exitcode", "9", "--", program("exec-ignored")).status == 0  # a note


def test_output_and_mask_are_the_programs(library):
    argv = ["sh", "-c", "echo out; grep -E '^Sig(Blk|Ign)' /proc/self/status; cat"]
    native = harness.run(argv, stdin=__file__)
    assert "SigBlk" in native.stdout
    assert sf("check", "--", *argv, stdin=__file__).stdout == native.stdout


def test_children_are_followed_and_equal_findings_merged(library, tmp_path):
    one = program("unsafe-printf")
    done, found = check(["sh", "-c", f"{one}; ({one}); exec {one}"], tmp_path=tmp_path)
    assert [(f["kind"], f["called"], f["count"]) for f in found] == [("unsafe-call", "printf", 3)], done


def test_nothing_is_left_behind(library, tmp_path):
    done = sf("check", "--", program("unsafe-printf"), env={"XDG_RUNTIME_DIR": str(tmp_path)})
    assert "1 warning" in done.stderr and not list(tmp_path.iterdir())


WAITS = """
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
static volatile int got;
static void on(int signo) { got = signo; }
int main(void)
{
    signal(SIGINT, on);
    signal(SIGTERM, on);
    if (write(1, "ready\\n", 6) != 6)
        return 1;
    while (!got)
        usleep(10000);
    return 40 + got;
}
"""


@pytest.fixture
def waits(tmp_path):
    source = tmp_path / "waits.c"
    source.write_text(WAITS)
    subprocess.run(["gcc", "-o", tmp_path / "waits", source], check=True)
    return tmp_path / "waits"


def read_until(fd, text, seconds=30):
    got, end = b"", time.monotonic() + seconds
    while text not in got:
        assert select.select([fd], [], [], max(0, end - time.monotonic()))[0], got
        got += os.read(fd, 4096)
    return got


def test_ctrl_c_is_the_programs(library, waits):
    """The key reaches the program once, and the command goes on to report."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(SIGFERRY_CONFIG="/dev/null", LC_ALL="C")
        os.execv(COMMAND, [str(COMMAND), "check", "--", str(waits)])
    read_until(fd, b"ready")
    os.write(fd, b"\x03")
    read_until(fd, b"sigferry: 0 errors")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 40 + signal.SIGINT
    os.close(fd)


def test_what_is_sent_to_the_command_is_passed_on(library, waits):
    p = subprocess.Popen([COMMAND, "check", "--", waits], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         env={**os.environ, "SIGFERRY_CONFIG": "/dev/null"})
    try:
        assert p.stdout.readline() == b"ready\n"
        p.send_signal(signal.SIGTERM)
        assert p.wait(30) == 40 + signal.SIGTERM
    finally:
        p.kill()
        p.communicate()


# ---- names ----

def build(tmp_path, *flags):
    out = tmp_path / "prog"
    subprocess.run(["gcc", "-g", "-O1", *flags, "-D_GNU_SOURCE", "-I", DEFECTS, "-o", out, DEFECTS / "unsafe-helper.c"], check=True)
    return out


def names(finding):
    return [(p.get("symbol"), os.path.basename(p.get("file", "?"))) for p in finding["handler_stack"]]


EXPECTED = [("write_line", "unsafe-helper.c"), ("log_event", "unsafe-helper.c"), ("on_alarm", "unsafe-helper.c")]


@pytest.mark.parametrize("flags", [["-fPIE", "-pie"], ["-fno-pie", "-no-pie"], ["-fomit-frame-pointer", "-Wl,-z,now"]])
def test_functions_and_lines(library, tmp_path, flags):
    _, found = check([build(tmp_path, *flags)], tmp_path=tmp_path)
    assert len(found) == 1 and names(found[0]) == EXPECTED
    text = (DEFECTS / "unsafe-helper.c").read_text().splitlines()
    assert "fprintf" in text[found[0]["handler_stack"][0]["line"] - 1]


def test_stripped_with_a_debug_file(library, tmp_path):
    prog = build(tmp_path)
    subprocess.run(["objcopy", "--only-keep-debug", "prog", "prog.debug"], cwd=tmp_path, check=True)
    subprocess.run(["strip", "--strip-all", "prog"], cwd=tmp_path, check=True)
    subprocess.run(["objcopy", "--add-gnu-debuglink=prog.debug", "prog"], cwd=tmp_path, check=True)
    _, found = check([prog], tmp_path=tmp_path)
    assert names(found[0]) == EXPECTED
    (tmp_path / "prog.debug").unlink()
    done, found = check([prog], tmp_path=tmp_path)
    assert [p.get("symbol") for p in found[0]["handler_stack"]] == [None] * 3
    assert re.match(r"handler prog\+0x[0-9a-f]+ of SIGALRM calls fprintf", found[0]["message"])


# ---- formats ----

def test_text_is_like_a_compilers(library):
    said = sf("check", "--", program("unsafe-helper")).stderr
    first = said.splitlines()[1]  # behind what the program says itself
    assert re.match(r"/\S+/unsafe-helper.c:\d+: warning: handler on_alarm of SIGALRM calls fprintf, which is not "
                    r"async-signal-safe \[unsafe-call, potential\]$", first), said
    assert re.search(r"^ +\d+ \| +IF_DEFECT\(fprintf", said, re.M) and "\033" not in said
    assert said.endswith("sigferry: 0 errors, 1 warning, 0 notes\n")


def test_sarif_is_valid(library, tmp_path):
    jsonschema = pytest.importorskip("jsonschema")
    out = tmp_path / "out.sarif"
    schema = json.loads((DEFECTS.parent / "vendor" / "sarif-2.1.0-rtm.5.json").read_text())
    for name in ("unsafe-helper", "exec-ignored", "after-fork"):
        sf("check", "-f", "sarif", "-o", out, "--", program(name))
        log = json.loads(out.read_text())
        jsonschema.validate(log, schema)
        run = log["runs"][0]
        assert len(run["results"]) == 1 and len(run["tool"]["driver"]["rules"]) > 20
        result = run["results"][0]
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(log, schema)


def test_a_report_that_cannot_be_written(library, tmp_path):
    assert sf("check", "-o", "/none/such", "--", "true").status == 125
    full = sf("check", "-o", "/dev/full", "--", "true")
    assert full.status == 125 and "/dev/full" in full.stderr


# ---- suppressions ----

@pytest.mark.parametrize("text,covered", [
    ("unsafe-call:on_alarm\n", True), ("# a comment\n\nunsafe-call:^log_event$\n", True), ("unsafe-call:fprintf", True),
    ("unsafe-call:on_term\n", False), ("reentered:on_alarm\n", False), ("*:unsafe-helper\n", True),
    ("{\n a name\n sigferry:unsafe-call\n fun:write_line\n}\n", True),
    ("{\n a name\n sigferry:*\n signal:ALRM\n called:fp*\n ...\n fun:on_*\n}\n", True),
    ("{\n a name\n sigferry:unsafe-call\n fun:on_alarm\n}\n", False),
    ("{\n a name\n sigferry:unsafe-call\n signal:TERM\n}\n", False),
    ("{\n a name\n sigferry:unsafe-call\n src:*/unsafe-helper.c\n obj:*/check/unsafe-helper\n}\n", True),
])
def test_suppressions(library, tmp_path, text, covered):
    path = tmp_path / "supp"
    path.write_text(text)
    _, found = check([program("unsafe-helper")], "--suppressions", path, tmp_path=tmp_path)
    assert len(found) == (0 if covered else 1)


@pytest.mark.parametrize("text,said", [
    ("nonsense\n", ":1: neither"), ("\nbad-kind:x\n", ":2: no kind of finding has the name bad-kind"),
    ("{\n name\n sigferry:unsafe-call\n", "} is missing"), ("{\n name\n fun:x\n}\n", ":4: the suppression that ends here has no line"),
    ("{\n name\n sigferry:unsafe-call\n fn:x\n}\n", ":4: a line is"), ("{\n name\n sigferry:*\n signal:FOO\n}\n", ":4: no signal"),
])
def test_wrong_suppressions(library, tmp_path, text, said):
    path = tmp_path / "supp"
    path.write_text(text)
    done = sf("check", "--suppressions", path, "--", "true")
    assert done.status == 125 and str(path) + said.split(" ")[0] in done.stderr or said in done.stderr
    assert said in done.stderr and done.stderr.count("\n") == 1


def test_generated_suppressions_cover(library, tmp_path):
    out, prog = tmp_path / "supp", program("unsafe-helper")
    sf("check", "--gen-suppressions", "-o", out, "--", prog)
    blocks = re.findall(r"^\{\n.*?^\}\n", out.read_text(), re.M | re.S)
    assert len(blocks) == 1
    out.write_text("".join(blocks))
    _, found = check([prog], "--suppressions", out, tmp_path=tmp_path)
    assert found == []


# ---- while protecting ----

def test_run_collects(library, tmp_path):
    """... in bounded memory, and can be read while it runs and afterwards."""
    env = {"XDG_RUNTIME_DIR": str(tmp_path), "SIGFERRY_RINGS": ""}
    os.chmod(tmp_path, 0o700)
    assert sf("run", "--check", "--", program("unsafe-printf"), env=env).status == 0
    done = sf("check", "--read", tmp_path / "sigferry", env=env)
    assert done.status == 1 and "calls printf" in done.stderr
    assert sf("check", "--read", "--error-exitcode", "5", *(tmp_path / "sigferry").iterdir(), env=env).status == 5


def memory(pid, rings):
    """Bytes: of the process, and of the files that it writes."""
    with open(f"/proc/{pid}/status") as f:
        rss = sum(int(line.split()[1]) for line in f if line.startswith(("RssAnon", "RssShmem")))
    return rss * 1024, sum(p.stat().st_blocks * 512 for p in rings.iterdir())


def test_server_goes_on_in_bounded_memory(library, tmp_path):
    """It answers through 900 signals whose handler has more findings than there is room for."""
    server = harness.compile_program(DEFECTS.parent / "provoke" / "server.c", deps=[DEFECTS / "common.h"])
    env = {**os.environ, "SIGFERRY_CONFIG": "/dev/null", "SIGFERRY_RINGS": str(tmp_path)}
    p = subprocess.Popen([COMMAND, "run", "--check", "--", server], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)

    def ask(text):
        p.stdin.write(text + "\n")
        p.stdin.flush()
        handled, answer = p.stdout.readline().split()
        assert answer == text
        return int(handled)

    try:
        ask("hello")
        sizes, end = [], time.monotonic() + 60
        for n in range(1, 901):
            p.send_signal(signal.SIGUSR1)
            while ask(f"q{n}") < n:  # standard signals merge: one after the other
                assert time.monotonic() < end
                time.sleep(0.0005)  # asleep in its read, it takes the signal at once
            if n % 300 == 0:
                sizes.append(memory(p.pid, tmp_path))
        live = sf("check", "-f", "json", "--read", tmp_path)
        p.stdin.close()
        assert p.wait(20) == 0
    finally:
        p.kill()
        p.wait()
        p.stdout.close()
    print(f"process and file after 300, 600, 900 signals: {sizes}")
    assert sizes[2][0] - sizes[0][0] <= 65536 and sizes[2][1] == sizes[0][1] < 8 << 20, sizes
    found = json.loads(live.stderr)["findings"]
    assert live.status == 1 and len(found) == 256
    assert {"malloc", "free", "getenv"} <= {f["called"] for f in found} and max(f["count"] for f in found) > 10
    assert re.search(r"; \d+ more for which there was no room", sf("check", "--read", tmp_path).stderr)


def test_native_only_watches(library, tmp_path):
    """What would be averted happens: the handler runs inside of what its signal interrupted."""
    _, found = check([program("reentered-stdio")], "--native", tmp_path=tmp_path)
    assert [(f["kind"], f["verdict"]) for f in found] == [("reentered", "native")] or found == []
    _, found = check([program("errno-close")], "--native", tmp_path=tmp_path)
    assert [(f["kind"], f["verdict"]) for f in found] == [("errno-spoiled", "native")]


def test_slow_is_a_matter_of_the_limit(library, tmp_path):
    _, found = check([program("slow-spin")], "--slow", "5s", tmp_path=tmp_path)
    assert found == []
