"""Sets of signals, and the mask of a thread."""
import contextlib
from signal import SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK
from typing import Any, Iterable, Iterator, MutableSet, Union

from . import _sigferry
from .info import Signal, as_signal

_ALL = (1 << 64) - 1 & ~(0b11 << 31)  # without 32 and 33, which are libc's

Signals = Union["SigSet", Iterable[int], int]


class SigSet(MutableSet[Signal]):
    """A set of signals, with everything that sets can do: `in`, |, &, -, ^, <=, add, discard, ... and ~ for the complement.

    >>> (SigSet([SIGTERM, SIGHUP]) | SigSet([SIGINT])) - {SIGHUP}
    SigSet({SIGINT, SIGTERM})
    """

    __slots__ = ("_bits",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, signals: Signals = ()) -> None:
        """An empty set, or one of these signals (one number will do)."""
        self._bits = 0
        if isinstance(signals, SigSet):
            self._bits = signals._bits
        else:
            for signo in (signals,) if isinstance(signals, int) else signals:
                self.add(signo)

    @classmethod
    def full(cls) -> "SigSet":
        """All signals (sigfillset)."""
        return cls.from_bits(_ALL)

    @classmethod
    def from_bits(cls, bits: int) -> "SigSet":
        """From a number as /proc/PID/status shows it: bit signo-1."""
        made = cls()
        made._bits = bits & _ALL
        return made

    @property
    def bits(self) -> int:
        """The number, bit signo-1."""
        return self._bits

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> "SigSet":
        return cls(it)

    # Beside what MutableSet makes of the rest: these know that a SigSet comes out.

    def __or__(self, other: Iterable[int]) -> "SigSet":  # type: ignore[override]
        return self.from_bits(self._bits | SigSet(other)._bits)

    def __and__(self, other: Iterable[int]) -> "SigSet":
        return self.from_bits(self._bits & SigSet(other)._bits)

    def __sub__(self, other: Iterable[int]) -> "SigSet":
        return self.from_bits(self._bits & ~SigSet(other)._bits)

    def __xor__(self, other: Iterable[int]) -> "SigSet":  # type: ignore[override]
        return self.from_bits(self._bits ^ SigSet(other)._bits)

    __ror__ = __or__
    __rand__ = __and__
    __rxor__ = __xor__

    def __contains__(self, signo: object) -> bool:
        return isinstance(signo, int) and 1 <= signo <= 64 and bool(self._bits >> (signo - 1) & 1)

    def __iter__(self) -> Iterator[Signal]:
        for signo in range(1, 65):
            if self._bits >> (signo - 1) & 1:
                yield as_signal(signo)

    def __len__(self) -> int:
        return bin(self._bits).count("1")

    def add(self, value: int) -> None:
        """Puts one signal in. ValueError if there is no such signal."""
        self._bits |= 1 << (as_signal(value) - 1)

    def discard(self, value: int) -> None:
        """Takes one signal out, if it is in."""
        if value in self:
            self._bits &= ~(1 << (value - 1))

    def copy(self) -> "SigSet":
        """Another set of the same signals."""
        return self.from_bits(self._bits)

    def __invert__(self) -> "SigSet":
        return self.from_bits(~self._bits)

    def __repr__(self) -> str:
        return "SigSet({%s})" % ", ".join(s.name for s in self) if self else "SigSet()"


def sigprocmask(how: int, signals: Signals = ()) -> SigSet:
    """Changes the mask of the calling thread (SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK); returns what it was before.

    Handlers of signals that are unblocked by it run before it returns.
    """
    return SigSet.from_bits(_sigferry.sigprocmask(how, SigSet(signals).bits))


def sigmask() -> SigSet:
    """The mask of the calling thread."""
    return sigprocmask(SIG_BLOCK)


def pending() -> SigSet:
    """The blocked signals that have come and wait for the calling thread."""
    return SigSet.from_bits(_sigferry.sigpending())


@contextlib.contextmanager
def blocked(*signals: int) -> Iterator[SigSet]:
    """With these signals blocked in the calling thread; afterwards those of them that were not are let in again.

    Without arguments: all signals. Gives the mask that was before. Masks belong to threads: leave the block in the
    thread that entered it.
    """
    wanted = SigSet(signals) if signals else SigSet.full()
    before = sigprocmask(SIG_BLOCK, wanted)
    try:
        yield before
    finally:
        sigprocmask(SIG_UNBLOCK, wanted - before)


__all__ = ["SIG_BLOCK", "SIG_SETMASK", "SIG_UNBLOCK", "SigSet", "blocked", "pending", "sigmask", "sigprocmask"]
