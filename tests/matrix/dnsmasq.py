"""dnsmasq: a handler that writes to a pipe and a poll loop; HUP reads its hosts anew, USR1 dumps its cache, ALRM retries."""
import os
import re
import signal
import socket
import struct

PROGRAM = "dnsmasq"
SENT = "HUP, USR1, USR2, TERM; under queries"
NEEDS = ("dnsmasq",)


def query(port, name, count=1):
    """The address of a name; '' when there is none."""
    text = b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(2)
        for n in range(count):
            s.sendto(struct.pack(">6H", n, 0x100, 1, 0, 0, 0) + text + b"\0\1\0\1", ("127.0.0.1", port))
            got = s.recv(4096)
    return socket.inet_ntoa(got[-4:]) if struct.unpack(">H", got[6:8])[0] else ""


def row(world):
    port = world.port()
    world.write("hosts", "10.0.0.1 one.test\n")
    os.chmod(world.home, 0o777)
    world.write("log", "", 0o666)
    server = world.start(["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", f"--port={port}", "--listen-address=127.0.0.1",
                          "--bind-interfaces", "--no-resolv", "--no-hosts", f"--addn-hosts={world.home}/hosts", "--user=nobody",
                          "--local=/test/", f"--log-facility={world.home}/log"])
    world.saw("one: " + world.wait("an answer", lambda: query(port, "one.test")))
    world.carries(server)
    world.write("hosts", "10.0.0.1 one.test\n10.0.0.2 two.test\n")
    server.send(signal.SIGHUP)
    world.saw("two after HUP: " + world.wait("the new name", lambda: query(port, "two.test")))
    for n in range(20):  # under load: each is to be acted on
        query(port, "one.test", 50)
        server.send(signal.SIGUSR1)
        world.says("queries forwarded", "log", n + 1)
    world.saw("20 times USR1: 20 dumps")
    world.carries(server, replays=21)
    log = world.home / "log"
    log.rename(world.home / "log.old")
    server.send(signal.SIGUSR2)
    world.wait("a new log", log.exists)
    server.send(signal.SIGUSR1)
    world.says("queries forwarded", "log")
    world.saw("USR2: a new log")
    server.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(server)}")
    said = re.findall(r"exiting on receipt of SIG\w+|read \S+ - \d+ \w+", (world.text("log.old") + world.text("log")).replace(str(world.home), ""))
    world.saw(f"it said: {said}")
