"""Reads what libsigferry.so has recorded about a process: its ring, in a file of its own (`trace = on`, see
sigferry.conf(5)). The process may be alive or have ended, by whatever death."""
import mmap
import os
import struct
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple, Union

from . import _sigferry
from .info import Signal, as_signal

Where = Union[int, str, "os.PathLike[str]", None]

_RECORD = struct.Struct("=QQiBBBB40s")
_PAYLOADS: Dict[str, Tuple[struct.Struct, Tuple[str, ...]]] = {
    "signal": (struct.Struct("=iIiiQQQ"), ("pid", "uid", "code", "errno", "value", "handler", "wait_ns")),
    "done": (struct.Struct("=QQiiiiQ"), ("handler", "run_ns", "errno", "errno_after", "call", "result", "pc")),
    "wait": (struct.Struct("=IIQQ16x"), ("why", "family", "since_ns", "mask")),
    "action": (struct.Struct("=QQQIIQ"), ("handler", "old_handler", "mask", "flags", "old_flags", "caller")),
    "mask": (struct.Struct("=QQQ16x"), ("mask", "old_mask", "caller")),
    "send": (struct.Struct("=iiiiQQQ"), ("pid", "tid", "result", "spare", "value", "caller", "period_ns")),
    "process": (struct.Struct("=iiQ24x"), ("pid", "status", "caller")),
    "merged": (struct.Struct("=iIiIQ16x"), ("pid", "uid", "code", "count", "value")),
    "taken": (struct.Struct("=iIiiQQQ"), ("pid", "uid", "code", "fd", "value", "spare", "wait_ns")),
    "wakeup": (struct.Struct("=iiQ24x"), ("fd", "reader", "wait_ns")),
}
_EVENTS = [tuple(pair.split(":")) for pair in _sigferry.EVENTS.split()]
EVENTS = [name for name, _ in _EVENTS]  # the names that Record.event can have, by number


class RingError(Exception):
    """There is no ring, or it cannot be read; the text says why and what to do."""


@dataclass(frozen=True)
class Record:
    """One thing that happened, in the order of Record.number."""

    number: int
    time_ns: int  # CLOCK_MONOTONIC
    time: float  # seconds since 1970
    tid: int  # the thread concerned; 0: none, or none yet
    event: str  # "arrive", "begin", "end", ...
    signo: Optional[Signal]
    at: int
    depth: int  # handlers that run on that thread, this one included
    data: Dict[str, Union[int, str]] = field(default_factory=dict)  # what belongs to this kind of event


@dataclass(frozen=True)
class Finding:
    """One defect that `sigferry check` has seen, and how often."""

    kind: str
    signo: Optional[Signal]
    verdict: str  # "native": it happened; "averted": it would have, natively; "potential": it may
    count: int
    first_ns: int  # CLOCK_MONOTONIC
    last_ns: int
    tid: int
    fd: Optional[int]
    handler: int
    called: str  # function that the handler called
    inside: str  # function that the signal interrupted
    values: Tuple[int, ...]
    handler_stack: Tuple[int, ...]  # addresses, innermost first
    inside_stack: Tuple[int, ...]


_FINDING = struct.Struct("=IHBBiiQQQQ")  # as far as `handler`
_KINDS = _sigferry.FINDING_KINDS.split()
_VERDICTS = ("none", "native", "averted", "potential")


def directories() -> List[Path]:
    """Where rings of this user may be."""
    named = os.environ.get("SIGFERRY_RINGS")
    if named:
        return [Path(named)]
    found = [Path(os.environ["XDG_RUNTIME_DIR"]) / "sigferry"] if os.environ.get("XDG_RUNTIME_DIR") else []
    return [*found, Path(f"/dev/shm/sigferry-{os.geteuid()}")]


def find(pid: int) -> Path:
    """The newest ring of a process: a process that became another program has left one for each."""
    found = [path for place in directories() for path in place.glob(f"{pid}-*.ring")]
    if not found:
        raise RingError(f"process {pid} has no ring in {' or '.join(map(str, directories()))}; start it with trace = on")
    return max(found, key=lambda path: int(path.stem.split("-")[1]))


class Ring:
    """One ring. `where`: a process id, the path of a ring, or None for this process itself."""

    def __init__(self, where: Where = None) -> None:
        self.path = find(where or os.getpid()) if where is None or isinstance(where, int) else Path(where)
        with open(self.path, "rb") as f:
            size = os.fstat(f.fileno()).st_size
            if size < _sigferry.STATUS_SIZE:
                raise RingError(f"{self.path}: too short for a ring")
            self._map = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
        if self._map[:16] != b"sigferry status\0":
            raise RingError(f"{self.path}: not a ring of sigferry")
        version = self._u32(_sigferry.AT_VERSION)
        if version != _sigferry.FORMAT_VERSION or self._u32(_sigferry.AT_SIZE) != _sigferry.STATUS_SIZE:
            raise RingError(f"{self.path}: has format {version}, this package reads {_sigferry.FORMAT_VERSION}; use the package "
                            "that belongs to the library that wrote it")
        self.pid: int = struct.unpack_from("=i", self._map, _sigferry.AT_PID)[0]
        self.comm = self._text(_sigferry.AT_COMM, 16)
        self.lost = 0  # records that were overwritten, or not written, before we read them
        self._realtime: int = struct.unpack_from("=q", self._map, _sigferry.AT_REALTIME)[0]
        self._places = self._u32(_sigferry.AT_RECORDS)
        room = (size - _sigferry.STATUS_SIZE) // _RECORD.size
        if not 0 < self._places <= room or self._u32(_sigferry.AT_RECORD_SIZE) != _RECORD.size:
            raise RingError(f"{self.path}: its head does not agree with its size")
        self._next = 0

    def _u32(self, at: int) -> int:
        value: int = struct.unpack_from("=I", self._map, at)[0]
        return value

    def _u64(self, at: int) -> int:
        value: int = struct.unpack_from("=Q", self._map, at)[0]
        return value

    def _text(self, at: int, size: int) -> str:
        return self._map[at:at + size].split(b"\0")[0].decode(errors="backslashreplace")

    @property
    def ended(self) -> bool:
        """True when the program has said that it ends (not after a kill)."""
        return bool(self._u32(_sigferry.AT_ENDED))

    def _record(self, number: int) -> Optional[Record]:
        at = _sigferry.STATUS_SIZE + number % self._places * _RECORD.size
        raw = self._map[at:at + _RECORD.size]
        seq, time_ns, tid, event, signo, where, depth, payload = _RECORD.unpack(raw)
        if seq != 2 * number + 2 or self._u64(at) != seq or event >= len(_EVENTS):
            return None
        name, kind = _EVENTS[event]
        data: Dict[str, Union[int, str]] = {}
        if kind == "text":
            pid, piece = struct.unpack_from("=iI", payload)
            data = {"pid": pid, "piece": piece, "text": payload[8:].split(b"\0")[0].decode(errors="backslashreplace")}
        elif kind in _PAYLOADS:
            layout, names = _PAYLOADS[kind]
            data = dict(zip(names, layout.unpack(payload)))
            data.pop("spare", None)
        return Record(number, time_ns, (time_ns + self._realtime) / 1e9, tid, name, as_signal(signo) if signo else None, where,
                      depth, data)

    def records(self) -> Iterator[Record]:
        """What has been recorded and was not yet read; `lost` is counted up for what was overwritten."""
        end = self._u64(_sigferry.AT_NEXT)
        if self._next < end - self._places:
            self.lost += end - self._places - self._next
            self._next = end - self._places
        while self._next < end:
            record = self._record(self._next)
            self._next += 1
            if record is None:
                self.lost += 1  # being written this very moment, overwritten, or given up
            else:
                yield record

    def findings(self) -> List[Finding]:
        """What `sigferry check` has found so far."""
        found = []
        for i in range(_sigferry.FINDINGS):
            at = _sigferry.AT_FINDING + i * _sigferry.FINDING_SIZE
            state, kind, signo, verdict, tid, fd, count, first, last, handler = _FINDING.unpack_from(
                self._map, at)
            if state != 2 or not count:  # 0: it was taken back
                continue
            stacks = []
            for begin in (_sigferry.FINDING_AT_HANDLER_STACK, _sigferry.FINDING_AT_INSIDE_STACK):
                pcs = struct.unpack_from(f"={_sigferry.PCS}Q", self._map, at + begin)
                stacks.append(tuple(pc for pc in pcs if pc))
            found.append(Finding(
                _KINDS[kind] if kind < len(_KINDS) else str(kind), as_signal(signo) if signo else None,
                _VERDICTS[verdict] if verdict < len(_VERDICTS) else str(verdict), count, first, last, tid,
                None if fd < 0 else fd, handler, self._text(at + _sigferry.FINDING_AT_CALLED, 48),
                self._text(at + _sigferry.FINDING_AT_INSIDE, 48),
                struct.unpack_from("=4Q", self._map, at + _sigferry.FINDING_AT_VALUE), stacks[0], stacks[1]))
        return found

    def close(self) -> None:
        """Gives the memory back."""
        self._map.close()

    def __enter__(self) -> "Ring":
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()


def trace(where: Where = None, follow: bool = False) -> Iterator[Record]:
    """What libsigferry.so recorded about a process, oldest first (see Ring).

    With `follow`, goes on as long as the process lives, and looks for more every 20 ms.
    """
    with Ring(where) as ring:
        while True:
            over = ring.ended or not os.path.exists(f"/proc/{ring.pid}")  # first: what it still wrote is read below
            yield from ring.records()
            if not follow or over:
                return
            time.sleep(0.02)


def findings(where: Where = None) -> List[Finding]:
    """What `sigferry check` found in a process (see Ring)."""
    with Ring(where) as ring:
        return ring.findings()
