"""OpenSSH's sshd: HUP executes itself anew, CHLD reaps sessions, the login grace is a SIGALRM whose handler exits.

The process that talks to the client before it is known lives under a seccomp filter that kills."""
import os
import re
import signal
import socket

from _world import children, gone

PROGRAM = "sshd"
SENT = "HUP re-exec, login grace ALRM, CHLD of sessions, TERM of a session, TERM; with sessions open"
NEEDS = ("sshd", "ssh", "ssh-keygen")

CONF = """
Port {port}
ListenAddress 127.0.0.1
HostKey {home}/host
AuthorizedKeysFile {home}/user.pub
PidFile {home}/sshd.pid
StrictModes no
UsePAM no
PermitRootLogin yes
LoginGraceTime {grace}
PrintMotd no
MaxStartups 100
SetEnv STAGE={stage}
"""


def row(world):
    port = world.port()
    os.makedirs("/run/sshd", exist_ok=True)
    for key in ("host", "user"):
        world.tool(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", world.home / key])

    def configure(grace, stage):
        world.write("sshd_config", CONF.format(home=world.home, port=port, grace=grace, stage=stage))

    ssh = ["ssh", "-F", "/dev/null", "-i", world.home / "user", "-p", port, "-o", "BatchMode=yes", "-o",
           "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={world.home}/known", "-o", "LogLevel=ERROR", "root@127.0.0.1"]

    configure(60, "first")
    server = world.start(["sshd", "-D", "-e", "-f", world.home / "sshd_config"])
    world.says("Server listening")
    world.carries(server)
    world.saw("a session: %d %r" % world.tool([*ssh, "echo hello $STAGE; exit 3"]))
    world.saw("one that dies: %d %r" % world.tool([*ssh, "kill -TERM $$"]))
    world.saw("one that gets its mask: %d %r" % world.tool([*ssh, "grep -E 'Sig(Blk|Ign)' /proc/self/status"]))
    lasting = world.background([*ssh, "echo up; exec sleep 200"])
    world.wait("the lasting session", lambda: children(server.pid))
    assert lasting.stdout.readline() == "up\n"

    configure(60, "second")
    listener = server.pid
    server.send(signal.SIGHUP)
    world.says("Received SIGHUP; restarting.")
    world.says("Server listening", times=2)
    world.saw(f"HUP: the same process listens: {server.pid == listener}")
    world.carries(server)
    world.saw("a session: %d %r" % world.tool([*ssh, "echo hello $STAGE"]))
    world.saw(f"the old session lives: {lasting.poll() is None}")

    configure(1, "third")
    server.send(signal.SIGHUP)
    world.says("Server listening", times=3)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as silent:
        silent.settimeout(20)
        got = b""
        while data := silent.recv(1000):
            got += data
    world.saw(f"login grace: {re.sub('_.*', '', got.decode().strip())}, then the end")

    configure(60, "fourth")
    server.send(signal.SIGHUP)
    world.says("Server listening", times=4)
    many = [world.background([*ssh, f"exit {n}"]) for n in range(4)]
    world.saw(f"four at once: {[p.wait(30) for p in many]}")
    session = world.wait("the lasting session alone", lambda: len(c := children(server.pid)) == 1 and c)
    world.rests(session[0])
    os.kill(session[0], signal.SIGTERM)
    world.saw(f"a session's TERM: {lasting.wait(20)}")
    world.wait("its end", lambda: gone(session[0]))
    server.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(server)}")
    log = re.findall("Received .*|Timeout before authentication|terminated by signal .*|fatal: .*|error: .*", world.text())
    world.saw(f"it said: {sorted(set(re.sub('port [0-9]+|pid [0-9]+', 'N', l) for l in log))}")
