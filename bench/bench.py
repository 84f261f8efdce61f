#!/usr/bin/python3
"""Figures against native, measured side by side in one run.

    bench.py [--quick] [--markdown] [--only TEXT] [--rounds N]

Each line of the table is one small C program of this directory. A round runs it natively and under each of its
settings, one after the other, so that whatever else the machine does falls on all of them; the figure is the
median over the rounds, the ratio that of the medians. --quick: small counts and few rounds, for tests.
"""
import argparse
import atexit
import functools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("BUILD", HERE.parent / "build")).resolve()
TIME_LIMIT = 120
EMPTY = [BUILD / "bench" / "empty1.so", BUILD / "bench" / "empty2.so"]  # what any preloading costs
LIBRARY, GUARD = BUILD / "libsigferry.so", BUILD / "libsigferry-guard.so"


@dataclass
class Row:
    """One line: what is compared with its native twin."""
    title: str
    program: str
    count: int
    quick: int
    unit: str  # "ns", "us" or "/s"
    aim: str
    settings: str = ""  # of SIGFERRY
    guard: bool = True
    arguments: tuple = ()
    tool: str = ""  # measured in our place: "valgrind" or "tsan"; "trace": our own command; "empty": two libraries with nothing in them


ROWS = [
    Row("sigprocmask, block and unblock", "mask", 300000, 20000, "ns", "<= 0.15"),
    Row("raise, with handler", "raise", 200000, 20000, "ns", "<= 0.6"),
    Row("kill to an idle epoll_wait, in-thread (route=auto)", "wakeup", 400, 60, "us", "<= 1.5"),
    Row("kill to an idle epoll_wait, on the runner", "wakeup", 400, 60, "us", "<= 1.1", "replay=helper-concurrent"),
    Row("kill to an idle epoll_wait, route=signalfd", "wakeup", 400, 60, "us", "", "route=signalfd"),
    Row("100,000 queued real-time signals", "storm", 100000, 5000, "/s", ">= 0.5"),
    Row("sigprocmask, block and unblock, traced", "mask", 300000, 20000, "ns", "", "trace=on"),
    Row("raise, with handler, traced", "raise", 200000, 20000, "ns", "", "trace=on"),
    Row("kill to an idle epoll_wait, traced", "wakeup", 400, 60, "us", "<= 1.1", "route=direct:trace=on", guard=False),
    Row("100,000 queued real-time signals, under sigferry trace", "storm", 100000, 5000, "/s", ">= 0.91", tool="trace"),
    Row("malloc and free, with the guard", "malloc", 2000000, 200000, "ns", "<= 1.10"),
    Row("malloc and free, without the guard", "malloc", 2000000, 200000, "ns", "", guard=False),
    Row("malloc and printf, 1,000 signals a second, check=on", "text", 300000, 20000, "ns", "<= 1.5", "check=on"),
    Row("malloc and printf, 1,000 signals a second, run", "text", 300000, 20000, "ns", ""),
    Row("malloc and printf, 1,000 signals a second, ThreadSanitizer", "text", 300000, 20000, "ns", "", tool="tsan"),
    Row("malloc and printf, 1,000 signals a second, valgrind", "text", 300000, 20000, "ns", "", tool="valgrind"),
    Row("fork and exec of /bin/true", "exec", 1000, 50, "us", "<= 1.25"),
    Row("fork and exec of /bin/true, two empty libraries preloaded", "exec", 1000, 50, "us", "", tool="empty"),
    Row("pipe write and read, a signal caught", "pipe", 300000, 20000, "ns", "", arguments=("caught",)),
    Row("pipe write and read, a signal caught, quiet (route=direct)", "pipe", 300000, 20000, "ns", "", "route=direct", arguments=("caught",),
        guard=False),
    Row("pipe write and read, nothing caught", "pipe", 300000, 20000, "ns", ""),
]


class Failed(Exception):
    """A measuring program did not come to its end."""


def compile_one(name, out, *more, compiler=None):
    """Did it work?"""
    target = BUILD / "bench"
    target.mkdir(parents=True, exist_ok=True)
    flags = ["-std=gnu11", "-O2", "-D_GNU_SOURCE", "-fno-builtin-malloc", "-Wall", *more]
    return subprocess.run([compiler or os.environ.get("CC", "gcc"), *flags, "-o", str(target / out), str(HERE / f"{name}.c")],
                          check=False).returncode == 0


def compile_all(names):
    for name in sorted(set(names)):
        if not compile_one(name, name):
            sys.exit(f"bench/{name}.c does not compile")
        if any(row.program == name and row.tool == "tsan" for row in ROWS):
            compile_one(name, f"{name}-tsan", "-fsanitize=thread", compiler="gcc")
    for library in EMPTY:
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), "-x", "c", "/dev/null"], check=True)
    return BUILD / "bench"


@functools.cache
def rings():
    """Where traced programs leave their rings, until the end."""
    directory = tempfile.mkdtemp(prefix="sigferry-bench-", dir="/dev/shm")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


def environment(row):
    """Of a run under the library; row None: natively."""
    env = {k: v for k, v in os.environ.items() if k not in ("LD_PRELOAD", "SIGFERRY", "SIGFERRY_CONFIG")}
    if row and not row.tool:
        env["LD_PRELOAD"] = ":".join(map(str, [LIBRARY] + ([GUARD] if row.guard else [])))
        env["SIGFERRY_CONFIG"] = "/dev/null"
        env["SIGFERRY_RINGS"] = rings()
        if row.settings:
            env["SIGFERRY"] = row.settings
    if row and row.tool == "empty":
        env["LD_PRELOAD"] = ":".join(map(str, EMPTY))
    return env


def measure(programs, row, count, ours):
    """The median of what one run of the program prints."""
    argv = [str(programs / row.program), str(count), *row.arguments]
    if ours and row.tool == "tsan":
        argv[0] += "-tsan"
    elif ours and row.tool == "trace":
        argv = [str(BUILD / "sigferry"), "trace", "-o", f"{rings()}/output", "--", *argv]
    elif ours and row.tool not in ("", "empty"):
        argv.insert(0, row.tool)
    try:
        done = subprocess.run(argv, env=environment(row if ours else None), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired as e:
        raise Failed(f"{row.program}: not done within {TIME_LIMIT} s") from e
    values = [float(x) for x in done.stdout.split()]
    if done.returncode or not values:
        raise Failed(f"{row.program}: status {done.returncode} {done.stderr.strip()[:80]}")
    return statistics.median(values)


def there(programs, row):
    """Other people's tools are compared with only where they are installed."""
    return row.tool in ("", "trace", "empty") or bool(shutil.which(str(programs / f"{row.program}-tsan") if row.tool == "tsan" else row.tool))


def same_native(a, b):
    """Rows whose native halves are one and the same run."""
    return (a.program, a.arguments) == (b.program, b.arguments)


def run_group(programs, rows, rounds, quick):
    """Native and all settings of one program, round by round. Returns [(row, native, ours or Failed)]."""
    count = rows[0].quick if quick else rows[0].count
    native, ours = [], [[] for _ in rows]
    broken = [None for _ in rows]
    for _ in range(rounds):
        native.append(measure(programs, rows[0], count, ours=False))
        for i, row in enumerate(rows):
            if broken[i]:
                continue
            try:
                ours[i].append(measure(programs, row, count, ours=True))
            except Failed as e:
                broken[i] = e
    return [(row, statistics.median(native), broken[i] or statistics.median(ours[i])) for i, row in enumerate(rows)]


def figure(value, unit):
    if unit == "us":
        return f"{value / 1000:.1f} us"
    if unit == "/s":
        return f"{value:,.0f}/s"
    return f"{value:.1f} ns" if value < 100 else f"{value:.0f} ns"


def groups(rows):
    found = []
    for row in rows:
        for group in found:
            if same_native(group[0], row):
                group.append(row)
                break
        else:
            found.append([row])
    return found


def met(ratio, aim):
    if not aim:
        return ""
    relation, bound = aim.split()
    good = ratio <= float(bound) if relation == "<=" else ratio >= float(bound)
    return "met" if good else "missed"


def table(results, markdown):
    head = ("what", "native", "sigferry", "ratio", "aim", "")
    lines = []
    for row, native, ours in results:
        if isinstance(ours, Failed):
            lines.append((row.title, figure(native, row.unit), f"failed: {ours}", "", row.aim, "missed"))
        else:
            lines.append((row.title, figure(native, row.unit), figure(ours, row.unit), f"{ours / native:.2f}", row.aim,
                          met(ours / native, row.aim)))
    if markdown:
        yield "| " + " | ".join(head) + " |"
        yield "|---|---:|---:|---:|---|---|"
        for line in lines:
            yield "| " + " | ".join(line) + " |"
        return
    widths = [max(len(x[i]) for x in [head, *lines]) for i in range(len(head))]
    for line in [head, *lines]:
        cells = [c.ljust(w) if i in (0, 4, 5) else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths))]
        yield "  ".join(cells).rstrip()


def loads():
    """A library that the loader refuses would measure as native, and nobody would notice."""
    done = subprocess.run(["/bin/cat", "/proc/self/maps"], env=environment(ROWS[0]), capture_output=True, text=True,
                          timeout=TIME_LIMIT)
    return str(LIBRARY) in done.stdout and str(GUARD) in done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small counts and two rounds: does it all run?")
    parser.add_argument("--markdown", action="store_true", help="a table to paste into README.md")
    parser.add_argument("--only", default="", metavar="TEXT", help="lines whose title contains TEXT")
    parser.add_argument("--rounds", type=int, default=0, metavar="N", help="rounds per line (7; 2 with --quick)")
    options = parser.parse_args()
    if not LIBRARY.exists():
        sys.exit("build/libsigferry.so is missing: run make first")
    if not loads():
        sys.exit("build/libsigferry.so cannot be loaded here")
    rows = [r for r in ROWS if options.only in r.title]
    programs = compile_all(r.program for r in rows)
    rows = [r for r in rows if there(programs, r)]
    rounds = options.rounds or (2 if options.quick else 7)
    results = []
    for group in groups(rows):
        if sys.stderr.isatty():
            print(f"... {group[0].program}", file=sys.stderr)
        try:
            results += run_group(programs, group, rounds, options.quick)
        except Failed as e:
            sys.exit(f"natively: {e}")
    results.sort(key=lambda r: ROWS.index(r[0]))
    for line in table(results, options.markdown):
        print(line)
    if not options.markdown:
        print(f"\nmedians of {rounds} rounds, native and sigferry in turn, on {os.cpu_count()} cores")
    return 1 if any(isinstance(r[2], Failed) for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())
