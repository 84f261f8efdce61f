"""Programs of the distribution, natively and under `sigferry run` with its defaults: the verdict is the same.

scripts   tests/programs/{trap,tool,perl,ruby}-*: found by their names; what they print and how they end
commands  tests/programs/commands.txt, one a line
sessions  tests/programs/session-*.txt: a shell in a terminal, keys included (programs/terminal.py)
CPython   its own tests of signals, processes and event loops, each test on its own

The one difference of the contract is that SIGRTMAX is two lower: test_realtime_signals names it, and none of
the other programs sees it.
"""
import json
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

import harness

HERE = Path(__file__).parent / "programs"
sys.path.insert(0, str(HERE))
import terminal  # noqa: E402

pytestmark = pytest.mark.programs
SIGFERRY = harness.BUILD / "sigferry"
PYTHON = "/usr/bin/python3"
SHELLS = {"bash": ["bash"], "dash": ["dash"], "zsh": ["zsh", "--emulate", "sh"]}
BY_NAME = {".pl": ["perl"], ".rb": ["ruby"], ".zsh": ["zsh", "-f"]}
CPYTHON = {
    "test.test_signal": [], "test.test_threadsignals": [], "test.test_faulthandler": [], "test._test_eintr": [],
    "test.test_file_eintr": [],
    "test.test_subprocess": [], "test.test_posix": [], "test.test_socketserver": [],
    "test.test_asyncio.test_subprocess": [], "test.test_asyncio.test_unix_events": [],
    "test.test_asyncio.test_events": [], "test.test_asyncio.test_runners": [],
    "test.test_asyncio.test_base_events": [], "test.test_asyncio.test_streams": [],
}


@pytest.fixture(autouse=True)
def built(library):
    """Without the library there is nothing to compare."""


def ferried(argv):
    return [SIGFERRY, "run", "--", *argv]


def both(work):
    """work(prefix) natively and ferried, side by side: most of the time is spent asleep.

    In a process each, because every run has its own working directory and reaps its own children."""
    fork = multiprocessing.get_context("fork")
    ends = []
    for prefix in (list, ferried):
        here, there = fork.Pipe(duplex=False)
        child = fork.Process(target=lambda w=there, p=prefix: w.send(work(p)), daemon=True)
        child.start()
        there.close()
        ends.append((here, child))
    try:
        return [here.recv() for here, _ in ends]
    finally:
        for here, child in ends:
            here.close()
            child.join()


def normal(text):
    """Process ids that bash prints before what it says of a child are no part of the verdict."""
    return re.sub(r"(: line \d+: ) *\d+ ", r"\1PID ", text)


def verdict(result):
    status = "time limit" if result.timed_out else result.status
    return {"status": status, "core": result.core, "stdout": normal(result.stdout), "stderr": normal(result.stderr)}


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"needs {program}")


# ---- scripts ----

def scripts():
    for path in sorted(HERE.glob("*-*.*")):
        if path.suffix in BY_NAME:
            yield pytest.param(path, BY_NAME[path.suffix], id=path.stem)
        elif path.suffix == ".sh":
            head = path.read_text().split("\n", 2)
            for shell in re.match(r"# shells: (.*)", head[0])[1].split():
                yield pytest.param(path, SHELLS[shell], id=f"{path.stem}-{shell}")


@pytest.mark.parametrize("path, interpreter", scripts())
def test_script(path, interpreter):
    needs = re.search(r"^# needs: (.*)", path.read_text(), re.M)
    need(interpreter[0], *(needs[1].split() if needs else ()))
    native, other = both(lambda prefix: harness.run(prefix([*interpreter, path]), timeout=60))
    assert verdict(other) == verdict(native)
    assert not native.timed_out and "gave up" not in native.stdout
    assert bool(other.leftovers) == bool(native.leftovers)  # how many are caught still alive is a matter of timing


# ---- everyday commands ----

def prepare(where):
    (where / "dir").mkdir(parents=True)
    (where / "small.txt").write_text("apple 1\nbanana 2\ncherry 3\napple 4\n")
    (where / "dir/other.txt").write_text("apple 1\nbanana 5\n")
    (where / "numbers.txt").write_text("".join(f"{i * 7919 % 20011}\n" for i in range(1, 20001)))
    (where / "hello.c").write_text('#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n')
    (where / "hello.mk").write_text("hello.made: hello.c\n\t$(CC) -o $@ $<\n")
    return where


COMMANDS = [c for c in (HERE / "commands.txt").read_text().splitlines() if c and not c.startswith("#")]


@pytest.mark.parametrize("chunk", range(8))
def test_everyday_commands(chunk, tmp_path):
    """In eight portions, so that parallel workers share them."""
    different = []
    for n, command in enumerate(COMMANDS):
        if n % 8 != chunk:
            continue
        results = []
        for name, prefix in (("native", list), ("ferried", ferried)):
            where = prepare(tmp_path / f"{n}" / name / "work")
            got = harness.run(prefix(["sh", "-c", command]), timeout=30, cwd=where)
            clean = {k: v.replace(f"/{name}/", "/") if isinstance(v, str) else v for k, v in verdict(got).items()}
            results.append(clean | {"leftovers": got.leftovers})
        if results[0] != results[1]:
            different.append((command, *results))
    assert not different


# ---- shells in a terminal ----

@pytest.mark.parametrize("path", sorted(HERE.glob("session-*.txt")), ids=lambda p: p.stem)
def test_session(path):
    need(terminal.shell_of(path))
    native, other = both(lambda prefix: terminal.play(path, prefix))
    assert other == native
    assert "gave up" not in native


# ---- CPython's own tests ----

def cpython(prefix, module, parts):
    with tempfile.TemporaryDirectory(prefix="sigferry-cpython-") as home:
        results = Path(home) / "results"
        done = harness.run(prefix([PYTHON, HERE / "cpython_suite.py", results, module, *parts]), timeout=150, cwd=home)
        lines = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    return {name: outcome for name, outcome in lines}, done


@pytest.mark.slow
@pytest.mark.parametrize("module", CPYTHON)
def test_cpython(module):
    if not os.path.exists("/usr/lib/python3.11/test/test_signal.py"):
        pytest.skip("needs libpython3.11-testsuite")
    (native, n_run), (other, o_run) = both(lambda prefix: cpython(prefix, module, CPYTHON[module]))
    assert native.get("end") == "reached", n_run
    broken = {k for k, v in native.items() if v not in ("ok", "skipped", "expected failure", "reached")}
    different = {k: (v, other.get(k)) for k, v in native.items() if k not in broken and other.get(k) != v}
    assert not different, f"native and ferried: {different}\n{o_run}"
    assert "ok" in native.values()
    assert o_run.leftovers == n_run.leftovers


# ---- what the contract says differs ----

def test_realtime_signals():
    """The two relays are taken off the top, so that the program cannot collide with them."""
    code = "import signal as s; print(s.SIGRTMIN, s.SIGRTMAX)"
    native, other = both(lambda prefix: harness.run(prefix([PYTHON, "-c", code])).stdout.split())
    assert native == ["34", "64"]
    assert other == ["34", "62"]
