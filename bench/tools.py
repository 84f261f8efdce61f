#!/usr/bin/python3
"""What tracing costs, beside the other tools that show signals: make bench-tools.

A storm of queued real-time signals (bench/storm.c), the same under each tool, one after the other in each round; figures
are medians, ratios those to native in the same round. Then the cost of a record, and servers under load (servers.py), with the library
quiet, traced, and traced with 1,000 signals a second. What is not installed, or cannot work here, is left out and named.

    tools.py [storm] [record] [servers]        ROUNDS=5 STORM=100000 STARTS=7 TURNS=2 ASK_ROUNDS=500
"""
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import servers  # noqa: E402
from bench import BUILD, LIBRARY, compile_all, compile_one  # noqa: E402

COMMAND = str(BUILD / "sigferry")
QUIET = {"LD_PRELOAD": str(LIBRARY), "SIGFERRY": "route=direct"}
ROUNDS, STORM = int(os.environ.get("ROUNDS", "5")), os.environ.get("STORM", "100000")


def environment(extra):
    return {**os.environ, "SIGFERRY_CONFIG": "/dev/null", **extra}


def last_number(text):
    return float(text.split()[-1])


def rounds(tools, run):
    """name -> figures; a tool that fails once is out, with the reason."""
    figures, out = {name: [] for name in tools}, {}
    order = list(tools.items())
    for _ in range(ROUNDS):
        for name, tool in order:
            if name in out:
                continue
            try:
                figures[name].append(run(*tool))
            except (subprocess.SubprocessError, OSError, ValueError, IndexError) as e:
                said = (getattr(e, "stderr", "") or "").strip() or str(e)
                out[name] = said.splitlines()[-1].strip()[:100]
        order = order[1:] + order[:1]  # nobody is always the first, or behind the same one
    return figures, out


def ratio(values, native, faster_is_more=False):
    """Round by round: what else the machine does changes between them."""
    return statistics.median(n / v if faster_is_more else v / n for v, n in zip(values, native))


def show(title, figures, out, unit, native="native"):
    print(f"\n{title}\n")
    if not figures[native]:
        print(f"  {native:44} not measured: {out[native]}")
        return
    for name, values in figures.items():
        if name in out or not values:
            print(f"  {name:44} not measured: {out.get(name, 'no figure')}")
            continue
        print(f"  {name:44} {statistics.median(values):12,.0f} {unit}  x{ratio(values, figures[native], unit == '/s'):.2f}")


# ---- a storm, and one record ----

BPFTRACE = """tracepoint:signal:signal_generate { @sent[comm, args->comm, args->sig] = count(); }
tracepoint:signal:signal_deliver { @handled[comm, args->sig] = count(); }"""


def watchers(home):
    """name -> (what it has to be there, the command before the program, or with {} for it)"""
    return {
        "bpftrace, maps": ("bpftrace", ["bpftrace", "-q", "-o", f"{home}/bpftrace", "-e", BPFTRACE, "-c", "{}"]),
        "perf record -e signal:*": ("perf", ["perf", "record", "-q", "-e", "signal:*", "-o", f"{home}/perf", "--"]),
        # It sees the handlers of programs that were built for it, by their entry and exit, and nothing else of signals.
        "uftrace record --no-libcall, built with -pg": ("uftrace", ["uftrace", "record", "--no-libcall", "-d", f"{home}/uftrace"]),
        "strace -f -e trace=none -e signal=all": ("strace", ["strace", "-f", "-e", "trace=none", "-e", "signal=all", "-o", f"{home}/strace"]),
    }


def bpftrace_saw(prefix):
    with open(prefix[prefix.index("-o") + 1]) as f:
        return sum(int(n) for n in re.findall(r"@handled\[storm, \d+\]: (\d+)", f.read()))


def uftrace_saw(prefix):
    said = subprocess.run(["uftrace", "report", "-d", prefix[-1], "-F", "on_signal"], capture_output=True, text=True, timeout=120, check=True).stdout
    return sum(int(n) for n in re.findall(r"(\d+)  on_signal", said))


SAW = {"bpftrace": bpftrace_saw, "uftrace": uftrace_saw}  # they go on where they may not look, or lose some


def storm(prefix, extra):
    argv = [str(BUILD / "bench" / ("storm-pg" if prefix[:1] == ["uftrace"] else "storm")), STORM]
    argv = [" ".join(argv) if a == "{}" else a for a in prefix] if "{}" in prefix else [*prefix, *argv]
    r = subprocess.run(argv, env=environment(extra), capture_output=True, text=True, timeout=120, check=True)
    saw = SAW.get(prefix[0] if prefix else "", lambda _: int(STORM))(prefix)
    if saw < int(STORM):
        raise ValueError(f"it saw {saw} signals. {r.stderr.strip()}")
    return last_number(r.stdout)


def show_storm():
    with tempfile.TemporaryDirectory() as home:
        tools = {"native": ([], {}), "sigferry, quiet": ([], QUIET),
                 "sigferry trace": ([COMMAND, "trace", "-o", f"{home}/sf", "--"], {}),
                 "sigferry trace -f ctf": ([COMMAND, "trace", "-f", "ctf", "-o", f"{home}/ctf", "--"], {})}
        absent = {}
        for name, (needs, prefix) in watchers(home).items():
            if shutil.which(needs):
                tools[name] = (prefix, {})
            else:
                absent[name] = f"{needs} is not here"
        figures, out = rounds(tools, storm)
        show(f"{int(STORM):,} queued real-time signals, from the first sent to the last handled",
             {**figures, **{name: [] for name in absent}}, {**out, **absent}, "/s")


def record(extra):
    r = subprocess.run([str(BUILD / "bench" / "record"), "300000"], env=environment(extra), capture_output=True, text=True, timeout=120, check=True)
    return last_number(r.stdout)


def show_record():
    off, on = {**QUIET}, {**QUIET, "SIGFERRY": "route=direct:trace=on", "SIGFERRY_RINGS": tempfile.mkdtemp(dir="/dev/shm")}
    try:
        figures, out = rounds({"native": ({},), "quiet": (off,), "traced (4 records)": (on,)}, record)
    finally:
        shutil.rmtree(on["SIGFERRY_RINGS"])
    show("raise, with handler", figures, out, "ns")
    if figures["quiet"] and figures["traced (4 records)"]:
        print(f"  a record: {(statistics.median(figures['traced (4 records)']) - statistics.median(figures['quiet'])) / 4:.0f} ns")


# ---- servers ----

def spread(values):
    return f"x{statistics.median(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def compare(kind, home):
    ways = {"native": ([], {}), "quiet": ([], QUIET), "traced": ([COMMAND, "trace", "-o", f"{home}/traced/trace", "--"], {})}
    os.chmod(home, 0o755)  # a server that is not root's has to come through
    variants = {}
    for number, (name, (prefix, extra)) in enumerate(ways.items()):
        os.mkdir(f"{home}/{name}")
        variants[name] = (kind(f"{home}/{name}", number), prefix, environment({**extra, "XDG_RUNTIME_DIR": ""}))
    rates = (0, 1000) if kind.signo else (0,)
    found = servers.compare(variants, rates, "native", BUILD / "bench" / "ask")
    for title, figures in zip((kind.title, f"{kind.__name__}, in turns of milliseconds"), found):
        print(f"\n{title}; native = 1, median of {servers.STARTS} starts (the lowest, the highest)\n")
        for (name, rate), (times, used) in figures.items():
            if name != "native":
                print(f"  {name + (f', {rate:,} signals a second' if rate else ''):32} time {spread(times)}   processor {spread(used)}")


def show_servers():
    for kind in servers.SERVERS:
        absent = [name for name in kind.needs if not servers.path(name)]
        if absent:
            print(f"\n{kind.title}: left out, {', '.join(absent)} not here (make deps-programs)")
            continue
        with tempfile.TemporaryDirectory(dir="/tmp") as home:
            try:
                compare(kind, home)
            except (subprocess.SubprocessError, OSError, ValueError) as e:
                print(f"\n{kind.title}: left out: {str(e).splitlines()[0][:100]}")


PARTS = {"storm": show_storm, "record": show_record, "servers": show_servers}


def main():
    wanted = sys.argv[1:] or list(PARTS)
    if set(wanted) - set(PARTS):
        sys.exit(f"there are {', '.join(PARTS)}")
    compile_all(["storm", "record", "ask"])
    compile_one("storm", "storm-pg", "-pg")
    for name in wanted:
        PARTS[name]()


if __name__ == "__main__":
    main()
