"""Rules that no compiler checks: the list of hooks against the libc at hand, exports, links, includes, sizes, and what
handler-context code may call. Each rule is also shown a case that breaks it."""
import re
import subprocess
from pathlib import Path

import pytest

import harness

ROOT = harness.ROOT
OBJECTS = harness.BUILD / "lib"

# ---- names of libc that concern us ----

WORDS = re.compile(r"sig|jmp|context|kill|abort|raise|fork|exec|spawn|system|popen|pclose|pause|alarm|timer|clone|"
                   r"cancel|wordexp|daemon|pidfd")
# Names in which these words mean something else: floating point, conditions, the resolver, patterns.
OTHER = re.compile(r"signbit|significand|copysign|^cnd_signal|cond_signal|^_dl_signal_|res(olv)?_context|^re_?exec|^regexec|"
                   r"^timer(add|sub|clear)|gai_cancel|aio_cancel|^xdr_|^clnt|^svc")
# signal(7), "Interruption of system calls", and the cancellation points of POSIX that can sleep.
BLOCKING = set("""
    read readv pread preadv preadv2 write writev pwrite pwritev pwritev2 ioctl open openat creat wait wait3 wait4 waitid
    waitpid accept accept4 connect recv recvfrom recvmsg recvmmsg send sendto sendmsg sendmmsg flock fcntl lockf
    mq_receive mq_timedreceive mq_send mq_timedsend getrandom getentropy pause sigsuspend sigtimedwait sigwaitinfo sigwait
    epoll_wait epoll_pwait epoll_pwait2 poll ppoll select pselect msgrcv msgsnd semop semtimedop clock_nanosleep nanosleep
    usleep sleep aio_suspend gai_suspend sem_wait sem_timedwait sem_clockwait close fsync fdatasync msync tcdrain tcflush
    tcsetattr tcsendbreak tcflow pthread_cond_wait pthread_cond_timedwait pthread_cond_clockwait pthread_join
    pthread_timedjoin_np pthread_clockjoin_np pthread_barrier_wait pthread_testcancel cnd_wait cnd_timedwait thrd_join
    thrd_sleep splice tee vmsplice sendfile copy_file_range fallocate posix_fallocate sync_file_range syncfs
    eventfd_read eventfd_write getmsg getpmsg putmsg putpmsg unshare setns prctl syscall
""".split())


def base_name(name):
    """read of __read_chk, pread of pread64, open of __open64_2."""
    name = name.lstrip("_")
    for suffix in ("_chk", "_2", "_nocancel"):
        name = name.removesuffix(suffix)
    return re.sub(r"64(v2)?$", lambda m: "2" if m.group(1) else "", name)


def concerns_us(name):
    return bool(WORDS.search(name) and not OTHER.search(name)) or base_name(name) in BLOCKING


def libc_path():
    out = subprocess.run(["ldd", "/bin/true"], capture_output=True, text=True, check=True).stdout
    return re.search(r"libc\.so\.6 => (\S+)", out).group(1)


def libc_names():
    """Exported functions in their default version. GLIBC_PRIVATE is for libc's own libraries: not linkable."""
    out = subprocess.run(["nm", "-D", "--defined-only", libc_path()], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^\S+ [TWi] (\w+)@@(\S+)$", out, re.M)
    return {name for name, version in found if version != "GLIBC_PRIVATE"}


def table(path=ROOT / "hooks" / "hooks.def"):
    """name -> macro of every entry of the table of hooks."""
    found = {}
    for macro, args in re.findall(r"^([A-Z]+)\((.*)$", Path(path).read_text(), re.M):
        fields = args.split(",")
        found[fields[1 if macro in ("ASM", "ALIAS") else 2].strip(" )")] = macro
    return found


def waived():
    text = (ROOT / "hooks" / "waived.def").read_text()
    return dict(re.findall(r'^WAIVED\((\w+), "([^"]{10,})"\)$', text, re.M))


def unaccounted(names):
    known = table().keys() | waived().keys()
    return sorted(n for n in names if concerns_us(n) and n not in known)


def test_every_name_is_hooked_or_waived():
    assert unaccounted(libc_names()) == []
    assert unaccounted({"sigfrobnicate", "__pread64_chk", "__msgrcv_chk", "strlen"}) == ["__msgrcv_chk", "sigfrobnicate"]


def test_waivers_are_well_formed():
    text = (ROOT / "hooks" / "waived.def").read_text()
    lines = [line for line in text.splitlines() if line.startswith("WAIVED")]
    assert len(lines) == len(waived()), "a name twice, or a reason too short"
    assert not waived().keys() & table().keys(), "hooked and waived"
    assert not waived().keys() - libc_names(), "waived, but this libc has no such name"


def missing_twins(names):
    return sorted(n for n, macro in names.items() if macro != "OPTIONAL" and n not in libc_names())


def test_every_hook_has_its_twin_in_libc():
    assert missing_twins(table()) == []
    assert missing_twins({"sigfrobnicate": "HOOK"}) == ["sigfrobnicate"]


# ---- the finished libraries ----

def readelf(*args):
    return subprocess.run(["readelf", "-W", *map(str, args)], capture_output=True, text=True, check=True).stdout


def exports(path):
    """name -> type of every symbol that the library offers."""
    found = {}
    for line in readelf("--dyn-syms", path).splitlines():
        f = line.split()
        if len(f) >= 8 and f[0].rstrip(":").isdigit() and f[6] != "UND":
            found[f[7]] = f[3]
    return found


def test_exports_are_the_table(library):
    found = exports(library)
    assert not [n for n in found if "@" in n], "versioned"
    extra = {"sigferry_status": "OBJECT", "sigferry_guard": "TLS", "sigferry_guard_leave": "FUNC",
             "sigferry_guard_watch": "FUNC", "sigferry_guard_watched": "FUNC",
             "sigferry_observe": "FUNC"}
    assert found.keys() == table().keys() | extra.keys()
    assert [n for n, kind in found.items() if kind != extra.get(n, "FUNC")] == []


def link_faults(dynamic, segments, symbols):
    """What is wrong with a library, in words."""
    faults = [f"needs {n}" for n in re.findall(r"NEEDED.*\[(.*)\]", dynamic)
              if not re.match(r"(libc\.so|libdl\.so|ld-linux|ld-musl|libsigferry\.so)", n)]
    faults += [] if "BIND_NOW" in dynamic and "GNU_RELRO" in segments else ["not full RELRO"]
    faults += ["TEXTREL"] if "TEXTREL" in dynamic else []
    faults += ["executable stack"] if not re.search(r"GNU_STACK.*RW +0x", segments) else []
    faults += ["dynamic TLS"] if "__tls_get_addr" in symbols else []
    return faults


@pytest.mark.parametrize("name", ["libsigferry.so", "libsigferry-guard.so"])
def test_how_it_is_linked(library, name):
    path = harness.BUILD / name
    assert link_faults(readelf("-d", path), readelf("-l", path), readelf("--dyn-syms", path)) == []


def test_bad_links_are_found(tmp_path):
    (tmp_path / "a.c").write_text("__thread int x; int *f(void) { return &x; }")
    bad = tmp_path / "bad.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O0", "-Wl,-z,lazy,-z,norelro,-z,execstack,--no-as-needed", "-o", bad,
                    tmp_path / "a.c", "-lm"], check=True, capture_output=True)
    faults = link_faults(readelf("-d", bad), readelf("-l", bad), readelf("--dyn-syms", bad))
    assert {"needs libm.so.6", "not full RELRO", "executable stack", "dynamic TLS"} <= set(faults)


# ---- the house: who may include whom ----

ORDER = ["preload.c", "hooks", "engine", "trace", "config", "libc", "base", "arch"]
BESIDE = {"guard": {"guard", "engine/guard.h", "hooks/unsafe.def", "libc", "base", "arch"},
          "cli": {"cli", "trace/format.h", "config", "base"},
          "client": {"client", "include", "engine/observe.h", "base", "arch"}}


def may_include(room, what):
    below = what.split("/")[0] if "/" in what else ("arch" if what.startswith("sf_") else what)
    if room in BESIDE:
        return below in BESIDE[room] or what in BESIDE[room]
    return below in ORDER and ORDER.index(below) >= ORDER.index(room)


def sources(*rooms):
    for room in rooms:
        place = ROOT / room
        yield from [place] if place.is_file() else (p for p in sorted(place.rglob("*")) if p.suffix in (".c", ".h", ".S"))


def upward(text, room):
    return [what for what in re.findall(r'^#include "([^"]+)"', text, re.M) if not may_include(room, what)]


def test_includes_go_down():
    wrong = [(str(p.relative_to(ROOT)), what) for room in (*ORDER, *BESIDE) for p in sources(room)
             for what in upward(p.read_text(), room)]
    assert wrong == []
    assert upward('#include "hooks/hook.h"\n#include "base/text.h"\n', "engine") == ["hooks/hook.h"]
    assert upward('#include "engine/engine.h"\n', "cli") == ["engine/engine.h"]


# ---- what handler-context objects call ----

# Async-signal-safe in glibc: in signal-safety(7), or without state and locks.
SAFE = set("""
    __errno_location clock_gettime memcpy memset memmove memcmp strlen strchr pthread_self __sigsetjmp _GLOBAL_OFFSET_TABLE_
    _DYNAMIC _r_debug fstat getauxval sigaction sigprocmask kill __stack_chk_fail strcmp strncmp strstr
""".split())
# Not called in a handler, although its file also holds code that is: (file, name) and why.
ELSEWHERE = {
    ("hooks/jump.c", "exit"): "where a made context without uc_link ends, as libc's own does",
    ("engine/runner.c", "pthread_attr_init"): "start of the runner, thread context",
    ("engine/runner.c", "pthread_attr_destroy"): "start of the runner, thread context",
    ("engine/runner.c", "pthread_attr_setdetachstate"): "start of the runner, thread context",
    ("engine/runner.c", "pthread_attr_setstacksize"): "start of the runner, thread context",
}


def undefined(path):
    out = subprocess.run(["nm", "-u", str(path)], capture_output=True, text=True, check=True).stdout
    return set(out.split()[1::2])


def defines(path):
    out = subprocess.run(["nm", "--defined-only", str(path)], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1] for line in out.splitlines()}


def ours():
    """Symbols that the library itself defines, hidden ones included; but what stands in for libc's is not to be called."""
    return defines(harness.LIBRARY) - defines(OBJECTS / "libc/inih.o")


def unsafe_calls(name, path, defined, lazy=()):
    return sorted(s for s in (undefined(path) | set(lazy)) - SAFE - defined
                  if not s.startswith(("__start_", "__stop_")) and (name, s) not in ELSEWHERE)


def test_handler_context_is_async_signal_safe(library, tmp_path):
    defined = ours()
    seen, wrong = 0, []
    for room in ORDER:
        for source in sources(room):
            first = source.read_text().splitlines()[0]
            name = str(source.relative_to(ROOT))
            path = OBJECTS / (name.removesuffix(source.suffix) + ".o")
            if "context:" in first and "handler" in first and path.exists() and source.suffix == ".c":
                seen += 1
                lazy = re.findall(r"SF_LAZY\((\w+)\)\(", source.read_text())
                wrong += [(name, s) for s in unsafe_calls(name, path, defined, lazy)]
    assert seen > 10 and wrong == []
    (tmp_path / "a.c").write_text("#include <stdlib.h>\nvoid *sf_bad(void) { return malloc(3); }")
    subprocess.run(["gcc", "-O0", "-c", "-o", tmp_path / "a.o", tmp_path / "a.c"], check=True)
    assert unsafe_calls("a.c", tmp_path / "a.o", defined) == ["malloc"]
    assert unsafe_calls("a.c", tmp_path / "a.o", defined, ["free"]) == ["free", "malloc"]


# ---- sizes and labels ----

MAX_FILE, MAX_FUNCTION = 400, 60


def too_long(text):
    """Functions: from a brace in the first column to the next that closes there. Tables may be of any length."""
    lines, start, wrong = text.splitlines(), None, []
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line.startswith("}") and start:
            if number - start + 1 > MAX_FUNCTION:
                wrong.append(f"function at {start}: {number - start + 1} lines")
            start = None
    return wrong + ([f"{len(lines)} lines"] if len(lines) > MAX_FILE else [])


def test_sizes():
    wrong = {str(p.relative_to(ROOT)): too_long(p.read_text())
             for p in sources("preload.c", "hooks", "engine", "trace", "config", "libc", "base", "arch", "guard", "cli",
                              "client", "include", "python", "examples", "tests", "bench")}
    assert {k: v for k, v in wrong.items() if v} == {}
    assert too_long("void f(void)\n{\n" + "    x();\n" * 60 + "}\n") == ["function at 2: 62 lines"]
    assert too_long("\n" * 401) == ["401 lines"]


def labelled(text):
    """The label stands in the comment that opens the file."""
    head = text.split("*/")[0]
    return head.startswith("/*") and re.search(r"^(/\*| \*) context: \S", head, re.M) is not None


def test_context_labels():
    wrong = [str(p.relative_to(ROOT)) for p in sources("preload.c", "hooks", "engine", "trace", "libc", "base", "guard", "client")
             if p.suffix != ".h" and not labelled(p.read_text())]
    assert wrong == []
    assert labelled("/* context: handler */\n") and not labelled("/* Text. */\nint context; /* context: any */\n")
