"""signalfd: the descriptor, the file-like object, every field, what it leaves behind."""
import ctypes
import fcntl
import os
import select
import signal
import socket
import struct
import sys
import threading
from dataclasses import fields
from signal import SIGALRM, SIGCHLD, SIGHUP, SIGIO, SIGRTMIN, SIGTERM, SIGUSR1, SIGUSR2

import sigferry
from sigferry import ChildCode, Code, PollCode, SigInfo, SignalFd

me = os.getpid()
libc = ctypes.CDLL(None, use_errno=True)
before = sigferry.sigmask()


def sigqueue(signo, value):
    assert libc.sigqueue(me, signo, ctypes.c_void_p(value)) == 0


# The call itself.
with sigferry.blocked(SIGUSR1):
    fd = sigferry.signalfd([SIGUSR1])
    assert not os.get_inheritable(fd)
    os.kill(me, SIGUSR1)
    info = SigInfo.from_bytes(os.read(fd, 128), comm=True)
    assert info.signo is SIGUSR1 and info.code is Code.SI_USER and info.pid == me and info.uid == os.getuid()
    assert info.name == "SIGUSR1" and info.comm == open("/proc/self/comm").read().strip()
    assert sigferry.signalfd({SIGUSR2}, 0, fd) == fd
    os.close(fd)
try:
    sigferry.signalfd([SIGUSR1], 0x1234567)
except OSError as e:
    assert e.errno == 22
else:
    raise AssertionError("no error")

# All that the kernel's structure has, by the same names.
wanted = """signo errno code pid uid fd tid band overrun trapno status int_ ptr utime stime addr addr_lsb syscall call_addr
arch comm""".split()
assert [f.name for f in fields(SigInfo)] == wanted

with SignalFd([SIGCHLD, SIGALRM, SIGIO, SIGTERM, SIGRTMIN + 2], sigferry.SFD_CLOEXEC | sigferry.SFD_NONBLOCK) as fd:
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    assert poll.poll(0) == [] and fd.read() is None and fd.read_many() == [] and list(fd) == [] and fd.readable()
    assert SIGTERM in fd.mask and sigferry.sigmask() == before | fd.mask

    child = os.fork()
    if child == 0:
        os._exit(7)
    assert poll.poll(8000)
    info = fd.read()
    assert (info.signo, info.code, info.pid, info.status) == (SIGCHLD, ChildCode.CLD_EXITED, child, 7)
    os.waitpid(child, 0)

    for value in (1, -2, 3):
        sigqueue(SIGRTMIN + 2, value)
    assert [(i.name, i.code, i.int_, i.pid) for i in fd.read_many()] == [
        ("SIGRTMIN+2", Code.SI_QUEUE, v, me) for v in (1, -2, 3)]
    sigqueue(SIGRTMIN + 2, 0x123456789abcdef0)
    info = fd.read()
    assert info.ptr == 0x123456789abcdef0 and info.int_ == 0x9abcdef0 - (1 << 32)

    signal.setitimer(signal.ITIMER_REAL, 0.001)
    assert poll.poll(8000) and fd.read().code is Code.SI_KERNEL

    # A timer: identifier and overrun.
    event = (ctypes.c_int * 16)()
    event[2], event[3] = SIGRTMIN + 2, 0  # sigev_signo, SIGEV_SIGNAL
    event[0] = 77
    timer = ctypes.c_void_p()
    assert libc.timer_create(1, event, ctypes.byref(timer)) == 0
    spec = struct.pack("qqqq", 0, 1000000, 0, 1000000)
    assert libc.timer_settime(timer, 0, spec, None) == 0
    threading.Event().wait(0.05)
    info = fd.read()
    assert info.code is Code.SI_TIMER and info.int_ == 77 and info.overrun > 5, info
    libc.timer_delete(timer)
    fd.read_many()

    # SIGIO with details.
    left, right = socket.socketpair()
    fcntl.fcntl(left, fcntl.F_SETOWN, me)
    fcntl.fcntl(left, 10, SIGRTMIN + 2)  # F_SETSIG
    fcntl.fcntl(left, fcntl.F_SETFL, os.O_ASYNC)
    right.send(b"x")
    assert poll.poll(8000)
    info = fd.read()
    assert info.fd == left.fileno() and info.code in (PollCode.POLL_IN, 1) and info.band & select.POLLIN, info
    left.close(), right.close()
    fd.read_many()

    fd.mask = [SIGTERM, SIGHUP]
    assert fd.mask == {SIGTERM, SIGHUP} and sigferry.sigmask() == before | {SIGTERM, SIGHUP}
    os.kill(me, SIGHUP)
    os.kill(me, SIGTERM)
    assert sorted(i.signo for i in fd) == [SIGHUP, SIGTERM]
    assert "SIGHUP, SIGTERM" in repr(fd) and not fd.closed
assert fd.closed and sigferry.sigmask() == before and "closed" in repr(fd)
for call in (fd.fileno, fd.read):
    try:
        call()
    except ValueError:
        pass
    else:
        raise AssertionError("no error")
fd.close()

# A blocking one, woken while it waits; what was blocked before stays so; not read: delivered at the end.
got = []
signal.signal(SIGUSR1, lambda signo, frame: got.append(signo))
with sigferry.blocked(SIGUSR2):
    with SignalFd([SIGUSR1, SIGUSR2]) as fd:
        threading.Timer(0.05, os.kill, (me, SIGUSR1)).start()
        assert next(iter(fd)).signo == SIGUSR1
        os.kill(me, SIGUSR1)
        assert got == []
    assert got == [SIGUSR1] and sigferry.sigmask() == before | {SIGUSR2}

# What is aimed at the reading thread.
with SignalFd([SIGTERM]) as fd:
    signal.pthread_kill(threading.get_ident(), SIGTERM)
    assert fd.read().code is Code.SI_TKILL
    signal.raise_signal(SIGTERM)
    assert fd.read().signo == SIGTERM
assert SignalFd([SIGTERM], block=False).mask == {SIGTERM} and sigferry.sigmask() == before
sys.stdout.write("ok\n")
