"""asyncio: `async for info in sigferry.signals(SIGHUP, SIGTERM)`."""
import asyncio
import threading
from typing import Dict, List, Optional

from .info import SigInfo
from .pipe import Trap
from .sets import SigSet


def _here(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


class _Subscriber:
    """One iterator's side of the hub. The hub knows this and not the iterator, which may so go away by itself."""

    def __init__(self, loop: asyncio.AbstractEventLoop, wanted: SigSet) -> None:
        self.loop = loop
        self.wanted = wanted
        self.queue: "asyncio.Queue[Optional[SigInfo]]" = asyncio.Queue()

    def give(self, info: Optional[SigInfo]) -> None:
        if _here(self.loop):
            self.queue.put_nowait(info)
        elif not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.queue.put_nowait, info)


class _Hub:
    """Shares the one trap of the process among all iterators of all event loops. Whichever loop wakes first reads, and
    gives each signal to everybody who asked for it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.trap: Optional[Trap] = None
        self.all: List[_Subscriber] = []
        self.loops: Dict[asyncio.AbstractEventLoop, int] = {}

    def join(self, one: _Subscriber) -> None:
        with self.lock:
            self.forget_closed()
            if self.trap is None:
                self.trap = Trap()
            try:
                for signo in one.wanted - self.trap.signals:
                    self.trap.add(signo)
                self.all.append(one)
            finally:
                self.tidy()
            self.loops[one.loop] = self.loops.get(one.loop, 0) + 1
            if self.loops[one.loop] == 1:
                one.loop.add_reader(self.trap.fileno(), self.read)

    def leave(self, one: _Subscriber) -> None:
        with self.lock:
            if one not in self.all or self.trap is None:
                return
            self.read()  # what has come is given to those who asked while they did
            self.all.remove(one)
            self.loops[one.loop] -= 1
            if not self.loops[one.loop]:
                del self.loops[one.loop]
                if not one.loop.is_closed():
                    one.loop.remove_reader(self.trap.fileno())
            self.tidy()

    def forget_closed(self) -> None:
        """Iterators that are still there although asyncio.run() is over."""
        for one in [one for one in self.all if one.loop.is_closed()]:
            self.leave(one)

    def tidy(self) -> None:
        """Untraps what nobody wants any more."""
        assert self.trap is not None
        wanted = SigSet()
        for one in self.all:
            wanted |= one.wanted
        for signo in self.trap.signals - wanted:
            self.trap.discard(signo)
        if not self.all:
            self.trap.close()
            self.trap = None

    def read(self) -> None:
        with self.lock:
            if self.trap is None:
                return
            for info in self.trap:
                for one in self.all:
                    if info.signo in one.wanted:
                        one.give(info)


_hub = _Hub()


class signals:
    """An asynchronous iterator over signals as they come.

    >>> async for info in sigferry.signals(SIGHUP, SIGTERM):
    ...     if info.signo == SIGTERM:
    ...         break

    Made in a running event loop; the signals are trapped from then on (see trap()), and until it is closed: by aclose(), by
    the end of an `async with`, or when nothing refers to it any more. Any number of them, in one loop or several; a signal
    that two ask for is given to both. Names of senders are not looked up: the event loop does not wait for /proc.
    """

    def __init__(self, *signos: int) -> None:
        self._open = False
        self._mine = _Subscriber(asyncio.get_running_loop(), SigSet(signos))
        _hub.join(self._mine)
        self._open = True

    def __aiter__(self) -> "signals":
        return self

    async def __anext__(self) -> SigInfo:
        if not self._open and self._mine.queue.empty():
            raise StopAsyncIteration
        info = await self._mine.queue.get()
        if info is None:
            raise StopAsyncIteration
        return info

    def close(self) -> None:
        """Ends it: what has come can still be read, then the iteration is over. In the thread of its loop."""
        if self._open:
            self._open = False
            _hub.leave(self._mine)
            self._mine.give(None)

    async def aclose(self) -> None:
        """The same, for contextlib.aclosing and friends."""
        self.close()

    async def __aenter__(self) -> "signals":
        return self

    async def __aexit__(self, *unused: object) -> None:
        self.close()

    def __del__(self) -> None:
        if not getattr(self, "_open", False):
            return
        loop = self._mine.loop
        if _here(loop) or loop.is_closed():
            _hub.leave(self._mine)
        else:  # a loop is not to be touched from another thread
            loop.call_soon_threadsafe(_hub.leave, self._mine)
