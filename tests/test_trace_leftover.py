"""What ended processes leave is bounded: the oldest go by themselves. What lives, has ended a moment ago, or is nobody's
ring stays."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

import harness
from trace_place import ended, needs_root, program, ready, sf, until  # noqa: F401

MANY = 256
# One start in sixteen looks, each into some only, and what it finds ended goes 128 starts later: some 130 more are usual. That
# 270 more come without a look: 0.9375 ** 270 = 3e-8.
SLACK = 400
RING = re.compile(r"([1-9]\d*)-([1-9]\d*)\.ring$")


@pytest.fixture
def rings(sf):
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="sigferry-test-") as runtime:
        sf.env["XDG_RUNTIME_DIR"] = runtime
        yield Path(runtime) / "sigferry"
        sf.end()


def brood(sf, count):
    """So many processes, which have all ended; their numbers."""
    p = sf.carried(program("brood"), count, settings="trace=on", stdout=subprocess.PIPE)
    pids = [int(line) for line in p.communicate(timeout=120)[0].split()]
    assert p.returncode == 0 and len(pids) == count
    return pids


def of(rings, pid):
    return [p for p in rings.iterdir() if RING.match(p.name) and p.name.startswith(f"{pid}-")]


def go(sf, rings, paths):
    """Processes come and end until these files are gone; those before are unharmed."""
    for _ in range(20):
        if not any(map(os.path.lexists, paths)):
            return
        brood(sf, 150)
    assert not [p.name for p in paths if os.path.lexists(p)]


def test_they_are_bounded_and_the_newest_stay(sf, rings):
    for _ in range(3):
        pids = brood(sf, 500)
        assert len(os.listdir(rings)) <= MANY + SLACK
        assert all(of(rings, pid) for pid in pids[-100:]), "the last hundred can still be read"
    newest = of(rings, pids[-1])[0]
    assert sf("trace", "--read", newest).returncode == 0


def test_few_stay_all(sf, rings):
    pids = brood(sf, 200)
    assert all(of(rings, pid) for pid in pids)


def test_live_ones_stay_and_so_for_a_while_when_they_have_ended(sf, rings):
    old = [ready(sf.carried(program("waits"), settings="trace=on", stdout=subprocess.PIPE)) for _ in range(6)]
    paths = [path for p in old for path in of(rings, p.pid)]
    assert len(paths) == 6
    brood(sf, 900)
    assert all(path.exists() for path in paths), "they live"
    for p in old:
        p.kill()
        p.wait()
    brood(sf, 110)
    assert all(path.exists() for path in paths), "they have ended just now, however old they are"
    go(sf, rings, paths)


@needs_root
def test_a_live_one_of_another_pid_namespace_stays(sf, rings):
    if subprocess.run(["unshare", "-rfp", "true"], capture_output=True).returncode:
        pytest.skip("no pid namespaces here")
    p = ready(sf.start("unshare", "-fp", "--kill-child", program("waits"), command=None, stdout=subprocess.PIPE,
                       env={"LD_PRELOAD": str(harness.LIBRARY), "SIGFERRY": "trace=on"}))
    inner = int(until(lambda: open(f"/proc/{p.pid}/task/{p.pid}/children").read(), "a child"))
    begun, path = sorted(of(rings, 1), key=lambda p: int(RING.match(p.name)[2]))  # by the number it has there: unshare, waits
    go(sf, rings, [begun])
    brood(sf, 600)
    assert path.exists()
    os.kill(inner, signal.SIGKILL)
    p.wait()
    go(sf, rings, [path])


def test_what_is_nobodys_ring_stays(sf, rings, tmp_path):
    """All as old as can be. What is a ring that nobody has mapped goes, whoever has got its number by now."""
    ring = of(rings, brood(sf, 1)[0])[0]
    outside = tmp_path / "outside"
    outside.write_text("")
    gone = [rings / f"{os.getpid()}-5.ring", rings / "4-5.ring", rings / "5-5.ring"]
    shutil.copy(ring, gone[0])
    shutil.copy(ring, gone[1])
    gone[2].write_bytes(b"")  # its maker was killed just there
    stays = [rings / name for name in ("notes", "6-5.ring~", "6-.ring", "-5.ring", "06-5.ring", "6-05.ring", "6-5ring", "6-5.rings",
                                       "6-5-5.ring", " 6-5.ring", "6-5.ring.ring", "x6-5.ring", "x" * 255)]
    for path in stays:
        shutil.copy(ring, path)
    stays += [rings / f"{i}-5.ring" for i in range(7, 13)]
    shutil.copy(ring, stays[-6])
    with open(stays[-6], "r+b") as f:
        f.seek(16)
        f.write((7).to_bytes(4, "little"))  # a version without the lock: its process may live
    stays[-5].symlink_to(outside)
    stays[-4].mkdir()
    os.mkfifo(stays[-3], 0o600)
    stays[-2].write_text("what somebody has noted\n")
    shutil.copy(ring, stays[-1])
    if os.geteuid() == 0:
        os.chown(stays[-1], 1, 1)
    else:
        stays.pop().unlink()
    go(sf, rings, gone)
    brood(sf, 300)
    assert [p.name for p in stays if not os.path.lexists(p)] == [] and outside.exists()


def test_a_directory_that_was_named_is_left_alone(sf, rings):
    """It is a command's: whose findings are to be read, and that removes all."""
    named = rings.parent / "named"
    named.mkdir(0o700)
    sf.env["SIGFERRY_RINGS"] = str(named)
    brood(sf, 600)
    assert len(os.listdir(named)) == 601


def test_findings_stay_longer(sf, rings):
    prog = harness.compile_program(harness.ROOT / "tests" / "check" / "unsafe-printf.c")
    assert sf("run", "--check", "--", prog).returncode == 0
    found, = rings.iterdir()
    brood(sf, 900)
    assert found.exists() and "calls printf" in sf("check", "--read", rings).stderr
    links = [rings / f"{i}-5.ring" for i in range(1, 701)]
    for path in links:
        os.link(found, path)
    until(lambda: brood(sf, 100) and len([p for p in links if p.exists()]) < 500, "too many are too many of them, too", 60)
