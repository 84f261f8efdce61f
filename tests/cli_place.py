"""What the tests of the command share: a directory with the command and a stand-in for the library
(tests/cli/library.c) beside it, so that these tests are about the command alone. Every test runs twice: as built, and
built with sanitizers.
"""
import atexit
import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOBODY = 65534
LIMIT = 30
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def cc(out, source, *flags, code=None):
    """Compile a file of tests/cli, or the text `code`."""
    args = ["gcc", "-g", "-I", str(ROOT), "-D_GNU_SOURCE", *flags, "-o", str(out)]
    if code is None:
        subprocess.run([*args, str(ROOT / "tests/cli" / source)], check=True, timeout=60)
    else:
        subprocess.run([*args, "-x", "c", "-"], input=code, text=True, check=True, timeout=60)
    return str(out)


class Place:
    """A directory that every user may enter, with the command, its libraries and some programs."""

    def __init__(self, path, command, env):
        self.path, self.env = path, env
        shutil.copy(command, path / "sigferry")
        cc(path / "libsigferry.so", "library.c", "-shared", "-fPIC")
        shutil.copy(path / "libsigferry.so", path / "libsigferry-guard.so")
        self.command = str(path / "sigferry")
        self.main, self.guard = str(path / "libsigferry.so"), str(path / "libsigferry-guard.so")

    def __call__(self, *args, command=None, env=None, **kw):
        full = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "SIGFERRY_CONFIG": "/dev/null", **self.env,
                **(env or {})}
        full = {k: v for k, v in full.items() if v is not None}
        kw.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run([command or self.command, *map(str, args)], env=full, text=True, errors="replace",
                              capture_output=True, timeout=LIMIT, **kw)

    def refuses(self, status, said, *args, **kw):
        """The command exits so, with one line that says so, and nothing on standard output."""
        r = self(*args, **kw)
        assert (r.returncode, r.stdout) == (status, ""), r
        assert r.stderr.startswith("sigferry: ") and r.stderr.count("\n") == 1 and said in r.stderr, r.stderr

    def script(self, name, text, mode=0o755):
        path = self.path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return str(path)


@functools.cache
def place(kind):
    path = pathlib.Path(tempfile.mkdtemp(prefix="sigferry-cli-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    path.chmod(0o755)
    flags = ["SAN=-fsanitize=address,undefined -fno-sanitize-recover=all"] if kind == "sanitized" else []
    out = path / "build"
    subprocess.run(["make", "-s", "-j2", f"BUILD={out}", *flags, str(out / "sigferry")], cwd=ROOT, check=True, timeout=300)
    (path / "here").mkdir()
    # A sanitizer wants to be first in the list of libraries; one test gives the command itself an LD_PRELOAD.
    return Place(path / "here", out / "sigferry", {"ASAN_OPTIONS": "verify_asan_link_order=0"})


@pytest.fixture(params=["plain", "sanitized"])
def sf(request):
    return place(request.param)


@pytest.fixture
def copy(sf, tmp_path):
    """A second place, to spoil."""
    def make(name="copy"):
        path = tmp_path / name
        path.mkdir()
        for f in ["sigferry", "libsigferry.so", "libsigferry-guard.so"]:
            shutil.copy(sf.path / f, path)
        return path
    return make
