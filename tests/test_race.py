"""No wake-up is lost between a program's check of its flag and the kernel: a signal at every instruction.

tests/race/stepper.c executes the program one instruction at a time, delivers the signal after the k-th, lets go,
and looks whether the program comes out of its call, with each handler run once and with its masks as before. The
same stepper must report the same program as losing when it runs natively, or under a library whose window is broken.
"""
import re
import shutil
import subprocess

import pytest

import harness

RACE = harness.ROOT / "tests" / "race"
FLAGS = ("-I", str(harness.ROOT))
ROUTES = ("auto", "signalfd", "direct")
CALLS = ("pause", "select", "pselect", "poll", "ppoll", "epoll_wait", "read", "recv", "nanosleep", "wait4",
         "sigwaitinfo", "sigsuspend")
MASKED = ("sigsuspend blocked", "pselect blocked", "ppoll blocked")
OBJECTS = harness.BUILD / "lib"
USR1, USR2, RTMIN, RTMIN1 = "10", "12", "34", "35"


@pytest.fixture(scope="session")
def tools():
    others = [RACE / name for name in ("trace.c", "round.c", "options.c", "delivery.c")]
    stepper = harness.compile_program(RACE / "stepper.c", flags=(*FLAGS, *map(str, others)), deps=others)
    return stepper, harness.compile_program(RACE / "target.c", flags=FLAGS)


class Steps:
    """What the stepper reported: (file, offset, verdict) for every instruction, in order."""

    def __init__(self, result):
        self.text = str(result)
        assert result.status == 0 and "rounds" in result.stdout, self.text
        found = re.findall(r"^at (\S+)\+(0x[0-9a-f]+) (\w+)$", result.stdout, re.M)
        self.all = [(name, int(offset, 16), verdict) for name, offset, verdict in found]

    def bad(self):
        return [s for s in self.all if s[2] != "good"]

    def inside(self):
        """From the first instruction of the library on: the hook has been entered."""
        first = next(i for i, s in enumerate(self.all) if s[0].startswith("libsigferry"))
        return self.all[first:]


def step(tools, program, *options, mode=None, library=None, limit=60):
    stepper, target = tools
    argv = [stepper, *options]
    env = {}
    if mode is not None:
        env = harness.mode_environment(mode)
        preload = env.pop("LD_PRELOAD")
        argv += ["-l", str(library) if library else preload]
    return Steps(harness.run([*argv, "--", target, *program.split()], timeout=limit, env=env))


def symbols(library):
    out = subprocess.run(["nm", str(library)], capture_output=True, text=True, check=True).stdout
    return {f[2]: int(f[0], 16) for f in map(str.split, out.splitlines()) if len(f) == 3}


def window(at, gate):
    """Addresses of the instructions from the window's beginning to its system call; without those that open the
    gate where there is none to open."""
    out = subprocess.run(["objdump", "-dw", "--no-show-raw-insn", f"--start-address={at['sf_window_begin']}",
                          f"--stop-address={at['sf_window_after']}", harness.LIBRARY],
                         capture_output=True, text=True, check=True).stdout
    found = {int(a, 16) for a in re.findall(r"^ +([0-9a-f]+):\t", out, re.M)}
    jump, target = (int(x, 16) for x in re.search(r"^ +(\w+):\tje +([0-9a-f]+)", out, re.M).groups())
    return found if gate else {a for a in found if a <= jump or a >= target}


def clean(steps):
    assert not steps.bad(), f"{steps.bad()[:20]}\n{steps.text[-2000:]}"


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("call", CALLS + MASKED)
def test_flag_and_call(tools, library, route, call):
    """Process-directed, each call, each route; and every instruction of the window had its turn."""
    at, here = symbols(harness.LIBRARY), set()
    wanted = window(at, gate=route == "auto" and call not in MASKED)
    for _ in range(3):  # an instruction that is on the path of no round: what the listener does meanwhile changes it
        steps = step(tools, call, mode={"route": route})
        clean(steps)
        here |= {s[1] for s in steps.all if s[0].startswith("libsigferry")}
        if wanted <= here:
            return
    assert wanted <= here, steps.text[-2000:]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("call", ("pause", "select", "pselect blocked", "epoll_wait"))
def test_flag_and_call_thread_directed(tools, library, route, call):
    clean(step(tools, call, "-k", "tgkill", mode={"route": route}))


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("call", ("pause", "poll", "read"))
def test_listener_first(tools, library, route, call):
    """The listener has taken the signal before the program executes its next instruction."""
    clean(step(tools, call, "-w", mode={"route": route}))


@pytest.mark.parametrize("call,replay", [*((call, "helper-concurrent") for call in MASKED),
                                         *((call, "helper") for call in ("sigsuspend blocked", "pause", "read"))])
def test_handled_elsewhere(tools, library, call, replay):
    """The helper thread has run the handler before the program executes its next instruction. (With helper-concurrent what comes
    before a call that opens no mask is no part of it.) The handler sees the masks of the call, too."""
    clean(step(tools, call, "-W", "5", mode={"replay": replay}))


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("call", ("pause", "pselect blocked", "read"))
def test_two_at_once(tools, library, route, call):
    clean(step(tools, call + " two", "-s", USR1, "-s", USR2, mode={"route": route}))


@pytest.mark.parametrize("route", ROUTES)
def test_queued_in_order(tools, library, route):
    """Two instances of one real-time signal: both come, in order."""
    clean(step(tools, "pause two", "-q", "-s", RTMIN, "-s", RTMIN, mode={"route": route}))


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("call", ("read restart data", "wait4 restart data"))
def test_restarted(tools, library, route, call):
    """With SA_RESTART the handler runs and the call goes on waiting, until its data comes."""
    clean(step(tools, call, "-d", mode={"route": route}))


@pytest.mark.parametrize("call", ("pause restart", "select restart", "nanosleep restart"))
def test_never_restarted(tools, library, call):
    """These return EINTR whatever the handler's flags say."""
    clean(step(tools, call, mode={"route": "auto"}))


@pytest.mark.parametrize("route", ("auto", "signalfd"))
@pytest.mark.parametrize("call", ("pause", "read"))
def test_patience_ends_inside(tools, library, route, call):
    """The patience of a waiting signal ends while the thread is anywhere in the hook. (Ending in the program's own
    code, before the hook, it is a signal at that place, as natively.)"""
    steps = step(tools, call, "-W", "3", "-x", "5", mode={"route": route, "patience": "1ms"})
    lost = [s for s in steps.inside() if s[2] != "good"]
    assert not lost, f"{lost[:20]}\n{steps.text[-2000:]}"


@pytest.mark.parametrize("call", ("pause", "select", "poll", "read"))
def test_natively_lost(tools, call):
    """The check can fail: natively every instruction between the check and the system call loses."""
    steps = step(tools, call, "-m", "60")
    verdicts = [s[2] for s in steps.all]
    first = verdicts.index("lost")
    assert set(verdicts[first:]) == {"lost"} and len(verdicts) - first >= 5, steps.text
    assert "good" in verdicts[:first], steps.text


@pytest.mark.parametrize("call", MASKED)
def test_natively_atomic(tools, call):
    """... and does not fail what is right: these calls open the mask atomically."""
    clean(step(tools, call))


@pytest.fixture(scope="session")
def broken(tmp_path_factory):
    """path of a library from a changed copy of the sources; only what changed is compiled again"""
    def build(name, file, old, new):
        tree = tmp_path_factory.mktemp(name)
        for room in ("arch", "base", "config", "engine", "hooks", "libc", "trace", "guard"):
            shutil.copytree(harness.ROOT / room, tree / room)
        for f in ("Makefile", "preload.c"):
            shutil.copy2(harness.ROOT / f, tree / f)
        if OBJECTS.exists():
            shutil.copytree(OBJECTS, tree / "build" / "lib")
        source = tree / file
        text = source.read_text()
        assert text.count(old) == 1, f"{file} has changed: look for what to break instead of {old!r}"
        source.write_text(text.replace(old, new))
        done = subprocess.run(["make", "-j2", "build/libsigferry.so", "BUILD=build"], cwd=tree, capture_output=True, text=True,
                              timeout=120)
        assert done.returncode == 0, done.stderr
        return tree / "build" / "libsigferry.so"
    return build


def test_broken_window_is_found(tools, library, broken):
    """Without sf_window_end_early() every signal that comes in between the open gate and the system call is lost."""
    lib = broken("window", "engine/replay.c", "    sf_uc_set_pc(uc, (uintptr_t)sf_window_eintr);\n", "")
    at = symbols(lib)
    steps = step(tools, "pause", "-m", "100", mode={"route": "auto"}, library=lib, limit=120)
    lost = {s[1] for s in steps.all if s[0].startswith("libsigferry") and s[2] == "lost"}
    assert at["sf_window_syscall"] in lost, steps.text[-2000:]


DELIVERIES = [  # route, program, which delivery, at every how many-th instruction (scans of all slots make some long)
    ("auto", "pause two", 1, 7), ("signalfd", "pause two", 1, 31), ("signalfd", "pause two", 2, 13),
    ("direct", "pause two", 1, 7), ("auto", "spin two", 1, 31), ("auto", "spin two", 2, 13),
    ("signalfd", "spin two", 2, 13), ("direct", "spin two", 1, 31),
    ("auto", "sigsuspend blocked two", 1, 31), ("signalfd", "pselect blocked two mask", 1, 31)]


@pytest.mark.parametrize("route,program,nth,every", DELIVERIES)
def test_second_during_delivery(tools, library, route, program, nth, every, repeat):
    """A second signal while the first is on its way through our stub, its handler, and the way out: in a parked
    thread, and in one that computes until patience is over. Under --stress at every instruction."""
    steps = step(tools, program, "-s", USR1, "-s", USR2, "-r", str(nth), "-e", "1" if repeat > 1 else str(every),
                 mode={"route": route, "patience": "1ms"}, limit=900 if repeat > 1 else 60)
    clean(steps)
    assert len(steps.all) > 20, steps.text


RUSHES = [  # route, program, which delivery, signals
    ("auto", "pause three", 1, (RTMIN, RTMIN, RTMIN)), ("signalfd", "pause three", 1, (RTMIN, RTMIN1, RTMIN)),
    ("direct", "pause three mask", 1, (RTMIN, RTMIN, RTMIN1)), ("auto", "ppoll blocked three onstack", 1, (RTMIN, USR2, RTMIN)),
    ("signalfd", "ppoll blocked three", 1, (RTMIN, USR2, RTMIN)), ("auto", "pause three nodefer", 1, (USR1, USR2, RTMIN)),
    ("auto", "spin three mask", 2, (RTMIN, USR2, RTMIN)), ("signalfd", "spin three", 2, (RTMIN, RTMIN, USR1))]
# (Not with handlers that jump: natively a jump out of the first of two frames loses the second, too.)


@pytest.mark.parametrize("seed", (1, 2))
@pytest.mark.parametrize("route,program,nth,signals", RUSHES)
def test_rush_during_delivery(tools, library, route, program, nth, signals, seed, repeat):
    """Three, of them real-time ones, close after each other: none lost, none twice, in order, with native masks."""
    which = [x for s in signals for x in ("-s", s)]
    steps = step(tools, program, "-q", *which, "-j", "50", "-S", str(seed), "-r", str(nth), "-e", "1" if repeat > 1 else "29",
                 mode={"route": route, "patience": "1ms"}, limit=900 if repeat > 1 else 60)
    clean(steps)
    assert len(steps.all) > 20, steps.text


def test_broken_settle_is_found(tools, library, broken):
    """Where the way out of a frame does not let in what it has just granted, the handler never runs."""
    lib = broken("settle", "engine/settle.c", "    mask &= ~in;\n", "")
    with pytest.raises(AssertionError):
        clean(step(tools, "spin two", "-s", USR1, "-s", USR2, "-r", "2", "-e", "101", "-m", "500", "-x", "3",
                   mode={"route": "auto", "patience": "1ms"}, library=lib))


@pytest.mark.parametrize("route", ROUTES)
def test_storm(library, route):
    storm = harness.compile_program(RACE / "storm.c")
    result = harness.run([storm, "20000"], mode={"route": route}, timeout=20)
    assert result.status == 0 and result.stdout == "20000 of 20000\n", str(result)


def test_without_a_processor(library):
    """Patience is not over for a thread that has had no processor meanwhile: it would be cut wherever it stood."""
    program = harness.compile_program(RACE / "starved.c")

    def torn(mode):
        result = harness.run([program, "10"], mode=mode, timeout=60)
        found = re.fullmatch(r"handled 10 torn (\d+)\n", result.stdout)
        assert found, str(result)
        return int(found[1])

    assert torn(None) > 0, "the program no longer shows what it is for"
    assert torn({"patience": "4ms"}) == 0
