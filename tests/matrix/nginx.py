"""nginx: a master that lives on sigsuspend and forks workers, which live on epoll."""
import os
import re
import signal

from _world import children, gone

PROGRAM = "nginx"
SENT = "HUP reload, USR1 reopen, USR2 upgrade, WINCH, QUIT, a killed worker; under wrk"
NEEDS = ("nginx", "wrk")

CONF = """
user www-data;
env LD_PRELOAD; env SIGFERRY; env SIGFERRY_CONFIG; env SIGFERRY_TEST_RUN;
worker_processes 2;
error_log {home}/error.log notice;
pid {home}/nginx.pid;
events {{ worker_connections 256; }}
http {{
    access_log {home}/access.log;
    server {{ listen 127.0.0.1:{port}; location / {{ return 200 "{body}\\n"; }} }}
}}
"""


def row(world):
    port = world.port()

    def configure(body):
        world.write("nginx.conf", CONF.format(home=world.home, port=port, body=body))

    def answers(body):
        world.wait(f"the answer {body}", lambda: f"\n{body}\n" in world.asks(port, "GET / HTTP/1.0\r\n\r\n", b"")[-16:].replace("\r", ""))
        world.saw(f"answers {body}")

    def pid_in(name):
        return world.wait(f"a pid in {name}", lambda: int(world.text(name)))

    configure("one")
    started = world.start(["nginx", "-c", world.home / "nginx.conf"])
    world.saw(f"start: {world.ended(started)}")
    old = world.adopt(pid_in("nginx.pid"), "nginx master")
    answers("one")
    load = world.background(["wrk", "-t1", "-c4", "-d90s", "-H", "Connection: close", f"http://127.0.0.1:{port}/"])

    def under_load():
        size = os.path.getsize(world.home / "access.log")
        world.wait("load", lambda: os.path.getsize(world.home / "access.log") > size + 5000)

    under_load()
    before = world.wait("two workers", lambda: (c := children(old.pid)) and len(c) == 2 and c)
    configure("two")
    old.send(signal.SIGHUP)
    answers("two")
    world.wait("the old workers' end", lambda: all(map(gone, before)))
    world.saw(f"HUP: {len(world.wait('new workers', lambda: children(old.pid)))} new workers, the old ones gone")

    under_load()
    os.rename(world.home / "access.log", world.home / "access.old")
    old.send(signal.SIGUSR1)
    world.wait("a new log in use", lambda: os.path.getsize(world.home / "access.log") > 5000)
    world.saw("USR1: a new log")

    under_load()
    configure("three")
    old.send(signal.SIGUSR2)
    world.wait("the old master's pid file", lambda: pid_in("nginx.pid.oldbin") == old.pid)
    new = world.adopt(world.wait("the new master", lambda: (p := pid_in("nginx.pid")) != old.pid and p), "new master")
    world.carries(old, replays=3)
    workers = [c for c in children(old.pid) if c != new.pid]
    under_load()
    old.send(signal.SIGWINCH)
    world.wait("the old workers' end", lambda: all(map(gone, workers)))
    answers("three")
    world.saw("USR2, WINCH: the new binary answers alone")
    under_load()
    old.send(signal.SIGQUIT)
    world.saw(f"QUIT: {world.ended(old)}")
    answers("three")

    load.send_signal(signal.SIGINT)
    told = load.communicate(timeout=20)[0]
    requests = re.search(r"(\d+) requests in", told)
    world.saw("load: " + ("; ".join(re.findall("Socket errors.*|Non-2xx.*", told)) or "no error"))
    world.saw(f"load: {'many requests' if requests and int(requests[1]) > 50 else told}")

    first = children(new.pid)
    os.kill(first[0], signal.SIGKILL)
    world.wait("another worker", lambda: len(c := children(new.pid)) == 2 and first[0] not in c)
    world.saw("a killed worker is replaced")
    world.carries(new, replays=1)
    new.send(signal.SIGQUIT)
    world.saw(f"QUIT: {world.ended(new)}")
    log = world.text("error.log")
    world.saw(f"errors: {[l for l in log.splitlines() if '[notice]' not in l and 'signal 9' not in l]}")
