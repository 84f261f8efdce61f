"""s6: a supervision tree on selfpipes (here signalfd), down to the services."""
import os
import signal

from _world import children

PROGRAM = "s6"
SENT = "ALRM and HUP to s6-svscan, CHLD of services, s6-svc's commands (TERM, CONT, HUP, USR1), TERM of the tree"
NEEDS = ("s6-svscan", "s6-svc", "s6-svstat")

RUN = """#!/bin/sh
exec 2>&1
trap 'echo {name} hup >>{home}/events' HUP
trap 'echo {name} usr1 >>{home}/events' USR1
trap 'echo {name} term >>{home}/events; exit 0' TERM
echo {name} up >>{home}/events
while :; do sleep 0.02; done
"""


def row(world):
    def service(name):
        world.write(f"scan/{name}/run", RUN.format(name=name, home=world.home), 0o755)

    def event(text, times=1):
        world.says(text + "\n", "events", times)

    def svc(*words):
        return world.tool(["s6-svc", *words])

    service("one")
    service("two")
    tree = world.start(["s6-svscan", world.home / "scan"])
    event("one up")
    event("two up")
    world.carries(tree)
    for n in range(1, 6):
        for option, word in (("-h", "hup"), ("-1", "usr1")):
            svc(option, world.home / "scan/one")
            event(f"one {word}", n)
    world.saw("s6-svc -h, -1: each five times")
    for n in range(2, 5):
        svc("-t", world.home / "scan/one")
        event("one term", n - 1)
        event("one up", n)
    world.saw("s6-svc -t: each time up again")
    service("three")
    tree.send(signal.SIGALRM)
    event("three up")
    world.saw("ALRM: a new service")
    supervisor = world.wait("a supervisor", lambda: [c for c in children(tree.pid) if children(c)])[0]
    world.carries(supervisor)
    orphans = children(supervisor)
    os.kill(supervisor, signal.SIGKILL)
    for pid in orphans:
        os.kill(pid, signal.SIGKILL)
    world.wait("another supervisor", lambda: len(children(tree.pid)) >= 3 and supervisor not in children(tree.pid))
    world.saw("a killed supervisor is replaced")
    world.wait("seven times up", lambda: world.text("events").count(" up\n") == 4 + 1 + 1 + 1)
    world.wait("three ups", lambda: all("up (pid" in world.tool(["s6-svstat", world.home / f"scan/{n}"])[1] for n in ("one", "two", "three")))
    for pid in [c for s in children(tree.pid) for c in children(s)]:
        os.kill(pid, signal.SIGKILL)
    world.wait("ten times up", lambda: world.text("events").count(" up\n") == 4 + 1 + 1 + 1 + 3)
    world.saw("killed services are up again")
    svc("-d", world.home / "scan/two")
    event("two term")
    world.wait("two is down", lambda: "down (exitcode 0)" in world.tool(["s6-svstat", world.home / "scan/two"])[1])
    world.saw("s6-svc -d: down")
    tree.send(signal.SIGHUP)
    event("one up", 5)
    world.carries(tree)
    tree.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(tree)}")
    world.wait("the end of all", lambda: not world.marked())
    world.saw("nobody is left")
