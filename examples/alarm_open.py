#!/usr/bin/python3
"""alarm_open.py FIFO [SECONDS]: opens a file that may never become ready, and gives up when SIGALRM comes.

After the example in the documentation of Python's module signal, where a handler raises an exception out of os.open().
Here nothing is raised from nowhere: the alarm is one of two things to wait for.
"""
import os
import select
import signal
import sys

import sigferry


def open_within(path, seconds):
    """The opened file, once somebody writes to it."""
    with sigferry.trap(signal.SIGALRM) as pipe:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            ready, _, _ = select.select([fd, pipe], [], [])
            if fd in ready:
                return os.fdopen(fd)
            os.close(fd)
            raise OSError(f"{pipe.read().name}: couldn't open {path}")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


try:
    with open_within(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 5) as f:
        print(f.read(), end="")
except OSError as e:
    sys.exit(f"alarm_open.py: {e}")
