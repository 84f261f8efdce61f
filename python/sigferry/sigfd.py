"""signalfd(2): signals that are blocked, read from a descriptor."""
import os
from signal import SIG_UNBLOCK, SIG_BLOCK
from types import TracebackType
from typing import Iterator, List, Optional, Type

from . import _sigferry
from .info import SIZE, SigInfo
from .sets import Signals, SigSet, sigprocmask

SFD_CLOEXEC = _sigferry.SFD_CLOEXEC
SFD_NONBLOCK = _sigferry.SFD_NONBLOCK


def signalfd(mask: Signals, flags: int = SFD_CLOEXEC, fd: int = -1) -> int:
    """The system call: a new descriptor that gives the signals in `mask`, or `fd` with a new mask.

    The signals are to be blocked (sigprocmask, blocked), else they do what they do anyway.
    """
    return _sigferry.signalfd(fd, SigSet(mask).bits, flags)


class SignalFd:
    """A signalfd with its signals blocked. A context manager, an iterator, and good for select and selectors.

    >>> with SignalFd([SIGTERM, SIGHUP]) as fd:
    ...     for info in fd:
    ...         print(info.name, info.pid)

    The signals are blocked in the thread that makes it, from the beginning until close(), so make it in the main thread
    before there are others. A program that is started meanwhile inherits the mask (trap() does not have this effect).
    It sees what is sent to the process, and what is sent to the thread that reads.
    """

    def __init__(self, mask: Signals, flags: int = SFD_CLOEXEC, *, block: bool = True, comm: bool = False) -> None:
        """`block=False`: the caller sees to the mask. `comm`: look up the name of each sender."""
        self._fd = -1
        self._comm = comm
        self._block = block
        self._blocked = SigSet()
        self._mask = SigSet(mask)
        self._fd = signalfd(self._mask, flags)
        if block:
            self._blocked = self._mask - sigprocmask(SIG_BLOCK, self._mask)

    @property
    def mask(self) -> SigSet:
        """The signals that it gives. Assign to change them; the thread's mask follows."""
        return self._mask.copy()

    @mask.setter
    def mask(self, mask: Signals) -> None:
        new = SigSet(mask)
        if self._block:  # first block, then watch; and the other way round
            self._blocked |= new - sigprocmask(SIG_BLOCK, new)
        signalfd(new, 0, self.fileno())
        self._mask = new
        gone = self._blocked - new
        self._blocked -= gone
        sigprocmask(SIG_UNBLOCK, gone)

    def fileno(self) -> int:
        """The descriptor. ValueError when it is closed."""
        if self._fd < 0:
            raise ValueError("the SignalFd is closed")
        return self._fd

    @property
    def closed(self) -> bool:
        """True after close()."""
        return self._fd < 0

    def readable(self) -> bool:
        """True: as other file-like objects say it."""
        return True

    def read(self) -> Optional[SigInfo]:
        """The next signal. Waits for one; with SFD_NONBLOCK, None when there is none."""
        try:
            return SigInfo.from_bytes(os.read(self.fileno(), SIZE), self._comm)
        except BlockingIOError:
            return None

    def read_many(self, most: int = 64) -> List[SigInfo]:
        """All that have come, at most so many, in one system call. Waits for the first; with SFD_NONBLOCK, may be empty."""
        try:
            data = os.read(self.fileno(), most * SIZE)
        except BlockingIOError:
            return []
        return [SigInfo.from_bytes(data[at:at + SIZE], self._comm) for at in range(0, len(data), SIZE)]

    def __iter__(self) -> Iterator[SigInfo]:
        """Signal after signal; with SFD_NONBLOCK, until there is none."""
        while True:
            info = self.read()
            if info is None:
                return
            yield info

    def close(self) -> None:
        """Closes it and unblocks what it blocked: what has come and was not read is delivered now."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)
            sigprocmask(SIG_UNBLOCK, self._blocked)

    def __enter__(self) -> "SignalFd":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 where: Optional[TracebackType]) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<SignalFd {'closed' if self.closed else self._fd}: {self._mask!r}>"
