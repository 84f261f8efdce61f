"""haproxy in master-worker mode: the master executes itself anew on USR2, workers finish on USR1."""
import os
import re
import signal

from _world import children, gone

PROGRAM = "haproxy"
SENT = "USR2 reload, HUP, USR1 to a worker, a killed worker, TERM; under wrk"
NEEDS = ("haproxy", "wrk")

CONF = """
global
    maxconn 100
    hard-stop-after 10s
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend web
    bind 127.0.0.1:{port}
    http-request return status 200 content-type text/plain string "{body}"
"""


def row(world):
    port = world.port()

    def configure(body):
        world.write("conf", CONF.format(port=port, body=body))

    def answers(body):
        world.wait(f"the answer {body}", lambda: world.asks(port, "GET / HTTP/1.0\r\n\r\n", b"").endswith(f"\r\n\r\n{body}"))
        world.saw(f"answers {body}")

    configure("one")
    master = world.start(["haproxy", "-W", "-db", "-f", world.home / "conf"])
    answers("one")
    load = world.background(["wrk", "-t1", "-c3", "-d90s", "-H", "Connection: close", f"http://127.0.0.1:{port}/"])
    for body in ("two", "three"):
        old = world.wait("a worker", lambda: children(master.pid))
        configure(body)
        world.rests(master)
        master.send(signal.SIGUSR2)
        answers(body)
        world.wait("the old worker's end", lambda: all(map(gone, old)))
        world.saw("USR2: a new worker, the old one gone")
    load.send_signal(signal.SIGINT)
    told = load.communicate(timeout=20)[0]
    requests = re.search(r"(\d+) requests in", told)
    world.saw("load: " + ("; ".join(re.findall("Socket errors.*|Non-2xx.*", told)) or "no error"))
    world.saw(f"load: {'many requests' if requests and int(requests[1]) > 50 else told}")
    world.carries(master)
    worker = children(master.pid)[0]
    world.carries(worker)
    world.rests(master)
    master.send(signal.SIGHUP)  # a reload as well, in this mode
    world.wait("the worker's end", lambda: gone(worker))
    answers("three")
    world.rests(master)
    worker = children(master.pid)[-1]
    os.kill(worker, signal.SIGKILL)
    world.saw(f"a killed worker: {world.ended(master)}")

    master = world.start(["haproxy", "-W", "-db", "-f", world.home / "conf"])
    answers("three")
    world.rests(master)
    tree = children(master.pid)
    master.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(master)}; no child left {all(map(gone, tree))}")
    alone = world.start(["haproxy", "-db", "-f", world.home / "conf"])
    answers("three")
    world.carries(alone)
    world.rests(alone)
    alone.send(signal.SIGUSR1)
    world.saw(f"USR1 (soft stop): {world.ended(alone)}")
    said = re.sub(r"\(\d+\)|\[\d+\]|\d+/\d+", "N", world.text())
    world.saw(f"it said: {sorted(set(re.findall('exited with code.*|Exiting.*|killed.*', said)))}")
