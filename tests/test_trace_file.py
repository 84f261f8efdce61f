"""The ring and its file, without the command: what is written there survives the process, each process has its own, and
where no file can be had the program does not notice."""
import json
import os
import stat
import subprocess
from contextlib import contextmanager

import pytest

import harness

HERE = harness.ROOT / "tests" / "trace"


@pytest.fixture(scope="module")
def programs():
    return (harness.compile_program(HERE / "raises.c"),
            harness.compile_program(HERE / "dump.c", flags=["-I", str(harness.ROOT)], deps=[harness.ROOT / "trace/format.h"]))


@pytest.fixture
def rings(tmp_path):
    path = tmp_path / "rings"
    path.mkdir(0o700)
    return path


def traced(program, *args, rings=None, mode=None, env=None, **kw):
    full = {"SIGFERRY_RINGS": str(rings)} if rings else {}
    return harness.run([program, *args], mode={"trace": "on", **(mode or {})}, env={**full, **(env or {})}, **kw)


def dump(program, directory):
    out = subprocess.run([program, *sorted(map(str, directory.iterdir()))], capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def test_every_process_has_its_own(library, programs, rings):
    program, reader = programs
    result = traced(program, 1000, rings=rings)
    assert (result.status, result.stdout) == (-9, "1000\n"), result
    files = sorted(dump(reader, rings), key=lambda r: -r["begins"])
    assert [(f["begins"], f["ends"], f["replayed"], f["usr1"], f["run"]) for f in files] == \
        [(1000, 1000, 1000, 1000, 1000), (1, 1, 1, 1, 1)]
    assert all(f["whole"] == f["next"] and f["dropped"] == f["wrong"] == 0 and f["handlers"] == 1 for f in files)
    assert {f["comm"] for f in files} == {"raises"} and files[0]["pid"] != files[1]["pid"]
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in rings.iterdir())


def test_overwritten_records_are_counted(library, programs, rings):
    program, reader = programs
    result = traced(program, 5000, rings=rings, mode={"records": "1024"})
    assert result.stdout == "5000\n", result
    big = max(dump(reader, rings), key=lambda r: r["next"])
    assert big["next"] >= 10000 and big["whole"] == big["records"] == 1024 and big["wrong"] == big["dropped"] == 0
    assert big["first"] == big["next"] - 1024, "the newest are there, and no other"
    assert big["usr1"] == big["run"] == 5000, "counters and histograms lose nothing"


def test_a_quiet_program_has_none(library, rings):
    result = traced("/bin/true", rings=rings, mode={"trace": "off"})
    assert result.status == 0 and not list(rings.iterdir())


@contextmanager
def small_disk(path):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80k,mode=0700", "none", path], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", path], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount")
def test_a_full_disk_does_no_harm(library, programs, rings):
    with small_disk(rings):
        result = traced(programs[0], 3000, rings=rings)
        assert result.stdout == "3000\n", result
        assert list(rings.iterdir()) == [], "nothing is left behind where nothing fits"
        (rings / "filler").write_bytes(b"x" * 4096)
        assert traced(programs[0], 10, rings=rings).stdout == "10\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount")
def test_a_disk_that_fills_up(library, programs, rings):
    """Room for the beginning, none for the whole ring: records are dropped and counted, and the program lives."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k,mode=0700", "none", rings], check=True)
    try:
        result = traced(programs[0], 5000, rings=rings)
        assert result.stdout == "5000\n", result
        big = max(dump(programs[1], rings), key=lambda r: r["next"])
        assert 0 < big["dropped"] and big["whole"] + big["dropped"] == big["next"] and big["replayed"] == 5000
    finally:
        subprocess.run(["umount", rings], check=True)


def test_unsound_directories_are_refused(library, programs, tmp_path):
    program = programs[0]
    target = tmp_path / "target"
    target.mkdir(0o700)
    link = tmp_path / "link"
    link.symlink_to(target)
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    plain = tmp_path / "plain"
    plain.write_text("")
    for bad in (link, shared, plain, tmp_path / "none"):
        result = traced(program, 3, rings=bad)
        assert (result.status, result.stdout) == (-9, "3\n"), (bad, result)
    assert not list(target.iterdir()) and not list(shared.iterdir())


def test_the_usual_directory(library, programs, tmp_path):
    runtime = tmp_path / "runtime"
    runtime.mkdir(0o700)
    assert traced(programs[0], 1, env={"XDG_RUNTIME_DIR": str(runtime), "SIGFERRY_RINGS": ""}).stdout == "1\n"
    assert len(list((runtime / "sigferry").iterdir())) == 2
    assert stat.S_IMODE((runtime / "sigferry").stat().st_mode) == 0o700
