"""The self-pipe of sigferry.h: trapped signals are read from a descriptor, and no Python code runs at a bad moment."""
import errno
import select
import signal
import threading
from types import TracebackType
from typing import Any, Dict, Iterator, Optional, Type

from . import _sigferry
from .info import SigInfo
from .sets import SigSet


def _python_default(signo: int) -> bool:
    """KeyboardInterrupt, and how asyncio.run() cancels its task: what Python does by default, and no handler that somebody
    asked for. (Under libsigferry.so handlers run although the signal is trapped.)"""
    if signo != signal.SIGINT:
        return False
    handler = signal.getsignal(signo)
    return handler is signal.default_int_handler or getattr(
        getattr(handler, "func", None), "__module__", None) == "asyncio.runners"


class Trap:
    """What trap() gives. One at a time in a process."""

    def __init__(self, *signals: int, masked: bool = False, comm: bool = False) -> None:
        self._comm = comm
        self._signals = SigSet()
        self._python: Dict[int, Any] = {}
        try:
            _sigferry.pipe_init(0 if masked else _sigferry.PIPE_UNMASKED)
        except OSError as e:
            if e.errno == errno.EBUSY:
                raise OSError(errno.EBUSY, "signals are trapped already in this process: one trap() or any number of "
                              "sigferry.signals(), not both") from None
            raise
        self._open = True
        try:
            for signo in signals:
                self.add(signo)
        except BaseException:
            self.close()
            raise

    def add(self, signo: int) -> None:
        """Traps one more signal. OSError if it cannot be trapped."""
        if _python_default(signo) and threading.current_thread() is threading.main_thread():
            self._python[signo] = signal.signal(signo, signal.SIG_DFL)
        _sigferry.pipe_trap(signo)
        self._signals.add(signo)

    def discard(self, signo: int) -> None:
        """Traps it no more: it does again what it did before. What has come and was not read does so now."""
        self._signals.discard(signo)
        handler = self._python.pop(signo, None)
        if handler is not None:
            signal.signal(signo, handler)
        _sigferry.pipe_untrap(signo)

    @property
    def signals(self) -> SigSet:
        """The trapped signals."""
        return self._signals.copy()

    def fileno(self) -> int:
        """The descriptor: readable while there is something to read. ValueError when closed."""
        if not self._open:
            raise ValueError("the trap is closed")
        return _sigferry.pipe_fd()

    def read(self) -> Optional[SigInfo]:
        """The next signal, or None: it never waits."""
        if not self._open:
            raise ValueError("the trap is closed")
        data = _sigferry.pipe_read()
        return None if data is None else SigInfo.from_bytes(data, self._comm)

    def wait(self, timeout: Optional[float] = None) -> Optional[SigInfo]:
        """The next signal. Waits for it, at most `timeout` seconds; None when none came."""
        poll = select.poll()
        poll.register(self.fileno(), select.POLLIN)
        info = self.read()
        while info is None and poll.poll(None if timeout is None else timeout * 1000):
            info = self.read()
        return info

    def __iter__(self) -> Iterator[SigInfo]:
        """What has come so far, without waiting."""
        while True:
            info = self.read()
            if info is None:
                return
            yield info

    @property
    def closed(self) -> bool:
        """True after close()."""
        return not self._open

    def close(self) -> None:
        """Dispositions and masks are as before; what was not read is delivered now."""
        if self._open:
            self._open = False
            for signo, handler in self._python.items():
                signal.signal(signo, handler)
            self._python.clear()
            _sigferry.pipe_finish()

    def __enter__(self) -> "Trap":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 where: Optional[TracebackType]) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Trap {self._signals!r}{'' if self._open else ' closed'}>"


def trap(*signals: int, masked: bool = False, comm: bool = False) -> Trap:
    """Has these signals go to a descriptor, whatever thread they are aimed at. A context manager.

    >>> with trap(SIGCHLD, SIGTERM) as pipe:
    ...     info = pipe.wait(5)

    No mask is changed, so programs that are started meanwhile are not affected. With `masked` the signals are blocked in
    the calling thread: they come in the order in which they were queued, and no call of other code returns EINTR.
    A handler that was set with signal.signal does not run meanwhile, except under `sigferry run`, where it does as well.
    `comm`: look up the name of each sender. In a forked child, the trap gives the child's own signals.
    """
    return Trap(*signals, masked=masked, comm=comm)


def ferried() -> bool:
    """Is libsigferry.so in this process (`sigferry run`)?"""
    return _sigferry.ferried()


__all__ = ["Trap", "ferried", "trap"]
