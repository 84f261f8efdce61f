"""trace() and findings(): of this process, of one that was killed, of what is not a ring. Run with trace = on."""
import os
import signal
import subprocess
import sys
import tempfile
import time
from signal import SIGHUP, SIGKILL, SIGUSR1, SIGUSR2

import sigferry


def refuses(where):
    try:
        list(sigferry.trace(where))
    except (sigferry.RingError, FileNotFoundError) as e:
        return str(e)
    raise AssertionError(f"{where}: no error")


if not sigferry.ferried():
    assert "trace = on" in refuses(os.getpid())
    print("ok")
    sys.exit()

signal.signal(SIGUSR1, lambda signo, frame: None)
for _ in range(20):
    os.kill(os.getpid(), SIGUSR1)
mine = [r for r in sigferry.trace() if r.signo == SIGUSR1]
begins = [r for r in mine if r.event == "begin"]
ends = [r for r in mine if r.event == "end"]
assert len(begins) == len(ends) == 20, (len(begins), len(ends))
for begin, end in zip(begins, ends):
    assert begin.number < end.number and begin.time_ns <= end.time_ns and begin.depth == end.depth
    assert begin.data["pid"] == os.getpid() and begin.data["uid"] == os.getuid() and begin.data["code"] == 0
    assert begin.data["handler"] == end.data["handler"] != 0 and begin.tid == os.getpid()
    assert abs(begin.time - time.time()) < 60
assert sigferry.findings() == []

# What it takes out itself, several at one read.
with sigferry.SignalFd([SIGUSR2, SIGHUP]) as fd:
    for signo in (SIGUSR2, SIGHUP, SIGUSR2):
        os.kill(os.getpid(), signo)
    assert [info.signo for info in fd.read_many()] == [SIGHUP, SIGUSR2]
    os.kill(os.getpid(), SIGHUP)
    assert signal.sigwait([SIGHUP]) == SIGHUP
    taken = [r for r in sigferry.trace() if r.event == "take"]
    assert [(r.signo, r.data["fd"]) for r in taken] == [(SIGHUP, fd.fileno()), (SIGUSR2, fd.fileno()), (SIGHUP, -1)]
    for r in taken:
        assert r.tid == r.data["pid"] == os.getpid() and r.data["uid"] == os.getuid() and 0 <= r.data["wait_ns"] < 60e9

# Another process: followed while it lives, and read to its last record although it is killed.
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.signal(1, lambda s, f: print('x', flush=True));\n"
                          "print('up', flush=True)\nwhile True: signal.pause()"], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
for _ in range(3):
    os.kill(child.pid, SIGHUP)
    child.stdout.readline()
seen = 0
for record in sigferry.trace(child.pid, follow=True):
    if record.event == "end" and record.signo == SIGHUP:
        seen += 1
        if seen == 3:
            os.kill(child.pid, SIGHUP)
        if seen == 4:
            os.kill(child.pid, SIGKILL)
            child.wait()
assert seen == 4
with sigferry.Ring(child.pid) as ring:
    assert ring.pid == child.pid and ring.comm and not ring.ended
    path = ring.path
    assert sum(r.event == "end" for r in ring.records()) == 4 and ring.lost == 0
    assert list(ring.records()) == []
    assert ring.findings() == []
with open(path, "rb") as f:
    good = f.read()

# Not a ring, a piece of one, another version.
with tempfile.TemporaryDirectory() as place:
    def written(data):
        with open(f"{place}/x.ring", "wb") as out:
            out.write(data)
        return f"{place}/x.ring"

    assert "too short" in refuses(written(b"")) and "too short" in refuses(written(good[:5000]))
    assert "not a ring" in refuses(written(b"x" + good[1:]))
    assert "has format 77" in refuses(written(good[:16] + b"\x4d\0\0\0" + good[20:]))
    assert "does not agree" in refuses(written(good[:-4096]))
    assert refuses("/nowhere/x.ring")
for left in path.parent.glob(f"{child.pid}-*.ring"):  # one more where it was forked before it became this program
    left.unlink()
assert "no ring" in refuses(child.pid)
print("ok")
