"""The Python package: every script of tests/python natively and under the library, with each CPython that is there; types;
what the extension needs. A script says "ok" at its end."""
import glob
import shutil
import subprocess
from pathlib import Path

import pytest

import harness

HERE = Path(__file__).parent / "python"
PACKAGE = harness.BUILD / "python"
SOURCE = harness.ROOT / "python" / "sigferry"
MODES = {"native": None, "default": {}, "signalfd": {"route": "signalfd"}, "safe-point": {"replay": "safe-point"}}


def interpreters():
    """Version -> path: Debian's, and others where they are."""
    found = {"": "/usr/bin/python3"}
    for path in glob.glob("/root/.pyenv/versions/3.*/bin/python3") + glob.glob("/usr/local/bin/python3.*"):
        version = subprocess.run([path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True,
                                 text=True).stdout.strip()
        if version and tuple(map(int, version.split("."))) >= (3, 9):
            found[version] = path
    return found


INTERPRETERS = interpreters()
CASES = [(name, mode, "") for name in sorted(p.stem for p in HERE.glob("*.py")) for mode in MODES]
CASES += [(name, mode, version) for name, mode, _ in CASES for version in INTERPRETERS if version and mode in ("native", "default")]


def run(argv, mode, version="", **more):
    env = {"PYTHONPATH": str(PACKAGE), "PYTHONWARNINGS": "error,ignore::DeprecationWarning", "PYTHONDONTWRITEBYTECODE": "1"}
    env.update(more.pop("env", {}))
    return harness.run([INTERPRETERS[version], *argv], mode=mode, env=env, timeout=60, **more)


@pytest.mark.parametrize("name,mode,version", CASES, ids=["-".join(filter(None, c)) for c in CASES])
def test_script(library, tmp_path, name, mode, version, repeat):
    settings, env = MODES[mode], {}
    if name == "ring" and settings is not None:
        settings = {**settings, "trace": "on"}
    if name == "ring":
        env["SIGFERRY_RINGS"] = str(tmp_path)
    for _ in range(repeat):
        got = run([HERE / f"{name}.py"], settings, version, env=env)
        if got.status or got.timed_out or got.stdout != "ok\n" or got.leftovers:
            pytest.fail(f"{got}\n{got.leftovers} processes left behind", pytrace=False)


def test_extension_is_limited_to_the_stable_interface():
    """One file for CPython 3.9 and later: what it wants of CPython is in the limited API of 3.9."""
    out = subprocess.run(["nm", "-D", "--undefined-only", PACKAGE / "sigferry" / "_sigferry.abi3.so"], capture_output=True,
                         text=True, check=True).stdout
    wanted = {line.split()[-1].split("@")[0] for line in out.splitlines()}
    private = [name for name in wanted if name.startswith("_Py") and name not in ("_Py_NoneStruct", "_Py_Dealloc")]
    assert "PyModule_Create2" in wanted and private == []
    out = subprocess.run(["nm", "-D", "--defined-only", PACKAGE / "sigferry" / "_sigferry.abi3.so"], capture_output=True,
                         text=True, check=True).stdout
    assert {line.split()[-1] for line in out.splitlines()} == {"PyInit__sigferry"}


def test_types():
    if not shutil.which("mypy"):
        pytest.skip("needs mypy")
    done = subprocess.run(["mypy", "--strict", "--no-incremental", "--python-version", "3.9", SOURCE], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert (PACKAGE / "sigferry" / "py.typed").exists()


UNDOCUMENTED = """
import inspect, sigferry
for name in sigferry.__all__:
    thing = getattr(sigferry, name)
    if inspect.isclass(thing) or inspect.isfunction(thing):
        if not inspect.getdoc(thing) or (thing.__doc__ or "").startswith(name + "("):
            print(name)
        if inspect.isclass(thing) and thing.__module__.startswith("sigferry"):
            for part, value in vars(thing).items():
                if not part.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
                    if not inspect.getdoc(value):
                        print(name + "." + part)
"""


def test_everything_public_has_a_docstring():
    got = run(["-c", UNDOCUMENTED], None)
    assert (got.stdout, got.status) == ("", 0), got


def test_docstring_examples_name_what_there_is():
    got = run(["-c", "import sigferry; print(all(hasattr(sigferry, n) for n in sigferry.__all__))"], None)
    assert got.stdout == "True\n", got


def test_session_of_the_documentation():
    code = "import doctest, sys; print(doctest.testfile(sys.argv[1], module_relative=False))"
    got = run(["-c", code, harness.ROOT / "doc" / "python.md"], None)
    assert "failed=0" in got.stdout and "attempted=0" not in got.stdout, got


@pytest.mark.parametrize("name,kind,called", [("errno-close", "errno-spoiled", ""), ("reentered-malloc", "reentered", "malloc")])
def test_findings_are_read(library, tmp_path, name, kind, called):
    """What `sigferry check` has found in a program, of its ring, after its end."""
    program = harness.compile_program(harness.ROOT / "tests" / "check" / f"{name}.c")
    rings = {"SIGFERRY_RINGS": str(tmp_path)}
    assert harness.run([program], mode={"check": "on"}, env=rings, timeout=60).status == 0
    ring, = tmp_path.glob("*.ring")
    code = ("import sigferry, sys\nfor f in sigferry.findings(sys.argv[1]):\n"
            "    print(f.kind, f.signo.name, f.verdict, f.count > 0, f.first_ns <= f.last_ns, f.handler > 0, len(f.inside_stack) > 0, "
            "f.called)")
    got = run(["-c", code, ring], None)
    assert f"{kind} SIGALRM averted True True True True {called}\n" in got.stdout, got
