"""memcached: threads on libevent; signals that end it in one way or another."""
import signal
import socket

PROGRAM = "memcached"
SENT = "HUP, USR1 (graceful), INT, TERM; under a load of sets and gets"
NEEDS = ("memcached",)


def load(port, rounds):
    """How many of so many values came back right."""
    good = 0
    with socket.create_connection(("127.0.0.1", port), timeout=20) as s, s.makefile("rwb") as f:
        for n in range(rounds):
            f.write(b"set key%d 0 0 5\r\n%05d\r\nget key%d\r\n" % (n % 10, n, n % 10))
            f.flush()
            good += [f.readline() for _ in range(4)][2] == b"%05d\r\n" % n
    return good


def row(world):
    for signo in (signal.SIGHUP, signal.SIGUSR1, signal.SIGINT, signal.SIGTERM):
        port = world.port()
        server = world.start(["memcached", "-u", "nobody", "-l", "127.0.0.1", "-p", port, "-U", 0, "-t", 2, "-v"])
        world.wait("it listens", lambda: world.listening(port))
        world.carries(server)
        world.saw(f"load: {load(port, 500)} of 500")
        if signo == signal.SIGHUP:  # does not end it
            for _ in range(10):
                server.send(signo)
                world.saw(f"HUP under load: {load(port, 50)} of 50")
            server.send(signal.SIGTERM)
        else:
            server.send(signo)
        world.saw(f"{signo.name}: {world.ended(server)}")
    world.saw(f"it said: {sorted(set(l for l in world.text().splitlines() if 'ignal' in l))}")
