"""The guard library alone, over a stub of the engine (tests/guard/stub.c): its table, its marks, and programs
that must not notice it."""
import os
import re
import shutil
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIBC = "/lib/x86_64-linux-gnu/libc.so.6"
TABLE = os.path.join(ROOT, "hooks/unsafe.def")
HOOKS = os.path.join(ROOT, "hooks/hooks.def")
ARCH = os.uname().machine
FLAGS = f"""-std=gnu11 -O2 -g -Wall -Wextra -Wshadow -Wstrict-prototypes -Wno-unused-parameter -I. -Iarch/{ARCH} -D_GNU_SOURCE -fPIC -fvisibility=hidden
    -ftls-model=initial-exec -fno-stack-protector -U_FORTIFY_SOURCE -fexceptions -fasynchronous-unwind-tables
    -fno-plt -fcf-protection=branch""".split()
LINK = "-shared -Wl,-z,defs,-z,now,-z,relro,-z,noexecstack".split()
PROGRAM = "-O2 -g -w -I. -D_GNU_SOURCE -fno-builtin -pthread".split()

ENTRY = re.compile(r"^([A-Z_]+)\((\w+), ([^,]+), (\w+), \(([^()]*(?:\([^()]*\)[^()]*)*)\), ", re.M)


def run(cmd, **kw):
    kw.setdefault("timeout", 60)
    return subprocess.run(cmd, cwd=kw.pop("cwd", ROOT), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kw)


def build(cmd):
    done = run(cmd, timeout=120)
    assert done.returncode == 0, " ".join(cmd) + "\n" + done.stderr
    assert not done.stderr, done.stderr


def exports(library):
    """{name: is it the default version} of the functions that a library defines."""
    names = {}
    for line in run(["nm", "-D", "--defined-only", library]).stdout.splitlines():
        kind, name = line.split()[-2:]
        if kind in "TWi":
            plain, _, version = name.partition("@")
            names[plain] = names.get(plain, False) or version.startswith("@") or not version
    return names


def entries():
    found = ENTRY.findall(open(TABLE).read())
    lines = [line for line in open(TABLE) if re.match(r"(?!FAMILY)[A-Z_]+\(\w+, ", line)]
    assert len(found) == len(lines), "a line of the table does not parse"
    return [(macro, ret, name, params) for macro, _, ret, name, params in found]


def export_list(table):
    out = run(["sh", "hooks/exports.sh", table]).stdout
    return set(re.findall(r"^ +(\w+);", out, re.M))


@pytest.fixture(scope="module", params=["gcc", "clang"])
def libs(request, tmp_path_factory):
    """[stub, guard], compiled without a warning."""
    cc = request.param
    if not shutil.which(cc):
        pytest.skip(cc + " is not installed")
    tmp = str(tmp_path_factory.mktemp("guard-" + cc))
    stub, guard, script = tmp + "/libstub.so", tmp + "/libsigferry-guard.so", tmp + "/map"
    with open(script, "w") as f:
        f.write(run(["sh", "hooks/exports.sh", TABLE, "sigferry_guard_names"]).stdout)
    build([cc, *FLAGS, "-fvisibility=default", *LINK, "-o", stub, "tests/guard/stub.c"])
    sources = ["libc/resolve.c"] + sorted("guard/" + n for n in os.listdir(os.path.join(ROOT, "guard")) if n.endswith((".c", ".S")))
    build([cc, *FLAGS, *LINK, "-Wl,-soname,libsigferry-guard.so", "-Wl,--version-script=" + script,
           "-o", guard, *sources, stub])
    return [stub, guard]


def preloaded(libs, *more):
    env = dict(os.environ, LD_PRELOAD=":".join([*libs, *more]), LC_ALL="C.UTF-8")
    return env


def compile_probe(libs, tmp_path, name, *more):
    cc = "g++" if name.endswith(".cc") else "gcc"
    out = str(tmp_path / name.split(".")[0])
    build([cc, *PROGRAM, "-o", out, "tests/guard/" + name, *more, libs[0], "-Wl,-rpath," + os.path.dirname(libs[0])])
    return out


def expect_ok(libs, cmd, *more, timeout=20):
    done = run(cmd, env=preloaded(libs, *more), timeout=timeout)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ok\n", "")


# The table

def test_exports(libs):
    assert set(exports(libs[1])) == {name for _, _, name, _ in entries()} | {"sigferry_guard_names"}
    assert not [line for line in run(["nm", "-D", libs[1]]).stdout.splitlines() if " B " in line or " D " in line]


def test_needs_libc_alone(libs):
    needed = re.findall(r"NEEDED.*\[(.*)\]", run(["readelf", "-d", libs[1]]).stdout)
    assert {os.path.basename(n) for n in needed} - {"ld-linux-x86-64.so.2"} == {"libstub.so", "libc.so.6"}


def test_libc_has_every_name():
    libc = exports(LIBC)
    for macro, _, name, _ in entries():
        if macro.startswith("NEWER") or name.startswith("__isoc23_"):  # or in libstdc++
            continue
        assert libc.get(name), name + ": not in libc, or only in an old version"


def test_no_hook_twice():
    if not os.path.exists(HOOKS):
        pytest.skip("no hooks.def yet")
    assert not export_list(HOOKS) & export_list(TABLE)


def test_every_name_once():
    names = [name for _, _, name, _ in entries()]
    assert len(names) == len(set(names))


SAFE = os.path.join(ROOT, "tests/signal-safety.txt")
WAIVED = os.path.join(ROOT, "hooks/unsafe-waived.txt")


def safe():
    return {word for line in open(SAFE) if not line.startswith("#") for word in line.split()}


def waived():
    """name -> reason"""
    found, reason = {}, None
    for line in open(WAIVED):
        if line.startswith(" "):
            for name in line.split():
                assert reason and name not in found, name + ": waived twice, or without a reason"
                found[name] = reason
        elif line.strip() and not line.startswith("#"):
            assert line.endswith(":\n"), line
            reason = line.rstrip(":\n")
    return found


def plain(name):
    """read of __read_chk, stat of stat64: other entries to the same function."""
    if name in ("_exit", "_Exit", "_Fork"):
        return name
    return re.sub(r"64$", "", name.lstrip("_").removesuffix("_chk"))


def linkable():
    """Functions of libc in their default version. GLIBC_PRIVATE is for libc's own libraries."""
    out = run(["nm", "-D", "--defined-only", LIBC]).stdout
    found = re.findall(r"^\S+ [TWi] (\w+)@@(\S+)$", out, re.M)
    return {name for name, version in found if version != "GLIBC_PRIVATE"}


def test_no_safe_function_is_guarded():
    names = {name for _, _, name, _ in entries()}
    assert len(safe()) > 180
    assert not {n for n in names if plain(n) in safe()} - {"fork", "__fork"}
    assert "fork" not in safe() and "_Fork" in safe()


def test_every_unsafe_function_is_guarded_or_waived():
    """... or safe, or hooked. So nothing that a newer libc adds goes unnoticed."""
    names, libc = {name for _, _, name, _ in entries()}, linkable()
    known = names | export_list(HOOKS) | waived().keys()
    hooks_waived = set(re.findall(r"^WAIVED\((\w+),", open(os.path.join(ROOT, "hooks/waived.def")).read(), re.M))
    left = {n for n in libc - known - hooks_waived if n not in safe() and plain(n) not in safe()}
    assert not left
    assert len(libc) > 2000 and not waived().keys() - libc
    assert not waived().keys() & names, "guarded and waived"


def test_prototypes_are_libcs(tmp_path):
    """Every prototype against the header's, for the names that a header declares."""
    headers = re.findall(r"#include <(.*)>", open(os.path.join(ROOT, "guard/types.h")).read())
    headers += ["stdio_ext.h", "string.h", "syslog.h", "libintl.h", "obstack.h", "err.h", "error.h"]
    lines = ["#include <%s>" % h for h in headers]
    declared = 0
    for _, ret, name, params in entries():
        if name.startswith("_") and name not in ("__fpurge", "__fsetlocking", "_flushlbf"):
            continue
        declared += 1
        if name in ("gets", "ruserpass", "re_comp", "re_exec"):  # gone from the headers, or never were there
            continue
        # scanf's names are redirected to other symbols of the same type, which does no harm here.
        lines.append("_Static_assert(__builtin_types_compatible_p(__typeof__(%s), %s (%s)), \"%s\");"
                     % (name, ret, params, name))
    source = tmp_path / "types.c"
    source.write_text("\n".join(lines) + "\n")
    build(["gcc", "-w", "-D_GNU_SOURCE", "-U_FORTIFY_SOURCE", "-fsyntax-only", str(source)])
    assert declared > 550


# The mark

def test_depth_after_each_call(libs, tmp_path):
    expect_ok(libs, [compile_probe(libs, tmp_path, "depth.c")])


def test_watched_and_seen(libs, tmp_path):
    expect_ok(libs, [compile_probe(libs, tmp_path, "watch.c", "-rdynamic")])


def test_signal_at_every_instruction(libs, tmp_path):
    expect_ok(libs, [compile_probe(libs, tmp_path, "steps.c")], timeout=120)


@pytest.mark.parametrize("call", ["fgets", "fread", "scanf"])
def test_cancelled_in_a_read(libs, tmp_path, call):
    expect_ok(libs, [compile_probe(libs, tmp_path, "cancel.c"), call])


def test_exception_through_a_call(libs, tmp_path):
    expect_ok(libs, [compile_probe(libs, tmp_path, "throw.cc")])


def test_every_wrapper_unwinds(libs):
    """Each function that sets the mark has our personality in its frame description."""
    frames = run(["readelf", "--debug-dump=frames", libs[1]]).stdout
    personal = 0
    cies = {}
    for block in re.split(r"\n\n+", frames):
        head = re.match(r"\s*([0-9a-f]+) [0-9a-f]+ [0-9a-f]+ (CIE|FDE)(?: cie=([0-9a-f]+))?", block)
        if head and head.group(2) == "CIE":
            aug = re.search(r'Augmentation: +"(\w*)"', block)
            cies[head.group(1)] = bool(aug and "P" in aug.group(1))
        elif head:
            personal += cies[head.group(3)]
    guarded = [name for macro, _, name, _ in entries() if macro not in ("FORWARD", "SEEN")]
    assert personal >= len(guarded)


# Programs that must not notice

def test_early_callers_and_own_malloc(libs, tmp_path):
    early = str(tmp_path / "libearly.so")
    build(["gcc", "-O2", "-w", "-fPIC", "-shared", "-D_GNU_SOURCE", "-o", early, "tests/guard/early.c"])
    prog = compile_probe(libs, tmp_path, "own_malloc.c", early, "-Wl,-rpath," + str(tmp_path))
    expect_ok(libs, [prog])


def test_jemalloc_after_us(libs, tmp_path):
    jemalloc = "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2"
    if not os.path.exists(jemalloc):
        pytest.skip("libjemalloc2 is not installed")
    env = preloaded(libs, jemalloc)
    env["MALLOC_CONF"] = "stats_print:true,stats_print_opts:gmdablxe"
    done = run(["/usr/bin/gawk", "BEGIN { for (i = 0; i < 1000; i++) a[i] = i \"x\"; print length(a) }"], env=env)
    assert (done.returncode, done.stdout) == (0, "1000\n")
    assert "jemalloc statistics" in done.stderr  # so it was jemalloc that served


HELLO = '#include <stdio.h>\nint main(void) { printf("hello %d\\n", 1); return 0; }\n'
COMMANDS = {
    "ls": ["ls", "-la", "/usr/bin"],
    "gawk": ["/usr/bin/gawk", 'BEGIN { printf "%s %.3f %s\\n", "a", 1/3, strftime("%F", 0, 1); while (i++ < 9) print i | "sort -r" }'],
    "perl": ["/usr/bin/perl", "-e", 'use POSIX; print strftime("%c", gmtime(0)), "\\n"; my %h = map { $_ => "x" x $_ } 1..2000; '
             'print length(join ",", sort values %h), "\\n"; print `echo sub`; exit 3'],
    "python3": ["/usr/bin/python3", "-c", "import json, subprocess, threading, time, locale, ctypes\n"
                "print(json.dumps({'a': [1.5] * 3}), time.strftime('%c', time.gmtime(0)))\n"
                "t = [threading.Thread(target=lambda: [bytearray(1000) for _ in range(5000)]) for _ in range(4)]\n"
                "[x.start() for x in t]; [x.join() for x in t]\n"
                "print(subprocess.check_output(['echo', 'sub'])); ctypes.CDLL(None).puts(b'puts')"],
    "bash": ["/bin/bash", "-c", 'for i in {1..50}; do a+=$(printf %03d $i); done; echo $a; read x < <(echo in); echo $x; '
             'cat <<< "$(type ls | wc -l)"; (exit 7); echo $?; exit 5'],
    "gcc": ["/bin/sh", "-c", "gcc -O1 -c hello.c -o hello.o && nm hello.o && gcc -o hello hello.o && ./hello"],
    "sort": ["/bin/sh", "-c", "seq 1 20000 | sort -R --random-source=/etc/passwd | sort -n | tail -1; date -u -d @0; printf 'a\\n'"],
    "stdin": ["/bin/sh", "-c", "seq 1 3000 | sed -n 's/7$/x/p' | bc -l 2>/dev/null | tail -1; seq 1 100 | xargs -n 7 echo | tail -1"],
}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_same_as_natively(libs, tmp_path, name):
    def verdict(env):
        work = tmp_path / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        (work / "hello.c").write_text(HELLO)
        done = run(COMMANDS[name], env=env, cwd=str(work))
        return done.returncode, done.stdout, done.stderr

    native = verdict(dict(os.environ, LC_ALL="C.UTF-8"))
    assert verdict(preloaded(libs)) == native
