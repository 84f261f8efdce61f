"""libsigferry-client: every program of tests/client natively and under the library, linked to the shared library and to
the archive. A program says "ok" at its end, and FAIL with the line where something was not as sigferry.h says."""
import re
import subprocess
from pathlib import Path

import pytest

import harness

HERE = Path(__file__).parent / "client"
HEADER = harness.ROOT / "include" / "sigferry.h"
MODES = {"native": None, "default": {}, "signalfd": {"route": "signalfd"}, "direct": {"route": "direct"},
         "safe-point": {"replay": "safe-point"}, "helper": {"replay": "helper"}, "now": {"replay": "now"}}
PROGRAMS = sorted(p.stem for p in HERE.glob("*.c") if p.stem != "sender")
UNMASKED = ["fork", "order", "returned", "threads"]
# What a handler takes under the library comes in the order in which the engine calls handlers: tests/corner/27-*.
NATIVE_ONLY = {("order", "unmasked")}
OTHER_THREAD = {("senders", "helper")}  # which asks who runs the handler
CASES = [(name, "") for name in PROGRAMS] + [(name, "unmasked") for name in UNMASKED]


def compiled(name, archive=False):
    include = f"-I{harness.ROOT}/include"
    if archive:
        flags = [include, "-Wl,--whole-archive", harness.BUILD / "libsigferry-client.a", "-Wl,--no-whole-archive"]
        library = harness.BUILD / "libsigferry-client.a"
    else:
        library = harness.BUILD / "libsigferry-client.so"
        flags = [include, "-Wl,--no-as-needed", library, f"-Wl,-rpath,{harness.BUILD}"]
    common = HERE.parent / "corner" / "common.h"
    return harness.compile_program(HERE / f"{name}.c", flags=map(str, flags), name=name + ("-static" if archive else ""),
                                   deps=[library, HEADER, common])


def check(program, mode, argument=""):
    got = harness.run([program] + ([argument] if argument else []), mode=mode, timeout=40)
    ended_well = got.status == 0 and not got.timed_out and got.stdout.splitlines()[-1:] == ["ok"]
    if not ended_well or "FAIL" in got.stdout or got.leftovers:
        pytest.fail(f"{got}\n{got.leftovers} processes left behind", pytrace=False)
    return got


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name,argument", CASES, ids=["-".join(filter(None, c)) for c in CASES])
def test_program(library, name, argument, mode, repeat):
    if mode != "native" and (name, argument) in NATIVE_ONLY:
        pytest.skip("natively only")
    if (name, mode) in OTHER_THREAD:
        pytest.skip("handlers run on the runner there")
    for _ in range(repeat):
        check(compiled(name), MODES[mode], argument)


@pytest.mark.parametrize("name", ["basic", "threads", "fork", "both"])
@pytest.mark.parametrize("mode", ["native", "default"])
def test_archive(library, name, mode):
    check(compiled(name, archive=True), MODES[mode])


@pytest.mark.parametrize("name", ["basic", "threads", "fork", "plain", "senders"])
def test_static_program(tmp_path, name):
    """No shared library at all, libc's included."""
    program = tmp_path / name
    subprocess.run(["gcc", "-static", "-pthread", "-D_GNU_SOURCE", f"-I{harness.ROOT}/include", HERE / f"{name}.c",
                    harness.BUILD / "libsigferry-client.a", "-o", program], check=True)
    check(program, None)


@pytest.mark.parametrize("name", ["fork", "unmasked"])
@pytest.mark.parametrize("mode", ["native", "default"])
def test_children_have_clean_masks(library, name, mode):
    """What the program execs has nothing blocked or ignored on our account."""
    said = [line for line in check(compiled(name), MODES[mode]).stdout.splitlines() if ": blocked" in line]
    blocked = "800" if name == "unmasked" else "0"  # SIGUSR2, which that program blocks itself
    assert said and all(re.search(rf": blocked {blocked} ignored 0 caught 0$", line) for line in said), said


def test_header_is_usable_from_cxx(tmp_path):
    source = tmp_path / "a.cc"
    source.write_text("#include <sigferry.h>\nint main() { return sigferry_ferried(); }\n")
    subprocess.run(["g++", "-Wall", "-Wextra", "-Werror", f"-I{harness.ROOT}/include", "-o", tmp_path / "a", source,
                    harness.BUILD / "libsigferry-client.so", f"-Wl,-rpath,{harness.BUILD}"], check=True)
    assert harness.run([tmp_path / "a"]).status == 0
    assert harness.run([tmp_path / "a"], mode={}).status == 1


def functions():
    return set(re.findall(r"^int (sigferry_\w+)\(", HEADER.read_text(), re.M))


def test_exports_are_the_header(library):
    out = subprocess.run(["nm", "-D", "--defined-only", harness.BUILD / "libsigferry-client.so"], capture_output=True,
                         text=True, check=True).stdout
    found = {line.split()[-1] for line in out.splitlines()}
    assert found == functions() | {"raise", "pthread_kill", "pthread_sigqueue", "tgkill"}


def test_installed_form(tmp_path):
    """make install, then a program built by what pkg-config says."""
    made = subprocess.run(["make", "-s", "-o", "all", "install", f"DESTDIR={tmp_path}", "PREFIX=/usr", f"BUILD={harness.BUILD}"],
                          cwd=harness.ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    env = {"PKG_CONFIG_PATH": f"{tmp_path}/usr/lib/pkgconfig", "PATH": "/usr/bin:/bin"}
    said = subprocess.run(["pkg-config", f"--define-variable=prefix={tmp_path}/usr", "--cflags", "--libs", "sigferry-client"],
                          env=env, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    program = tmp_path / "plain"
    subprocess.run(["gcc", "-D_GNU_SOURCE", "-pthread", HERE / "plain.c", "-o", program, *said.stdout.split(),
                    f"-Wl,-rpath,{tmp_path}/usr/lib"], check=True)
    check(program, None)


def test_every_function_has_its_page():
    """... in which every errno is told that the header promises."""
    text = HEADER.read_text()
    for name in functions():
        page = (harness.ROOT / "doc" / f"{name}.3")
        assert page.exists(), page
        manual = page.read_text()
        if manual.startswith(".so "):
            manual = (harness.ROOT / "doc" / Path(manual.split()[1]).name).read_text()
        comment = text[:text.index(f"int {name}(")].rsplit("/*", 1)[1]
        for err in set(re.findall(r"\bE[A-Z]{3,}\b", comment)) - {"EINTR"}:
            assert f"Er {err}" in manual, (name, err)
        assert ".Sh ERRORS" in manual, name
