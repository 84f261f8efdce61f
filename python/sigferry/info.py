"""What is known about one signal that has come: its number, and everything the kernel tells about it."""
import enum
import struct
from dataclasses import dataclass
from signal import SIGRTMIN, Signals
from typing import Dict, List, Optional, Type, Union


class NumberedSignal(int):
    """The number of a signal that the module `signal` has no name for: SIGRTMIN+3 and the like."""

    @property
    def name(self) -> str:
        """The name, as kill(1) and sigferry(1) write it."""
        return f"SIGRTMIN+{int(self) - SIGRTMIN}" if self > SIGRTMIN else "SIGSTKFLT"

    @property
    def value(self) -> int:
        """The number."""
        return int(self)

    def __repr__(self) -> str:
        return f"<{self.name}: {int(self)}>"

    __str__ = __repr__


Signal = Union[Signals, NumberedSignal]


def as_signal(signo: int) -> Signal:
    """The signal of that number: a member of signal.Signals, or a NumberedSignal. ValueError if there is none."""
    try:
        return Signals(signo)
    except ValueError:
        if SIGRTMIN < signo <= 64 or signo == 16:  # (which has a name since Python 3.11)
            return NumberedSignal(signo)
        raise ValueError(f"{signo} is not the number of a signal") from None


class Code(enum.IntEnum):
    """Why it came, for any signal (si_code)."""

    SI_USER = 0
    SI_KERNEL = 0x80
    SI_QUEUE = -1
    SI_TIMER = -2
    SI_MESGQ = -3
    SI_ASYNCIO = -4
    SI_SIGIO = -5
    SI_TKILL = -6
    SI_ASYNCNL = -60


class ChildCode(enum.IntEnum):
    """Why SIGCHLD came."""

    CLD_EXITED = 1
    CLD_KILLED = 2
    CLD_DUMPED = 3
    CLD_TRAPPED = 4
    CLD_STOPPED = 5
    CLD_CONTINUED = 6


class PollCode(enum.IntEnum):
    """Why SIGIO came."""

    POLL_IN = 1
    POLL_OUT = 2
    POLL_MSG = 3
    POLL_ERR = 4
    POLL_PRI = 5
    POLL_HUP = 6


class SegvCode(enum.IntEnum):
    """Why SIGSEGV came."""

    SEGV_MAPERR = 1
    SEGV_ACCERR = 2
    SEGV_BNDERR = 3
    SEGV_PKUERR = 4


class BusCode(enum.IntEnum):
    """Why SIGBUS came."""

    BUS_ADRALN = 1
    BUS_ADRERR = 2
    BUS_OBJERR = 3
    BUS_MCEERR_AR = 4
    BUS_MCEERR_AO = 5


class FpeCode(enum.IntEnum):
    """Why SIGFPE came."""

    FPE_INTDIV = 1
    FPE_INTOVF = 2
    FPE_FLTDIV = 3
    FPE_FLTOVF = 4
    FPE_FLTUND = 5
    FPE_FLTRES = 6
    FPE_FLTINV = 7
    FPE_FLTSUB = 8


class IllCode(enum.IntEnum):
    """Why SIGILL came."""

    ILL_ILLOPC = 1
    ILL_ILLOPN = 2
    ILL_ILLADR = 3
    ILL_ILLTRP = 4
    ILL_PRVOPC = 5
    ILL_PRVREG = 6
    ILL_COPROC = 7
    ILL_BADSTK = 8


class TrapCode(enum.IntEnum):
    """Why SIGTRAP came."""

    TRAP_BRKPT = 1
    TRAP_TRACE = 2
    TRAP_BRANCH = 3
    TRAP_HWBKPT = 4


class SysCode(enum.IntEnum):
    """Why SIGSYS came."""

    SYS_SECCOMP = 1


_CODES: Dict[int, Type[enum.IntEnum]] = {
    Signals.SIGCHLD: ChildCode,
    Signals.SIGIO: PollCode,
    Signals.SIGSEGV: SegvCode,
    Signals.SIGBUS: BusCode,
    Signals.SIGFPE: FpeCode,
    Signals.SIGILL: IllCode,
    Signals.SIGTRAP: TrapCode,
    Signals.SIGSYS: SysCode,
}


def as_code(signo: int, code: int) -> int:
    """The si_code by name: a member of one of the enumerations above, or the bare number if it has no name."""
    kinds: List[Type[enum.IntEnum]] = [Code]
    if code > 0 and signo in _CODES:
        kinds.insert(0, _CODES[signo])
    for kind in kinds:
        try:
            return kind(code)
        except ValueError:
            pass
    return code


_FORMAT = struct.Struct("=IiiIIiIIIIiiQQQQHHiQI28x")
SIZE = _FORMAT.size  # 128, of a struct signalfd_siginfo


@dataclass(frozen=True)
class SigInfo:
    """One signal that has come: the fields of struct signalfd_siginfo (see signalfd(2)) without the prefix `ssi_`.

    Which of them say something depends on `signo` and `code`; the others are 0.
    """

    signo: Signal
    errno: int = 0
    code: int = 0  # by name where it has one: Code.SI_USER, ChildCode.CLD_EXITED, ...
    pid: int = 0  # of the sender; of the child, for SIGCHLD. 0: the kernel, or outside this pid namespace
    uid: int = 0
    fd: int = 0  # SIGIO
    tid: int = 0  # timers: the kernel's identifier of the timer
    band: int = 0  # SIGIO
    overrun: int = 0  # timers
    trapno: int = 0
    status: int = 0  # SIGCHLD: exit status, or the signal
    int_: int = 0  # sigqueue: the value (ssi_int; `int` is taken)
    ptr: int = 0  # the same value as a pointer
    utime: int = 0  # SIGCHLD, in clock ticks
    stime: int = 0
    addr: int = 0  # faults
    addr_lsb: int = 0
    syscall: int = 0  # SIGSYS
    call_addr: int = 0
    arch: int = 0
    comm: Optional[str] = None  # name of the sender's thread group, if it was asked for and the sender was still there

    @property
    def name(self) -> str:
        """The signal's name: "SIGTERM", "SIGRTMIN+3"."""
        return self.signo.name

    @classmethod
    def from_bytes(cls, data: bytes, comm: bool = False) -> "SigInfo":
        """From the bytes that a read of a signalfd gives. With `comm`, looks the sender's name up in /proc."""
        (signo, errno, code, pid, uid, fd, tid, band, overrun, trapno, status, int_, ptr, utime, stime, addr, addr_lsb, _,
         syscall, call_addr, arch) = _FORMAT.unpack(data)
        return cls(as_signal(signo), errno, as_code(signo, code), pid, uid, fd, tid, band, overrun, trapno, status, int_, ptr,
                   utime, stime, addr, addr_lsb, syscall, call_addr, arch, comm_of(pid) if comm and pid else None)


def comm_of(pid: int) -> Optional[str]:
    """The command name of a process, or None if it is gone (a sender often is, a moment later)."""
    try:
        with open(f"/proc/{pid}/comm", errors="backslashreplace") as f:
            return f.read().rstrip("\n")
    except OSError:
        return None
