"""The command: what it accepts, refuses and hands on to the program."""
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest

from cli_place import LIMIT, NOBODY, cc, copy, needs_root, sf  # noqa: F401 (fixtures)


# ---------------------------------------------------------------------------------------------- the command itself

def test_version_and_help(sf):
    assert re.fullmatch(r"sigferry \d+\.\d+\.\d+\n", sf("--version").stdout)
    for args in [["--help"], ["help"], ["run", "--help"], ["signals", "--help"], ["check", "--help"]]:
        r = sf(*args)
        assert r.returncode == 0 and r.stdout.startswith("Usage: sigferry ") and not r.stderr


@pytest.mark.parametrize("args,said", [
    ([], "which command?"), (["fly"], "unknown command fly"), (["a\nb"], "unknown command a?b"),
    (["run"], "which program?"), (["run", "--"], "which program?"), (["run", "--fast", "true"], "option --fast"),
    (["run", "-x", "true"], "option -x"), (["run", "--config"], "--config needs a value"),
    (["check"], "which program?"), (["check", "--fast", "true"], "option --fast"), (["check", "-f", "xml", "true"], "format xml"),
    (["check", "--slow", "5", "true"], "no unit"), (["check", "--error-exitcode", "x", "true"], "0 to 255"),
    (["check", "--suppressions", "/none", "true"], "/none: cannot be read"), (["check", "--read"], "--read what?"),
    (["check", "--read", "/etc/passwd"], "no record"), (["check", "--read", "/none"], "/none: cannot be read"),
    (["run", "-s"], "-s needs a value"), (["signals"], "which process?"), (["signals", "1", "2"], "which process?"),
    (["signals", "x1"], "x1 is no process id"), (["signals", "0"], "0 is no process id"),
    (["signals", "99999999999"], "is no process id"), (["signals", "-q", "1"], "unknown option -q"),
])
def test_usage_errors(sf, args, said):
    sf.refuses(125, said, *args)


# ------------------------------------------------------------------------------------------------- what is handed on

def test_status_output_and_arguments_are_the_programs(sf):
    r = sf("run", "sh", "-c", 'echo "$0" "$@"; echo err >&2; exit 7', "a b", "--", "-v")
    assert (r.returncode, r.stdout, r.stderr) == (7, "a b -- -v\n", "err\n")
    assert sf("run", "--", "sh", "-c", "kill -TERM $$").returncode == -signal.SIGTERM
    assert sf("run", "cat", input="in", stdin=None).stdout == "in"


def test_same_process_same_parent(sf):
    env = {"PATH": os.environ["PATH"], "SIGFERRY_CONFIG": "/dev/null", **sf.env}
    p = subprocess.Popen([sf.command, "run", "--", "sh", "-c", "echo $$ $PPID"], stdout=subprocess.PIPE, text=True,
                         env=env)
    assert p.communicate(timeout=LIMIT)[0].split() == [str(p.pid), str(os.getpid())]


def environment(r):
    assert r.returncode == 0, r.stderr
    return dict(l.split("=", 1) for l in r.stdout.splitlines())


def test_environment(sf):
    e = environment(sf("run", "env"))
    assert e["LD_PRELOAD"] == f"{sf.main}:{sf.guard}" and "SIGFERRY" not in e
    assert environment(sf("run", "--no-guard", "env"))["LD_PRELOAD"] == sf.main
    assert environment(sf("run", "env", env={"SIGFERRY": "guard=off"}))["LD_PRELOAD"] == sf.main
    e = environment(sf("run", "-s", "hup=safe-point", "--signal=10=signalfd:helper:patience=5ms:limit=never", "env",
                       env={"SIGFERRY": "route=direct"}))
    assert e["SIGFERRY"] == ("route=direct:SIGHUP.replay=safe-point:SIGUSR1.route=signalfd:SIGUSR1.replay=helper:"
                             "SIGUSR1.patience=5ms:SIGUSR1.limit=never")


def test_an_existing_preload_stays_behind_ours(sf):
    other = cc(sf.path / "other.so", None, "-shared", "-fPIC", code="int other;")
    e = environment(sf("run", "env", env={"LD_PRELOAD": f" {sf.guard}:{other}:{sf.main} {other}"}))
    assert e["LD_PRELOAD"] == f"{sf.main}:{sf.guard}:{other}:{other}"


def test_verbose(sf):
    r = sf("run", "-v", "-s", "HUP=now", "true")
    assert r.returncode == 0 and sf.main in r.stderr and "SIGFERRY=SIGHUP.replay=now" in r.stderr


PROBE = """
import os, signal
status = open("/proc/self/status").read().splitlines()
print([l for l in status if l[:3] in ("Sig", "Shd", "Cap", "Tra", "NoN", "Sec") and l[:4] != "SigQ"])
print(sorted((f, os.readlink(f"/proc/self/fd/{f}").split("[")[0]) for f in os.listdir("/proc/self/fd")
             if os.path.exists(f"/proc/self/fd/{f}")))
print(os.getcwd(), os.getpgrp() == os.getpid(), os.umask(0), os.getpriority(os.PRIO_PROCESS, 0))
print(open("/proc/self/timers").read() if os.path.exists("/proc/self/timers") else "", signal.getitimer(0) != (0, 0))
try:
    print(os.waitpid(-1, os.WNOHANG))
except ChildProcessError as e:
    print("no children")
"""


def odd_states():
    def block():
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGUSR1, signal.SIGALRM})

    def pending():
        block()
        os.kill(os.getpid(), signal.SIGUSR1)
        signal.alarm(100)

    def ignore():
        for s in (signal.SIGCHLD, signal.SIGINT, signal.SIGPIPE):
            signal.signal(s, signal.SIG_IGN)

    def closed():
        os.close(0)

    def many():
        for fd in range(20, 25):
            os.dup2(1, fd)

    return [lambda: signal.signal(signal.SIGCHLD, signal.SIG_DFL), block, pending, ignore, closed, many]


@pytest.mark.parametrize("state", range(len(odd_states())))
def test_all_that_is_inherited_stays_as_it_was(sf, state):
    """The same program, natively and under run, sees the same mask, ignored and pending signals, descriptors, children."""
    enter = odd_states()[state]
    probe = [sys.executable, "-S", "-E", "-c", PROBE]

    def outcome(command):
        return subprocess.run(command, preexec_fn=enter, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                              timeout=LIMIT, check=True, restore_signals=False, close_fds=True,
                              env={"SIGFERRY_CONFIG": "/dev/null", **sf.env}).stdout

    assert outcome([sf.command, "run", "--", *probe]) == outcome(probe)


@pytest.mark.parametrize("lives", [0, 0.01])
def test_children_that_it_was_given_are_still_there(sf, lives):
    """Ended before the command starts, or while it works: the program can wait for its child."""
    def with_child():
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, as some callers have it, there would be none
        if not os.fork():
            time.sleep(lives)
            os._exit(3)

    r = sf("run", "--", sys.executable, "-S", "-c", "import os; print(os.waitpid(-1, 0)[1])", preexec_fn=with_child)
    assert r.stdout == f"{3 << 8}\n", r


@needs_root
def test_without_processes_or_descriptors_to_spare_it_runs(sf):
    r = sf("-c", 'ulimit -n 5; exec "$0" run true', sf.command, command="/bin/sh")
    assert r.returncode == 0, r
    r = sf("run", "true", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (1, 1)), user=NOBODY)
    assert r.returncode == 0, r


# -------------------------------------------------------------------------------------------- which programs are meant

def test_scripts(sf):
    sf.script("inner", "#!/bin/sh -e\necho inner \"$@\"\n")
    outer = sf.script("outer", f"#!{sf.path}/inner arg\n")
    assert sf("run", outer, "x").stdout == f"inner arg {outer} x\n"
    by_env = sf.script("by-env", f"#!/usr/bin/env {os.path.basename(sys.executable)}\nimport sys\nprint(sys.argv[1:])\n")
    assert sf("run", by_env, "x").stdout == "['x']\n"
    assert sf("run", sf.script("bare", "echo bare $#\n"), "x", "y").stdout == "bare 2\n"
    assert sf("run", "outer", env={"PATH": str(sf.path)}).stdout == f"inner arg {outer}\n"


def test_path_is_searched_as_execvp_does(sf):
    (sf.path / "a/prog").mkdir(parents=True)
    for d, mode in [("b", 0o644), ("c", 0o755)]:
        (sf.path / d).mkdir()
        sf.script(d + "/prog", f"#!/bin/sh\necho {d}\n", mode)
    path = ":".join(str(sf.path / d) for d in "xabc")
    assert sf("run", "prog", env={"PATH": path}).stdout == "c\n"
    sf.refuses(126, "not executable", "run", "prog", env={"PATH": str(sf.path / "b")})
    assert sf("run", "prog", env={"PATH": ""}, cwd=sf.path / "c").stdout == "c\n"
    assert sf("run", "true", env={"PATH": None}).returncode == 0


def test_not_found(sf):
    for name in ["no-such-program", "/no/such", "/etc/passwd/x", ""]:
        sf.refuses(127, "not found", "run", "--", name)
    sf.refuses(127, "/no/interpreter", "run", sf.script("lost", "#!/no/interpreter\n"))
    lost = cc(sf.path / "noloader", None, "-Wl,--dynamic-linker=/no/ld-linux-x86-64.so.2", code="int main(void){return 0;}")
    sf.refuses(127, "its loader /no/ld-linux-x86-64.so.2 is missing", "run", lost)


def test_cannot_be_executed(sf):
    sf.refuses(126, "is a directory", "run", "/")
    sf.refuses(126, "not executable", "run", sf.script("plain", "#!/bin/sh\n", 0o644))
    sf.refuses(126, "neither an ELF program nor a script", "run", sf.script("binary", b"\x01\x02\x00\x03"))
    sf.refuses(126, "damaged ELF", "run", sf.script("short", open("/bin/true", "rb").read()[:100]))
    sf.refuses(126, "damaged ELF", "run", sf.script("headers", open("/bin/true", "rb").read()[:64] + b"\xff" * 900))
    loop = sf.script("loop", f"#!{sf.path}/loop\n")
    sf.refuses(126, "too many scripts", "run", loop)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_programs_crash_nothing(sf, seed):
    import random
    rnd, good = random.Random(seed), open(cc(sf.path / "whole", None, code="int main(void){return 0;}"), "rb").read()
    for _ in range(5):
        bad = bytearray(good)
        for _ in range(8):
            bad[rnd.randrange(4, 1000)] = rnd.randrange(256)
        r = sf("run", sf.script("damaged", bytes(bad)))
        assert "Sanitizer" not in r.stderr and "runtime error" not in r.stderr, r.stderr


# ----------------------------------------------------------------------------------------- what cannot be carried: 125

MAIN = "int main(void){return 0;}"


def test_static(sf):
    for flag in ["-static", "-static-pie"]:
        sf.refuses(125, "is statically linked", "run", cc(sf.path / "static", None, flag, code=MAIN))
    script = sf.script("by-static", f"#!{sf.path}/static\n")
    sf.refuses(125, f"{script} (run by {sf.path}/static): is statically linked", "run", script)
    sf.refuses(125, "is statically linked", "run", sf.script("env-static", "#!/usr/bin/env static\n"),
               env={"PATH": f"{sf.path}:{os.environ['PATH']}"})


def test_other_machine(sf):
    good = bytearray(open("/bin/true", "rb").read())
    good[18] = 183  # EM_AARCH64
    sf.refuses(125, "is built for 64-bit ARM", "run", sf.script("arm", bytes(good)))
    thirty_two = sf.path / "32"
    if subprocess.run(["gcc", "-m32", "-nostdlib", "-static", "-x", "c", "-o", str(thirty_two), "-"], text=True,
                      input="void _start(void){for(;;);}", capture_output=True, timeout=60).returncode:
        pytest.skip("the compiler makes no 32-bit programs")
    sf.refuses(125, "is built for 32-bit x86", "run", thirty_two)


def test_other_libc(sf):
    for name, said in [("ld-musl-x86_64.so.1", "uses the C library musl"), ("linker64", "another C library than glibc")]:
        loader = sf.script(name, "")
        sf.refuses(125, said, "run", cc(sf.path / "foreign", None, f"-Wl,--dynamic-linker={loader}", code=MAIN))


def test_go(sf):
    loader = "-Wl,--dynamic-linker=/lib64/ld-linux-x86-64.so.2"
    for out, flags in [("go-static", ["-static"]), ("go-bare", ["-DBARE", "-nostdlib", "-pie", "-fPIC", loader])]:
        sf.refuses(125, "is a Go program without cgo", "run", cc(sf.path / out, "go.c", *flags))
    cgo = cc(sf.path / "go-cgo", "go.c")
    assert sf("run", cgo).returncode == 0
    sf.refuses(125, "is a Go program", "check", cgo)


def test_loader_itself(sf):
    sf.refuses(125, "is a loader", "run", "/lib64/ld-linux-x86-64.so.2", "/bin/true")


@needs_root
def test_privileges(sf):
    """Refused exactly where the kernel would raise privileges."""
    program = pathlib.Path(cc(sf.path / "raise", None, code=MAIN))
    nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    program.chmod(0o4755)
    assert sf("run", program).returncode == 0  # root's own
    sf.refuses(125, "would run set-user-ID (as user 0)", "run", program, **nobody)
    if shutil.which("setpriv"):  # without new privileges the bit means nothing
        assert sf("--no-new-privs", sf.command, "run", program, command="setpriv", **nobody).returncode == 0
    os.chown(program, NOBODY, NOBODY)
    program.chmod(0o4755)
    sf.refuses(125, f"would run set-user-ID (as user {NOBODY})", "run", program)
    assert sf("run", program, **nobody).returncode == 0
    program.chmod(0o2755)
    sf.refuses(125, f"would run set-group-ID (as group {NOBODY})", "run", program)
    program.chmod(0o755)
    # VFS_CAP_REVISION_2 with cap_net_bind_service, effective
    os.setxattr(program, "security.capability", bytes.fromhex("01000002" "00040000" "00000000" "00000000" "00000000"))
    sf.refuses(125, "has file capabilities", "run", program, **nobody)
    assert sf("run", program).returncode == 0


@needs_root
def test_unreadable_program(sf):
    sf.refuses(125, "cannot be read", "run", sf.script("secret", open("/bin/true", "rb").read(), 0o711), user=NOBODY,
               group=NOBODY, extra_groups=[])


# --------------------------------------------------------------------------------------------------- our own libraries

def test_library_missing(sf, copy):
    path = copy()
    (path / "libsigferry-guard.so").unlink()
    sf.refuses(125, "libsigferry-guard.so is missing", "run", "true", command=path / "sigferry")
    assert sf("run", "--no-guard", "true", command=path / "sigferry").returncode == 0
    (path / "libsigferry.so").unlink()
    sf.refuses(125, "libsigferry.so is neither beside this command nor in /", "run", "true", command=path / "sigferry")


def test_library_of_a_moved_installation(sf, copy):
    path = copy()
    (path / "bin").mkdir()
    (path / "lib/sigferry").mkdir(parents=True)
    shutil.move(path / "sigferry", path / "bin")
    for f in ["libsigferry.so", "libsigferry-guard.so"]:
        shutil.move(path / f, path / "lib/sigferry")
    assert "/lib/sigferry/libsigferry.so" in environment(sf("run", "env", command=path / "bin/sigferry"))["LD_PRELOAD"]


@pytest.mark.parametrize("name", ["with blank", "with:colon", "with$ORIGIN"])
def test_path_that_the_loader_would_cut(sf, copy, name):
    sf.refuses(125, "LD_PRELOAD takes no path with", "run", "true", command=copy(name) / "sigferry")


def test_library_that_is_none(sf, copy):
    path = copy()
    (path / "libsigferry-guard.so").write_text("hello")
    sf.refuses(125, "is no library", "run", "true", command=path / "sigferry")


@needs_root
def test_library_unreadable(sf):
    os.chmod(sf.main, 0o600)
    try:
        sf.refuses(125, "cannot be read", "run", "true", user=NOBODY, group=NOBODY, extra_groups=[])
    finally:
        os.chmod(sf.main, 0o755)


@needs_root
def test_library_on_noexec(sf, tmp_path):
    (tmp_path / "lib/sigferry").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    shutil.copy(sf.command, tmp_path / "bin")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "noexec", "none", str(tmp_path / "lib/sigferry")],
                      capture_output=True, timeout=LIMIT).returncode:
        pytest.skip("cannot mount")
    try:
        for f in [sf.main, sf.guard, "/bin/true"]:
            shutil.copy(f, tmp_path / "lib/sigferry")
        sf.refuses(125, "is mounted noexec", "run", "true", command=tmp_path / "bin/sigferry")
        sf.refuses(126, "is mounted noexec", "run", tmp_path / "lib/sigferry/true")
    finally:
        subprocess.run(["umount", str(tmp_path / "lib/sigferry")], check=True, timeout=LIMIT)


def test_the_loader_is_asked(sf, copy):
    """A library that needs a newer libc than there is: found out without running the program."""
    path = copy()
    versions, libc = path / "v.map", path / "libc.so.6"
    versions.write_text("GLIBC_9.9 { global: from_the_future; };\n")
    cc(libc, None, "-shared", "-fPIC", "-nostdlib", "-Wl,-soname,libc.so.6", f"-Wl,--version-script={versions}",
       code="int from_the_future(void){return 0;}")
    user = path / "user.c"
    user.write_text("int from_the_future(void); int use(void){return from_the_future();}")
    subprocess.run(["gcc", "-shared", "-fPIC", "-nostdlib", "-o", str(path / "libsigferry.so"), str(user), str(libc)],
                   check=True, timeout=60)
    libc.unlink()
    touched = path / "touched"
    sf.refuses(125, "version `GLIBC_9.9' not found", "run", "touch", touched, command=path / "sigferry")
    assert not touched.exists()


# ------------------------------------------------------------------------------------------------------- configuration

def test_configuration_errors(sf, tmp_path):
    conf = tmp_path / "my.conf"
    conf.write_text("[default]\nreplay = safepoint\ncolour = red\n")
    said = 'my.conf:2: unknown replay "safepoint"; use interruption-point, safe-point, helper, helper-concurrent or now'
    sf.refuses(125, said + " (and 1 more)", "run", "--config", conf, "true")
    sf.refuses(125, said, "run", "true", env={"SIGFERRY_CONFIG": str(conf)})
    sf.refuses(125, 'SIGFERRY:2: patience "20" has no unit', "run", "true", env={"SIGFERRY": "route=auto:patience=20"})
    sf.refuses(125, "no.conf: cannot be read: No such file", "run", "-c", tmp_path / "no.conf", "true")
    sf.refuses(125, "no.conf: cannot be read: no such file", "run", "true", env={"SIGFERRY_CONFIG": str(tmp_path / "no.conf")})


def test_configuration_file_becomes_absolute_and_is_the_programs(sf, tmp_path):
    conf = tmp_path / "my.conf"
    conf.write_text("[program env]\nguard = off\n")
    e = environment(sf("run", "-c", "my.conf", "env", cwd=tmp_path))
    assert e["SIGFERRY_CONFIG"] == str(conf) and e["LD_PRELOAD"] == sf.main
    assert environment(sf("run", "-c", conf, "sh", "-c", "env"))["LD_PRELOAD"] == f"{sf.main}:{sf.guard}"


@pytest.mark.parametrize("policy,said", [
    ("HUP", "is not SIGNAL=POLICY"), ("HUP=", "is not SIGNAL=POLICY"), ("SIGHPU=now", 'unknown signal "SIGHPU"'),
    ("HUP=safepoint", 'unknown replay "safepoint"'), ("HUP=now:", "no value for replay"),
    ("KILL=now", "can be neither caught nor blocked"), ("33=now", "belongs to the C library"),
    ("SEGV=signalfd", "SIGSEGV is a fault"), ("HUP=patience=5", "has no unit"), ("HUP=colour=red", 'unknown key "colour"'),
    ("HUP=" + "x" * 300, "too long"),
])
def test_wrong_policies(sf, policy, said):
    sf.refuses(125, said, "run", "--signal", policy, "true")
