from typing import Optional

EVENTS: str
FINDING_KINDS: str
FORMAT_VERSION: int
STATUS_SIZE: int
AT_VERSION: int
AT_SIZE: int
AT_PID: int
AT_BEGAN: int
AT_REALTIME: int
AT_RECORD_SIZE: int
AT_RECORDS: int
AT_ENDED: int
AT_COMM: int
AT_NEXT: int
AT_MODULE: int
MODULE_SIZE: int
MODULES: int
MODULE_AT_PATH: int
AT_FINDING: int
FINDING_SIZE: int
FINDINGS: int
FINDING_AT_CALLED: int
FINDING_AT_INSIDE: int
FINDING_AT_VALUE: int
FINDING_AT_HANDLER_STACK: int
FINDING_AT_INSIDE_STACK: int
PCS: int
PIPE_UNMASKED: int
SFD_CLOEXEC: int
SFD_NONBLOCK: int

def signalfd(fd: int, mask: int, flags: int) -> int: ...
def sigprocmask(how: int, mask: int) -> int: ...
def sigpending() -> int: ...
def pipe_init(flags: int) -> int: ...
def pipe_fd() -> int: ...
def pipe_trap(signo: int) -> int: ...
def pipe_untrap(signo: int) -> int: ...
def pipe_read() -> Optional[bytes]: ...
def pipe_finish() -> int: ...
def ferried() -> bool: ...
