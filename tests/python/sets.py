"""Sets of signals behave as sets; masks of the thread."""
import os
import signal
from signal import SIGHUP, SIGINT, SIGRTMIN, SIGTERM, SIGUSR1

import sigferry
from sigferry import SigSet

a, b = SigSet([SIGTERM, SIGHUP]), SigSet({SIGHUP, SIGINT})
assert a | b == {SIGTERM, SIGHUP, SIGINT} and a & b == {SIGHUP} and a - b == {SIGTERM} and a ^ b == {SIGTERM, SIGINT}
assert {SIGHUP} < a <= a and not a <= b and a.isdisjoint({SIGINT}) and a != b
assert SIGTERM in a and SIGINT not in a and "SIGTERM" not in a and len(a) == 2
assert list(a) == [SIGHUP, SIGTERM] and list(SigSet(SIGRTMIN + 3))[0].name == "SIGRTMIN+3"
assert repr(a) == "SigSet({SIGHUP, SIGTERM})" and repr(SigSet()) == "SigSet()"
c = a.copy()
c.add(SIGUSR1)
c.discard(SIGINT)
c.remove(SIGHUP)
c |= {SIGINT}
assert c == {SIGINT, SIGTERM, SIGUSR1} and a == {SIGTERM, SIGHUP} and c.pop() in {SIGINT, SIGTERM, SIGUSR1}
assert ~SigSet() == SigSet.full() and ~SigSet.full() == SigSet() and SIGTERM not in ~a and len(SigSet.full()) == 62
assert SigSet.from_bits(a.bits) == a and SigSet.from_bits(0x4001).bits == 0x4001 == a.bits
for bad in (0, 65, -1, 32, 33):
    for call in (lambda: SigSet([bad]), lambda: a.add(bad), lambda: sigferry.as_signal(bad)):
        try:
            call()
        except ValueError:
            pass
        else:
            raise AssertionError(bad)
assert sigferry.as_signal(15) is signal.SIGTERM and sigferry.as_signal(SIGRTMIN + 1).value == SIGRTMIN + 1

got = []
signal.signal(SIGUSR1, lambda signo, frame: got.append(signo))
before = sigferry.sigmask()
with sigferry.blocked(SIGUSR1) as old:
    assert old == before and sigferry.sigmask() == before | {SIGUSR1}
    os.kill(os.getpid(), SIGUSR1)
    assert sigferry.pending() == {SIGUSR1} and got == []
    with sigferry.blocked(SIGUSR1, SIGHUP):  # nested: the inner one does not let the outer one's in
        pass
    assert sigferry.sigmask() == before | {SIGUSR1} and got == []
assert got == [SIGUSR1] and sigferry.sigmask() == before and not sigferry.pending()
with sigferry.blocked():
    assert sigferry.sigmask() >= {SIGINT, SIGTERM, SIGRTMIN}
try:
    with sigferry.blocked(SIGHUP):
        raise KeyError
except KeyError:
    assert sigferry.sigmask() == before
assert sigferry.sigprocmask(sigferry.SIG_BLOCK, [SIGHUP]) == before
assert sigferry.sigprocmask(sigferry.SIG_SETMASK, before) == before | {SIGHUP}
try:
    sigferry.sigprocmask(99, [SIGHUP])
except OSError as e:
    assert e.errno == 22
else:
    raise AssertionError("no error")
print("ok")
