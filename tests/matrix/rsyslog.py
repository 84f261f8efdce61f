"""rsyslogd: a main thread in pselect, worker threads; HUP closes its files, TERM ends it."""
import os
import signal
import socket

PROGRAM = "rsyslog"
SENT = "HUP (files reopened), CHLD of a program, HUP 20 times among messages, TERM"
NEEDS = ("rsyslogd", "/usr/lib/x86_64-linux-gnu/rsyslog/imuxsock.so")

CONF = """
global(workDirectory="{home}")
module(load="imuxsock" SysSock.Use="off")
module(load="omprog")
input(type="imuxsock" Socket="{home}/log.sock" CreatePath="on" RateLimit.Interval="0")
template(name="plain" type="string" string="%msg%\\n")
if $msg contains "to program" then action(type="omprog" binary="{home}/program" template="plain")
else action(type="omfile" file="{home}/messages" template="plain")
"""


def row(world):
    world.write("conf", CONF.format(home=world.home))
    world.write("program", f"#!/bin/sh\nwhile read -r line; do echo \"$line\" >>{world.home}/piped; [ \"$line\" != 'to program: die' ] || exit 3; done\n", 0o755)
    path = str(world.home / "log.sock")

    def send(text, times=1):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.connect(path)
            for n in range(times):
                s.send(f"<13>test: {text} {n}".encode() if times > 1 else f"<13>test: {text}".encode())
        return True

    def lines(name="messages"):
        return world.text(name).count("\n")

    def start():
        server = world.start(["rsyslogd", "-n", "-iNONE", "-f", world.home / "conf"])
        world.wait("its socket", lambda: send("up"))
        world.wait("the first line", lambda: lines() >= 1)
        world.rests(server)
        return server

    server = start()
    send("many", 2000)
    world.wait("2001 messages", lambda: lines() == 2001)
    world.saw("2001 messages")
    os.rename(world.home / "messages", world.home / "messages.old")
    server.send(signal.SIGHUP)
    world.wait("its new file", lambda: send("again") and lines() > 0)
    world.saw("HUP: a new file")
    world.carries(server, replays=1)
    send("to program: hello")
    world.says("to program: hello", "piped")
    send("to program: die")
    world.says("to program: die", "piped")
    world.wait("another program", lambda: send("to program: once more") and "once more" in world.text("piped"))
    world.saw("a program that ended was started again")
    before = lines()
    for n in range(20):
        send("last", 100)
        server.send(signal.SIGHUP)
    world.wait("2000 messages", lambda: lines() == before + 2000)
    world.saw("2000 messages between 20 times HUP")
    world.rests(server)
    server.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(server)}")
    server = start()
    world.carries(server)
    server.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(server)}")
