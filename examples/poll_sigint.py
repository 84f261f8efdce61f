#!/usr/bin/python3
"""Polls a signalfd for SIGINT: Ctrl-C is an event like any other, and no KeyboardInterrupt."""
import select
from signal import SIGINT

from sigferry import SignalFd

with SignalFd([SIGINT]) as fd:
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    print("Press Ctrl-C three times.", flush=True)
    for times in range(1, 4):
        poll.poll()
        info = fd.read()
        print(f"{info.name} number {times}, code {info.code!r}", flush=True)
print("bye")
