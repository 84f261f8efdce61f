"""Servers of Debian under load: natively, with the library in them but quiet, and traced. Part of make bench-tools.

What the machine does beside moves a figure more than the library does. So all variants of a server run at once, and are asked
in turns of a second by the server's own load generator, and in turns of milliseconds by bench/ask.c; ratios are those of the
same turn. How a process happens to lie in memory counts, too: after TURNS seconds and ROUNDS milliseconds all are started anew,
STARTS times, and the spread over the starts is shown. A figure is a pair: the time, and the processor time of the server and of
what watches it, for a request.
"""
import contextlib
import glob
import os
import shutil
import signal
import statistics
import subprocess
import threading
import time
import urllib.request

SECONDS = int(os.environ.get("SECONDS_EACH", "1"))
STARTS, TURNS = int(os.environ.get("STARTS", "7")), int(os.environ.get("TURNS", "2"))
ROUNDS = int(os.environ.get("ASK_ROUNDS", "500"))
LIMIT = 60


def path(name):
    """PostgreSQL's own programs are in no PATH."""
    return shutil.which(name) or next(iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))[-1:]), None)


def run(*argv, **more):
    return subprocess.run(list(map(str, argv)), capture_output=True, text=True, timeout=LIMIT, check=True, **more).stdout


def wait(condition, what):
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            value = condition()
            if value:
                return value
        time.sleep(0.02)
    raise ValueError(f"in {LIMIT} s: not {what}")


def tree(pid):
    """The process and its descendants."""
    found = [pid]
    with contextlib.suppress(OSError):
        for tid in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{tid}/children") as f:
                for child in f.read().split():
                    found += tree(int(child))
    return found


def command_line(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline") as f:
        return f.read()
    return ""


def processor_us(pid):
    """What they have used, and their ended children."""
    ticks = 0
    for p in tree(pid):
        with contextlib.suppress(OSError), open(f"/proc/{p}/stat") as f:
            ticks += sum(map(int, f.read().rpartition(")")[2].split()[11:15]))
    return ticks * 1e6 / os.sysconf("SC_CLK_TCK")


class Redis:
    title, needs, user, stop = "redis-benchmark -t get", ("redis-server", "redis-benchmark"), None, signal.SIGTERM
    signo = 0  # it catches none that does it no harm
    kind = "redis"

    def __init__(self, home, _):
        self.where = f"{home}/socket"
        self.argv = [path("redis-server"), "--port", "0", "--unixsocket", self.where, "--save", "", "--appendonly", "no", "--dir", home]

    def answers(self):
        return os.path.exists(self.where)

    def busy(self, pid):
        return tree(pid)

    def load(self):
        n = SECONDS * 50000
        out = run("redis-benchmark", "-s", self.where, "-t", "get", "-n", n, "-q").replace("\r", "\n")
        return float(out.split(" requests per second")[0].split()[-1]), n


class Nginx:
    title, needs, user, stop = "wrk on nginx", ("nginx", "wrk"), None, signal.SIGTERM
    signo = signal.SIGIO  # a worker catches it, and passes over it
    kind = "http"
    conf = """daemon off; worker_processes 1; pid {home}/pid; error_log {home}/error crit; {user}
events {{ worker_connections 256; }}
http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {home}/t1; proxy_temp_path {home}/t2; fastcgi_temp_path {home}/t3;
uwsgi_temp_path {home}/t4; scgi_temp_path {home}/t5;
server {{ listen 127.0.0.1:{port}; location / {{ return 200 "there"; }} }} }}
"""

    def __init__(self, home, number):
        port = 10000 + os.getpid() % 5000 * 4 + number  # below those that the kernel hands out
        self.where = str(port)
        self.url = f"http://127.0.0.1:{port}/"
        with open(f"{home}/conf", "w") as f:
            f.write(self.conf.format(home=home, port=port, user="user root;" if os.geteuid() == 0 else ""))
        self.argv = [path("nginx"), "-e", f"{home}/error", "-c", f"{home}/conf"]

    def answers(self):
        with urllib.request.urlopen(self.url, timeout=5) as r:
            return r.read() == b"there"

    def takes(self, pid):
        return "worker process" in command_line(pid)

    def busy(self, pid):
        return sorted(tree(pid), key=self.takes)

    def load(self):
        out = run("wrk", "-t1", "-c8", f"-d{SECONDS}s", self.url).split()
        return float(out[out.index("Requests/sec:") + 1]), int(out[out.index("requests") - 1])


class Postgres:
    title, needs, user, stop = "pgbench -S, two clients", ("pgbench", "initdb", "psql"), "postgres", signal.SIGINT
    signo = signal.SIGUSR1  # what its processes tell each other by: a backend looks, and finds nothing
    kind = "postgres"

    def __init__(self, home, _):
        os.chmod(home, 0o777)
        data, self.where = f"{home}/data", f"{home}/.s.PGSQL.5432"
        self.env = {**os.environ, "PGHOST": home, "PGUSER": "postgres", "PGDATABASE": "postgres"}
        self.argv = [path("postgres"), "-D", data, "-k", home, "-c", "listen_addresses=", "-c", "fsync=off"]
        run(path("initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-N", user=account(self), cwd="/")
        with started(self, [], os.environ):
            run(path("pgbench"), "-i", "-q", "-s", "2", env=self.env)

    def answers(self):
        return run("psql", "-XAtqc", "select 42", env=self.env) == "42\n"

    def takes(self, pid):
        return command_line(pid).startswith("postgres: postgres postgres")

    def busy(self, pid):
        return [pid]  # ask.c is told which processes serve it

    def load(self):
        out = run(path("pgbench"), "-n", "-S", "-c", "2", "-T", SECONDS, env=self.env)
        return float(out.split("tps = ")[1].split()[0]), int(out.split("actually processed: ")[1].split()[0].split("/")[0])


def account(server):
    return server.user if os.geteuid() == 0 else None


@contextlib.contextmanager
def started(server, prefix, environment):
    """The server's process, or the tracer that is its parent."""
    p = subprocess.Popen([*prefix, *server.argv], env=environment, user=account(server), cwd="/", stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait(server.answers, "a server that answers")
        yield p
    finally:
        for pid in tree(p.pid)[1 if prefix else 0:][:1]:
            os.kill(pid, server.stop)
        try:
            p.wait(LIMIT)
        except subprocess.TimeoutExpired:
            for pid in tree(p.pid):
                os.kill(pid, signal.SIGKILL)
            p.wait()


class Sender(threading.Thread):
    """`rate` signals a second, to the processes that take them, while the load lasts."""

    def __init__(self, server, pid, rate):
        super().__init__(daemon=True)
        self.server, self.pid, self.rate, self.sent, self.over = server, pid, rate, 0, threading.Event()

    def run(self):
        pids, begin = [], time.monotonic()
        while not self.over.wait(1 / self.rate):
            pids = pids or [p for p in tree(self.pid) if self.server.takes(p)]
            while pids and self.sent < (time.monotonic() - begin) * self.rate:
                try:
                    os.kill(pids[self.sent % len(pids)], self.server.signo)
                    self.sent += 1
                except ProcessLookupError:
                    pids = []

    def __enter__(self):
        if self.rate:
            self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        if self.rate:
            self.join()


def measure(server, pid, rate):
    """One second of load: (seconds, microseconds of processor, requests)."""
    before = processor_us(pid)
    with Sender(server, pid, rate) as sender:
        per_second, requests = server.load()
    used = processor_us(pid) - before
    if sender.sent < rate * SECONDS / 2:
        raise ValueError(f"only {sender.sent} signals sent")
    return requests / per_second, used, requests


def by_seconds(variants, pids, rates, base):
    """(name, rate) -> (time, processor time) for a request, those of `base` being 1; the server's own load generator asks."""
    taken = {(name, rate): [] for name in variants for rate in rates}
    order = list(taken)
    for _ in range(TURNS):
        for name, rate in order:
            taken[name, rate].append(measure(variants[name][0], pids[name], rate))
        order = order[1:] + order[:1]  # nobody is always the first, or behind the same one

    def time_each(key):
        return [seconds / requests for seconds, _, requests in taken[key]]

    def used_each(key):  # of all turns: the kernel counts in hundredths of a second
        return sum(used for _, used, _ in taken[key]) / sum(requests for *_, requests in taken[key])

    return {(name, rate): (statistics.median(t / n for t, n in zip(time_each((name, rate)), time_each((base, rate)))),
                           used_each((name, rate)) / used_each((base, rate))) for name, rate in taken}


def by_milliseconds(variants, pids, rates, base, ask):
    """The same; bench/ask.c asks."""
    names, found = list(variants), {}
    of = [variants[name][0] for name in names]
    where = [f"{s.where}:{','.join(map(str, s.busy(pids[name])))}" for name, s in zip(names, of)]
    for rate in rates:
        rows = [list(map(float, line.split())) for line in run(ask, of[0].kind, ROUNDS, rate, int(of[0].signo), *where).splitlines()]
        at = 2 * names.index(base)
        for i, name in enumerate(names):
            found[name, rate] = tuple(statistics.median(row[2 * i + k] / row[at + k] for row in rows) for k in (0, 1))
    return found


def compare(variants, rates, base, ask):
    """variants: name -> (server, prefix, environment). Yields twice, by seconds and by milliseconds:
    (name, rate) -> ([time of each start], [processor time of each start])."""
    starts = []
    for _ in range(STARTS):
        with contextlib.ExitStack() as all_of_them:
            pids = {name: all_of_them.enter_context(started(*v)).pid for name, v in variants.items()}
            starts.append((by_seconds(variants, pids, rates, base), by_milliseconds(variants, pids, rates, base, ask)))
    for way in zip(*starts):
        yield {key: tuple(zip(*(s[key] for s in way))) for key in way[0]}


SERVERS = (Redis, Nginx, Postgres)
