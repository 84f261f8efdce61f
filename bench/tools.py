#!/usr/bin/python3
"""What tracing costs, beside the other tools that show signals: make bench-tools.

A storm of queued real-time signals (bench/storm.c), the same under each tool, one after the other in each round; the figure
is the median, the ratio is native's time over the tool's. Then redis-benchmark, with the library quiet and traced. Tools
that are not installed, or that cannot work here, are left out and named.
"""
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from bench import BUILD, LIBRARY, compile_all  # noqa: E402

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
    for _ in range(ROUNDS):
        for name, tool in tools.items():
            if name in out:
                continue
            try:
                figures[name].append(run(*tool))
            except (subprocess.SubprocessError, OSError, ValueError, IndexError) as e:
                out[name] = str(e).splitlines()[0][:100]
    return figures, out


def show(title, figures, out, unit, native="native"):
    print(f"\n{title}\n")
    base = statistics.median(figures[native])
    for name, values in figures.items():
        if name in out or not values:
            print(f"  {name:44} not measured: {out.get(name, 'no figure')}")
            continue
        m = statistics.median(values)
        print(f"  {name:44} {m:12,.0f} {unit}  x{(base / m if unit == '/s' else m / base):.2f}")


def storm(prefix, extra):
    r = subprocess.run([*prefix, str(BUILD / "bench" / "storm"), STORM], env=environment(extra), capture_output=True, text=True, timeout=120,
                       check=True)
    return last_number(r.stdout)


def record(extra):
    r = subprocess.run([str(BUILD / "bench" / "record"), "300000"], env=environment(extra), capture_output=True, text=True, timeout=120, check=True)
    return last_number(r.stdout)


def redis(prefix, extra, signals):
    """Requests a second; `signals`: sent to the server meanwhile, per second."""
    with tempfile.TemporaryDirectory() as home:
        server = subprocess.Popen([*prefix, "redis-server", "--port", "0", "--unixsocket", f"{home}/s", "--save", "", "--appendonly", "no"],
                                  env=environment(extra), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home)
        try:
            deadline = time.monotonic() + 20
            while not os.path.exists(f"{home}/s") and time.monotonic() < deadline:
                time.sleep(0.01)
            sender = None
            if signals:
                pid = int(subprocess.run(["redis-cli", "-s", f"{home}/s", "info", "server"], capture_output=True, text=True,
                                         check=True).stdout.split("process_id:")[1].split()[0])
                sender = subprocess.Popen([sys.executable, "-c", "import os,signal,sys,time\nwhile 1: os.kill(int(sys.argv[1]), signal.SIGWINCH); time.sleep(1 / float(sys.argv[2]))",
                                           str(pid), str(signals)])
            r = subprocess.run(["redis-benchmark", "-s", f"{home}/s", "-t", "get", "-n", "200000", "-q"], capture_output=True, text=True,
                               timeout=120, check=True)
            if sender:
                sender.kill()
                sender.wait()
            return float(r.stdout.replace("\r", "\n").split(" requests per second")[0].split()[-1])
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


def main():
    compile_all(["storm", "record"])
    with tempfile.TemporaryDirectory() as home:
        tools = {"native": ([], {}), "sigferry, quiet": ([], QUIET),
                 "sigferry trace": ([COMMAND, "trace", "-o", f"{home}/sf", "--"], {}),
                 "sigferry trace -f ctf": ([COMMAND, "trace", "-f", "ctf", "-o", f"{home}/ctf", "--"], {})}
        if shutil.which("perf"):
            tools["perf record -e signal:*"] = (["perf", "record", "-q", "-e", "signal:*", "-o", f"{home}/perf", "--"], {})
        if shutil.which("uftrace"):
            tools["uftrace record --no-libcall"] = (["uftrace", "record", "-f", "--no-libcall", "-d", f"{home}/uftrace"], {})
        if shutil.which("strace"):
            tools["strace -f -e trace=none -e signal=all"] = (["strace", "-f", "-e", "trace=none", "-e", "signal=all", "-o", f"{home}/strace"], {})
        show(f"{int(STORM):,} queued real-time signals, from the first sent to the last handled", *rounds(tools, storm), "/s")
    off, on = {**QUIET}, {**QUIET, "SIGFERRY": "route=direct:trace=on", "SIGFERRY_RINGS": tempfile.mkdtemp(dir="/dev/shm")}
    try:
        figures, out = rounds({"native": ({},), "quiet": (off,), "traced (4 records)": (on,)}, record)
    finally:
        shutil.rmtree(on["SIGFERRY_RINGS"])
    show("raise, with handler", figures, out, "ns")
    if figures["quiet"] and figures["traced (4 records)"]:
        print(f"  a record: {(statistics.median(figures['traced (4 records)']) - statistics.median(figures['quiet'])) / 4:.0f} ns")
    if shutil.which("redis-benchmark"):
        with tempfile.TemporaryDirectory() as home:
            traced = [COMMAND, "trace", "-o", f"{home}/sf", "--"]
            tools = {"native": ([], {}, 0), "sigferry, quiet": ([], QUIET, 0), "sigferry trace": (traced, {}, 0),
                     "native, 1,000 signals a second": ([], {}, 1000), "sigferry trace, 1,000 signals a second": (traced, {}, 1000)}
            show("redis-benchmark -t get", *rounds(tools, redis), "/s")


if __name__ == "__main__":
    main()
