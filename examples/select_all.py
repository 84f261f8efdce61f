#!/usr/bin/python3
"""Prints every signal that comes, whatever it is, until RETURN is pressed: a select loop over a signalfd and the terminal."""
import os
import select
import sys

from sigferry import SigSet, SignalFd

with SignalFd(SigSet.full(), comm=True) as fd:
    print(f"Send signals to process {os.getpid()}, or press RETURN to end.", flush=True)
    while True:
        ready, _, _ = select.select([fd, sys.stdin], [], [])
        if fd in ready:
            info = fd.read()
            print(f"{info.name} from {info.comm or 'the kernel'}", flush=True)
        if sys.stdin in ready:
            break
print("all done")
