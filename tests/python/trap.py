"""trap(): the self-pipe, in threads, after fork, with programs started meanwhile, and what it leaves behind."""
import ctypes
import os
import select
import signal
import subprocess
import sys
import threading
from signal import SIGCHLD, SIGHUP, SIGINT, SIGKILL, SIGRTMIN, SIGTERM, SIGUSR1

import sigferry
from sigferry import Code

me = os.getpid()
libc = ctypes.CDLL(None)
before = sigferry.sigmask()


def raises(kind, call, *args):
    try:
        call(*args)
    except kind as e:
        return e
    raise AssertionError(f"no {kind.__name__}")


def threads(pipe, early):
    """Aimed at a thread that was there before, at one made since, at this one; and read by another."""
    stop = threading.Event()
    late = threading.Thread(target=stop.wait, daemon=True)
    late.start()
    for thread in (early, late, threading.main_thread()):
        signal.pthread_kill(thread.ident, SIGUSR1)
        info = pipe.wait(8)
        assert info and info.signo == SIGUSR1 and info.code is Code.SI_TKILL and info.pid == me, (thread, info)
    found = []
    reader = threading.Thread(target=lambda: found.append(pipe.wait(8)))
    reader.start()
    signal.raise_signal(SIGUSR1)
    reader.join()
    assert found[0].signo == SIGUSR1
    stop.set()
    late.join()


stop = threading.Event()
early = threading.Thread(target=stop.wait, daemon=True)
early.start()
with sigferry.trap(SIGTERM, SIGUSR1, SIGCHLD, SIGRTMIN + 1, comm=True) as pipe:
    assert pipe.signals == {SIGTERM, SIGUSR1, SIGCHLD, SIGRTMIN + 1} and not pipe.closed and not os.get_inheritable(pipe.fileno())
    assert sigferry.sigmask() == before and pipe.read() is None and pipe.wait(0) is None and list(pipe) == []
    os.kill(me, SIGTERM)
    info = pipe.wait(8)
    assert info.signo is SIGTERM and info.pid == me and info.comm
    for value in range(500):
        assert libc.sigqueue(me, SIGRTMIN + 1, ctypes.c_void_p(value)) == 0
    assert [i.int_ for i in pipe] == list(range(500))
    threads(pipe, early)

    # In a program that is started: nothing blocked, nothing ignored on our account.
    said = subprocess.run(["/bin/cat", "/proc/self/status"], capture_output=True, text=True, check=True).stdout
    assert "SigBlk:\t0000000000000000" in said, said
    info = pipe.wait(8)
    assert info.signo == SIGCHLD and info.status == 0 and pipe.read() is None

    # After fork: each its own.
    os.kill(me, SIGUSR1)
    child = os.fork()
    if child == 0:
        assert pipe.read() is None
        os.kill(os.getppid(), SIGTERM)
        info = pipe.wait(8)
        os._exit(0 if info and info.signo == SIGUSR1 and info.pid == me else 1)
    assert {pipe.wait(8).signo, pipe.wait(8).signo} == {SIGUSR1, SIGTERM}
    os.kill(child, SIGUSR1)
    assert os.waitpid(child, 0)[1] == 0
    assert pipe.wait(8).signo == SIGCHLD

    assert "already" in str(raises(OSError, sigferry.trap, SIGHUP))
    assert raises(OSError, pipe.add, SIGKILL).errno == 22
    raises(OSError, pipe.add, 99)
    pipe.discard(SIGUSR1)
    pipe.discard(SIGUSR1)
    assert SIGUSR1 not in pipe.signals and "SIGTERM" in repr(pipe)
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    assert poll.poll(0) == []
    signal.raise_signal(SIGTERM)
    assert poll.poll(0)
    assert [i.signo for i in pipe] == [SIGTERM]
assert pipe.closed and "closed" in repr(pipe)
raises(ValueError, pipe.fileno)
raises(ValueError, pipe.read)
pipe.close()
stop.set()

# Python's own SIGINT is trapped like any other, and is KeyboardInterrupt again afterwards.
with sigferry.trap(SIGINT) as pipe:
    signal.raise_signal(SIGINT)
    assert pipe.wait(8).signo == SIGINT
raises(KeyboardInterrupt, signal.raise_signal, SIGINT)

# A handler of the program: under libsigferry.so it runs as well, natively not before the end.
got = []
signal.signal(SIGHUP, lambda signo, frame: got.append(signo))
with sigferry.trap(SIGHUP) as pipe:
    os.kill(me, SIGHUP)
    assert pipe.wait(8).signo == SIGHUP
    assert got == ([SIGHUP] if sigferry.ferried() else [])
    os.kill(me, SIGHUP)
    select.select([], [], [], 0.01)
assert got == ([SIGHUP, SIGHUP] if sigferry.ferried() else [SIGHUP])
os.kill(me, SIGHUP)
assert len(got) == (3 if sigferry.ferried() else 2)

with sigferry.trap(SIGTERM, masked=True) as pipe:
    assert sigferry.sigmask() == before | {SIGTERM}
    os.kill(me, SIGTERM)
    assert pipe.read().signo == SIGTERM
assert sigferry.sigmask() == before
assert sigferry.ferried() == ("libsigferry.so" in os.environ.get("LD_PRELOAD", ""))
sys.stdout.write("ok\n")
