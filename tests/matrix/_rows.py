"""The rows, found by name; one row run natively and under `sigferry run`, side by side, and compared."""
import contextlib
import ctypes
import importlib.util
import multiprocessing
import os
import shutil
import signal
import tempfile
import time
import traceback
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import _world
from _world import harness

HERE = Path(__file__).parent
ROW_LIMIT = 150.0  # seconds for a whole row: rather a failure with a name than a run that hangs
NATIVE_TRIES = 3
PARTING = 5.0  # seconds for what is ending when a row is over: a shell whose terminal has just gone is not left behind


@dataclass
class Outcome:
    """One run of one row."""
    seen: list
    failure: str = ""  # why it ended early, or what the framework has to complain of
    left: int = 0      # processes that had to be killed afterwards
    gave_up: bool = False  # what it waited for did not come in time


@dataclass
class Verdict:
    name: str
    program: str
    sent: str
    missing: str = ""
    native: Outcome = None
    ferried: Outcome = None
    seconds: float = 0.0
    notes: list = field(default_factory=list)  # native runs that were of no use
    differences: list = field(default_factory=list)

    @property
    def word(self):
        return "missing" if self.missing else "differs" if self.differences else "alike"


def names():
    return sorted(p.stem for p in HERE.glob("[a-z]*.py"))


def load(name):
    spec = importlib.util.spec_from_file_location(f"matrix_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def missing(module):
    return ", ".join(n for n in module.NEEDS if not (shutil.which(n) or os.path.exists(n)))


def stage(where):
    """A copy of what was built that any user can read: servers give up their privileges."""
    where = Path(where)
    for name in ("sigferry", "libsigferry.so", "libsigferry-guard.so"):
        shutil.copy(harness.BUILD / name, where / name)
        (where / name).chmod(0o755)
    where.chmod(0o755)
    return where


def kill_below(pid):
    """Kill whatever lives below a process; how many there were. The marker does not find all: a program may have written
    over its environment, as for its title."""
    seen, deadline = set(), time.monotonic() + 5
    while (found := _world.descendants(pid)) and time.monotonic() < deadline:
        for child in found:
            seen.add(child)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        time.sleep(0.005)
    return len(seen)


def part(world):
    """Until nothing of the row lives any more, or its time for that is over."""
    with contextlib.suppress(_world.GaveUp):
        world.wait("the end of all", lambda: not (world.marked() or _world.descendants(os.getpid())), PARTING)


def run_once(module, prefix):
    marker = uuid.uuid4().hex
    with tempfile.TemporaryDirectory(prefix="sigferry-row-", ignore_cleanup_errors=True) as home:
        os.chmod(home, 0o755)
        world = _world.World(prefix, home, marker)
        failure, gave_up = "", False
        try:
            module.row(world)
        except (_world.GaveUp, _world.terminal.GaveUp) as e:
            gave_up = True
            failure = f"gave up waiting for: {e}"
        except Exception:  # whatever a row may stumble over is a result of the row
            failure = traceback.format_exc(limit=-3)
        part(world)
        left = harness.kill_marked(marker) + kill_below(os.getpid())
        if prefix and not world.proven and not failure:
            failure = "the row never showed that the library was in the program"
        if failure:
            failure += "".join(f"\n--- terminal\n{t.screen[-500:]!r}" for t in world.terminals)
            failure += "".join(f"\n--- {p.name}\n{p.read_text(errors='backslashreplace')[-1500:]}"
                               for p in sorted([*Path(home).glob("out*"), *Path(home).glob("*.log")]) if p.is_file())
        return Outcome(world.seen, "; ".join(world.complaints + ([failure] if failure else [])), left, gave_up)


def _child(module, prefix, pipe):
    # Daemons that have left their session and parent come to us, so that none escapes.
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    try:
        pipe.send(run_once(module, prefix))
    finally:
        kill_below(os.getpid())


def side_by_side(module, prefixes):
    fork = multiprocessing.get_context("fork")
    ends = []
    for prefix in prefixes:
        here, there = fork.Pipe(duplex=False)
        child = fork.Process(target=_child, args=(module, prefix, there))
        child.start()
        there.close()
        ends.append((here, child))
    deadline, found = time.monotonic() + ROW_LIMIT, []
    for here, child in ends:
        if here.poll(max(0, deadline - time.monotonic())):
            try:
                found.append(here.recv())
            except EOFError:
                found.append(Outcome([], "the row itself died"))
        else:
            kill_below(child.pid)
            child.kill()
            found.append(Outcome([], f"not over after {ROW_LIMIT:.0f} s"))
        here.close()
        child.join()
    return found


def compare(name, staged):
    """Run row `name` both ways."""
    module = load(name)
    verdict = Verdict(name, module.PROGRAM, module.SENT, missing(module))
    if verdict.missing:
        return verdict
    begin = time.monotonic()
    verdict.native, verdict.ferried = side_by_side(module, ([], [str(Path(staged) / "sigferry"), "run", "--"]))
    # A native run that gave up is no yardstick: programs lose signals natively. The run under sigferry has one try.
    while verdict.native.gave_up and len(verdict.notes) < NATIVE_TRIES - 1:
        verdict.notes.append(f"natively once more, for it {verdict.native.failure.splitlines()[0]}")
        verdict.native, = side_by_side(module, ([],))
    verdict.seconds = time.monotonic() - begin
    for which, outcome in (("natively", verdict.native), ("under sigferry", verdict.ferried)):
        if outcome.failure:
            verdict.differences.append(f"{which}: {outcome.failure}")
    native, ferried = verdict.native.seen, verdict.ferried.seen
    for i in range(max(len(native), len(ferried))):
        pair = [s[i] if i < len(s) else "(nothing)" for s in (native, ferried)]
        if pair[0] != pair[1] and len(verdict.differences) < 8:
            verdict.differences.append(f"natively: {pair[0]} | under sigferry: {pair[1]}")
    if not native and not verdict.differences:
        verdict.differences.append("nothing was seen")
    if bool(verdict.native.left) != bool(verdict.ferried.left):
        verdict.differences.append(f"left behind: natively {verdict.native.left}, under sigferry {verdict.ferried.left}")
    return verdict


def show(verdict, quiet):
    print(f"{verdict.word:8} {verdict.program:14} {verdict.seconds:5.1f} s  {verdict.sent}", flush=True)
    for line in verdict.notes:
        print(f"           {line}")
    if verdict.missing:
        print(f"           not installed: {verdict.missing}")
    elif verdict.differences:
        for line in verdict.differences:
            print("           " + line.replace("\n", "\n           "))
    elif not quiet:
        for line in verdict.native.seen:
            print(f"           both: {line}")
