"""Signals as something to read.

    with sigferry.trap(SIGTERM, SIGCHLD) as pipe: ...          a self-pipe that needs no handler
    async for info in sigferry.signals(SIGHUP, SIGTERM): ...   the same for asyncio
    with sigferry.SignalFd([SIGINT]) as fd: ...                signalfd(2) as it is
    with sigferry.blocked(SIGINT): ...                         masks and sets of signals
    for record in sigferry.trace(pid): ...                     what libsigferry.so recorded

Linux, CPython 3.9 and later; works with and without libsigferry.so. doc/python.md tells more.
"""
from .aio import signals
from .info import (BusCode, ChildCode, Code, FpeCode, IllCode, PollCode, NumberedSignal, SegvCode, SigInfo, Signal, SysCode,
                   TrapCode, as_signal, comm_of)
from .pipe import Trap, ferried, trap
from .ring import Finding, Record, Ring, RingError, findings, trace
from .sets import SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK, SigSet, blocked, pending, sigmask, sigprocmask
from .sigfd import SFD_CLOEXEC, SFD_NONBLOCK, SignalFd, signalfd

__all__ = [
    "BusCode", "ChildCode", "Code", "Finding", "FpeCode", "IllCode", "PollCode", "NumberedSignal", "Record", "Ring",
    "RingError", "SFD_CLOEXEC", "SFD_NONBLOCK", "SIG_BLOCK", "SIG_SETMASK", "SIG_UNBLOCK", "SegvCode", "SigInfo", "SigSet",
    "Signal", "SignalFd", "SysCode", "Trap", "TrapCode", "as_signal", "blocked", "comm_of", "ferried", "findings", "pending",
    "sigmask", "signalfd", "signals", "sigprocmask", "trace", "trap",
]
