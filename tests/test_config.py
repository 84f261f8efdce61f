"""The configuration: what is read from where, which setting wins, and what is said about mistakes.

tests/config_dump.c prints what the library would see; it is built with sanitizers.
"""
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = ["config/config.c", "config/set.c", "config/file.c", "config/provoke.c", "base/text.c", "base/names.c"]
FLAGS = ["-g", "-std=gnu11", "-Wall", "-Wextra", "-Wno-unused-parameter", "-I.", "-Iarch/" + os.uname().machine,
         "-D_GNU_SOURCE"]


def build(compiler, flags, source, out):
    subprocess.run([compiler, *FLAGS, *flags, "-o", str(out), source, *SOURCES, "-l:libinih.a"], cwd=ROOT, check=True,
                   timeout=120)
    return str(out)


@pytest.fixture(scope="module")
def dump(tmp_path_factory):
    program = build("gcc", ["-Werror", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
                    "tests/config_dump.c", tmp_path_factory.mktemp("config") / "dump")
    home = tmp_path_factory.mktemp("home")

    def run(*args, program_name="prog", env=None):
        full = {"HOME": str(home), "SIGFERRY_CONFIG": "/dev/null", **(env or {})}
        full = {k: v for k, v in full.items() if v is not None}
        r = subprocess.run([program, program_name, *args], env=full, text=True, capture_output=True, timeout=30)
        assert r.returncode == 0 and r.stderr == "", r.stderr
        assert "errno changed" not in r.stdout
        return r.stdout

    run.program = program
    return run


@pytest.fixture
def conf(dump, tmp_path):
    """Write a file and show what comes of it."""
    def run(text, *args, **kw):
        path = tmp_path / "sigferry.conf"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        env = {"SIGFERRY_CONFIG": str(path), **kw.pop("env", {})}
        return dump(*args, env=env, **kw).replace(str(path), "FILE")
    return run


def line(out, name):
    found = [l for l in out.splitlines() if l.startswith(name + " ")]
    return found[0] if found else ""


def error(out):
    found = [l for l in out.splitlines() if l.startswith("error: ")]
    return found[0][len("error: "):] if found else None


DEFAULT = "all route=auto replay=unset patience=20ms limit=1s"


def test_defaults(dump):
    assert dump() == "wakeup=auto guard=1 fault=0\n" + DEFAULT + "\n"


def test_sample_is_valid_and_says_the_defaults(conf):
    text = (ROOT / "config/sigferry.conf").read_text()
    assert conf(text) == "wakeup=auto guard=1 fault=0\n" + DEFAULT + "\n"
    examples = conf(text.replace("\n; ", "\n"), program_name="gawk")
    assert error(examples) is None
    assert "replay=safe-point patience=5ms" in line(examples, "SIGUSR1")


def test_every_value(conf):
    for route in ["auto", "signalfd", "direct"]:
        assert f"route={route} " in conf(f"[default]\nroute={route}\n")
    for replay in ["interruption-point", "safe-point", "helper", "helper-concurrent", "now"]:
        assert f"replay={replay} " in conf(f"[default]\nreplay = {replay}\n")
    assert "wakeup=off guard=0" in conf("[default]\nwakeup=off\nguard=off\n")
    assert "wakeup=auto guard=1" in conf("[default]\nwakeup=auto\nguard=on\n")
    assert "trace=1 records=8192" in conf("[default]\ntrace=on\nrecords=5000\n")
    assert "check=2 slow=5000000" in conf("[default]\ncheck=native\nslow=5ms\n")


@pytest.mark.parametrize("text,shown", [("0", "0"), ("500us", "500us"), ("20ms", "20ms"), ("1s", "1s"),
                                        ("1500ms", "1500ms"), ("3600s", "3600s"), ("007ms", "7ms"), ("0s", "0")])
def test_durations(conf, text, shown):
    out = conf(f"[default]\npatience = {text}\nlimit = {text}\n")
    assert error(out) is None
    assert f"patience={shown} limit={shown}" in out


def test_limit_never(conf):
    assert "limit=never" in conf("[default]\nlimit = never\n")


@pytest.mark.parametrize("key,value,said", [
    ("replay", "safepoint",
     'unknown replay "safepoint"; use interruption-point, safe-point, helper, helper-concurrent or now'),
    ("replay", "Now", 'unknown replay "Now"; use interruption-point, safe-point, helper, helper-concurrent or now'),
    ("route", "signal", 'unknown route "signal"; use auto, signalfd or direct'),
    ("route", "", "no value for route; use auto, signalfd or direct"),
    ("wakeup", "on", 'unknown wakeup "on"; use auto or off'),
    ("guard", "yes", 'unknown guard "yes"; use off or on'),
    ("trace", "1", 'unknown trace "1"; use off, on or deaths'),
    ("check", "yes", 'unknown check "yes"; use off, on or native'),
    ("slow", "5", 'slow "5" has no unit; write us, ms or s behind the number'),
    ("records", "512", 'records "512" is no number from 1024 to 4194304'),
    ("patience", "20", 'patience "20" has no unit; write us, ms or s behind the number'),
    ("patience", "never", 'patience "never" is no duration'),
    ("patience", "20min", 'patience "20min" is no duration'),
    ("patience", "1.5s", 'patience "1.5s" is no duration'),
    ("patience", "-1s", 'patience "-1s" is no duration'),
    ("patience", "3601s", 'patience "3601s" is too long; at most 3600s'),
    ("limit", "99999999999999999999999s", 'limit "99999999999999999999999s" is too long; at most 3600s, or never'),
    ("limit", "18446744073709551617us", "is too long"),
    ("limit", "", 'limit "" is no duration'),
    ("colour", "red", 'unknown key "colour"; use route, replay, patience, limit, wakeup, guard, trace, records, check, slow or SIGNAL.replay'),
    ("SIGHUP.wakeup", "auto", 'unknown key "wakeup" for a signal; use route, replay, patience or limit'),
    ("SIGHPU.replay", "now", 'unknown signal "SIGHPU"; use a name as SIGHUP or SIGRTMIN+3, or a number from 1 to 64'),
    ("SIGKILL.replay", "now", "SIGKILL can be neither caught nor blocked"),
    ("32.replay", "now", "signal 32 belongs to the C library"),
    ("SIGSEGV.route", "auto", "SIGSEGV is a fault of the running thread and is always handled in place"),
    ("SIGPIPE.replay", "helper", "SIGPIPE answers the thread's own write and is always handled in place"),
    ("fault", "clone", "fault is possible in the variable SIGFERRY only"),
])
def test_wrong_settings(conf, key, value, said):
    out = conf(f"# a comment\n[default]\n{key} = {value}\n")
    assert error(out).startswith("1 FILE:3: ") and said in error(out)
    assert DEFAULT in out


@pytest.mark.parametrize("heading,said", [
    ("[defaults]", 'unknown section "defaults"; use [default], [signal NAME], [program NAME] or'),
    ("[]", 'unknown section ""'),
    ("[default signal]", 'unknown section "default"'),
    ("[signal]", "a section for a signal is [signal SIGHUP]"),
    ("[signal SIGHUP SIGINT]", "a section for a signal is [signal SIGHUP]"),
    ("[signal SIGSTOP]", "SIGSTOP can be neither caught nor blocked"),
    ("[signal 33]", "signal 33 belongs to the C library"),
    ("[signal 65]", 'unknown signal "65"'),
    ("[signal 0]", 'unknown signal "0"'),
    ("[signal SIGRTMIN+31]", "unknown signal"),
    ("[program]", "a section for a program is [program NAME]"),
    ("[program a b]", "a section for a program is [program NAME]"),
    ("[program a signal]", "a section for a signal is"),
    ("[program /bin/a]", 'a program is named without its directory; use "a"'),
    ("[default", "section without a closing bracket"),
    ("[default] route=direct", "text behind the closing bracket"),
])
def test_wrong_sections(conf, heading, said):
    """Reported once, also when it has no key; its keys go nowhere."""
    for rest in ["", "route = direct\nreplay = nonsense\n"]:
        out = conf(f"\n{heading}\n{rest}")
        assert error(out).startswith("1 FILE:2: ") and said in error(out)
        assert out.endswith(DEFAULT + "\n")


def test_fault_signals_take_what_is_true_anyway(conf):
    assert error(conf("[signal SIGSEGV]\nroute = direct\nreplay = now\n")) is None


def test_syntax(conf):
    assert error(conf("[default]\nnonsense\n")) == "1 FILE:2: neither [section] nor key = value"
    assert error(conf("route = auto\n")) == "1 FILE:1: key before the first section; begin with [default]"
    # The earliest line is reported, the others counted.
    assert error(conf("[default]\nfoo=1\nnonsense\nbar=2\n")).startswith('3 FILE:2: unknown key "foo"')
    assert error(conf("[default]\nnonsense\nfoo=1\nbar=2\n")).startswith("3 FILE:2: neither")


def test_harmless_forms(conf):
    text = b"\xef\xbb\xbf[default]\r\n\t route = direct\r\n  replay=now ; why\r\n; c\r\n#" + b"x" * 500 + b"\n\nlimit: 2s"
    out = conf(text)
    assert error(out) is None
    assert "all route=direct replay=now patience=20ms limit=2s" in out


def test_long_lines(conf):
    assert error(conf("[default]\nroute = " + "x" * 400 + "\nreplay = now\n")) == \
        "1 FILE:2: line longer than 198 characters"
    longest = "[default]\nroute = " + " " * 186 + "auto\n"
    assert len(longest.splitlines()[1]) == 198
    assert error(conf(longest)) is None
    name = "p" * 120
    assert "replay=now" in conf(f"[program {name}]\nreplay=now\n", program_name=name)
    assert "replay=unset" in conf(f"[program {name}x]\nreplay=now\n", program_name=name)


def test_not_a_text_file(conf, dump, tmp_path):
    assert "zero byte" in error(conf(b"[default]\nroute\0=auto\n"))
    assert "larger than 256 KiB" in error(conf("#\n" * 200000))
    assert "is a directory" in error(dump(env={"SIGFERRY_CONFIG": str(tmp_path)}))
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert error(dump(env={"SIGFERRY_CONFIG": str(fifo)})) is None


def test_messages_are_one_clean_line(conf):
    said = error(conf(b"[default]\nroute = a\x1b[31m\x07\xff" + b"y" * 90 + b"\n"))
    assert said.isprintable() and "..." in said


LAYERS = """
[program prog signal SIGHUP]
replay = helper
[program prog]
patience = 1ms
SIGINT.replay = now
[program other]
route = direct
[default]
patience = 2ms
limit = 3s
[signal SIGHUP]
replay = now
limit = never
[signal SIGINT]
patience = 9ms
"""


def test_program_sections_win_wherever_they_stand(conf):
    out = conf(LAYERS)
    assert line(out, "all") == "all route=auto replay=unset patience=1ms limit=3s"
    assert line(out, "SIGHUP") == "SIGHUP route=auto replay=helper patience=1ms limit=never"
    assert line(out, "SIGINT") == "SIGINT route=auto replay=now patience=1ms limit=3s"
    out = conf(LAYERS, program_name="third")
    assert line(out, "SIGHUP") == "SIGHUP route=auto replay=now patience=2ms limit=never"
    assert line(out, "SIGINT") == "SIGINT route=auto replay=unset patience=9ms limit=3s"


def test_later_wins_within_a_layer(conf):
    out = conf("[signal HUP]\nreplay=now\n[default]\nreplay=helper\nroute=direct\n[default]\nroute=signalfd\n"
               "[signal sighup]\nlimit=1ms\nlimit=2ms\n")
    assert line(out, "all") == "all route=signalfd replay=helper patience=20ms limit=1s"
    assert line(out, "SIGHUP") == "SIGHUP route=signalfd replay=now patience=20ms limit=2ms"


def test_variable_wins_over_the_file(conf):
    out = conf(LAYERS, env={"SIGFERRY": "replay=safe-point:SIGHUP.limit=4s::SIGUSR1.route=direct:"})
    assert error(out) is None
    assert line(out, "all") == "all route=auto replay=safe-point patience=1ms limit=3s"
    assert line(out, "SIGHUP") == "SIGHUP route=auto replay=safe-point patience=1ms limit=4s"
    assert line(out, "SIGUSR1").startswith("SIGUSR1 route=direct")


def test_variable_errors_count_the_settings(dump):
    out = dump(env={"SIGFERRY": "route=auto:patience=20:foo"})
    assert error(out) == '2 SIGFERRY:2: patience "20" has no unit; write us, ms or s behind the number'
    assert error(dump(env={"SIGFERRY": "oops"})).startswith('1 SIGFERRY:1: "oops" is not key=value')
    assert "longer than 199" in error(dump(env={"SIGFERRY": "a=" + "x" * 300 + ":replay=now"}))
    assert "fault=2" in dump(env={"SIGFERRY": "fault=signalfd"})


def test_search_order(dump, tmp_path):
    home, xdg = tmp_path / "home", tmp_path / "xdg"
    for path, ms in [(home / ".config/sigferry/config", 1), (xdg / "sigferry/config", 2), (tmp_path / "named", 3)]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"[default]\npatience={ms}ms\n")
    env = {"SIGFERRY_CONFIG": None, "HOME": str(home)}
    assert "patience=1ms" in dump(env=env)
    env["XDG_CONFIG_HOME"] = str(xdg)
    assert "patience=2ms" in dump(env=env)
    env["SIGFERRY_CONFIG"] = str(tmp_path / "named")
    assert "patience=3ms" in dump(env=env)
    env["SIGFERRY_CONFIG"] = ""
    assert "patience=2ms" in dump(env=env)
    env["SIGFERRY_CONFIG"] = str(tmp_path / "gone")
    out = dump(env=env)
    assert "cannot be read: no such file" in error(out) and "patience=20ms" in out


def test_a_privileged_program_reads_nothing(conf):
    assert DEFAULT in conf("[default]\nroute=direct\nbad\n", env={"DUMP_SECURE": "1", "SIGFERRY": "replay=now"})


def test_one_setting_at_a_time(dump):
    out = dump("SIGHUP.replay=now", "replay=helper", "x=y", "guard=off")
    assert "set: unknown key" in out and "guard=0" in out
    assert "replay=helper" in line(out, "all") and "replay=now" in line(out, "SIGHUP")


def test_names_and_numbers_agree(dump):
    rows = [l.split() for l in subprocess.run([dump.program, "--names"], text=True, capture_output=True,
                                              check=True, timeout=30).stdout.splitlines()]
    assert all(number == back for number, _, back in rows if 1 <= int(number) <= 64)
    assert dict((n, name) for n, name, _ in rows)["34"] == "SIGRTMIN"
    import signal
    for s in signal.Signals:
        if s not in (signal.SIGRTMIN, signal.SIGRTMAX):
            assert [str(s.value), s.name, str(s.value)] in rows
    for text, number in [("hup", 1), ("SigHup", 1), ("IOT", 6), ("cld", 17), ("SIGPOLL", 29), ("RTMAX-2", 62),
                         ("rtmin+30", 64), ("RTMAX-31", -1), ("RTMIN-1", -1), ("", -1), ("SIG", -1), ("HUPP", -1),
                         ("+1", -1), ("1 ", -1), ("RTMIN+", -1)]:
        out = subprocess.run([dump.program, "--number", text], text=True, capture_output=True, timeout=30).stdout
        assert int(out) == number, text


def test_nothing_of_libc_but_memory_functions(tmp_path):
    """In the host program there is neither heap nor stdio nor locale."""
    allowed = {"memset", "memcpy", "ini_parse_stream"}
    for source in SOURCES:
        obj = tmp_path / "x.o"
        subprocess.run(["gcc", *FLAGS, "-O2", "-fPIC", "-fno-stack-protector", "-c", "-o", str(obj), source], cwd=ROOT,
                       check=True, timeout=60)
        names = subprocess.run(["nm", "-u", str(obj)], text=True, capture_output=True, check=True).stdout.split()[1::2]
        foreign = {n for n in names if not n.startswith("sf_")} - allowed - {"_GLOBAL_OFFSET_TABLE_"}
        assert not foreign, (source, foreign)


def test_fuzz(tmp_path):
    clang = shutil.which("clang") or shutil.which("clang-14")
    if not clang:
        pytest.skip("clang is not installed")
    probe = tmp_path / "probe.c"
    probe.write_text("int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return !d && n; }\n")
    if subprocess.run([clang, "-fsanitize=fuzzer", "-o", str(tmp_path / "probe"), str(probe)], capture_output=True,
                      timeout=60).returncode:
        pytest.skip("clang's fuzzer runtime is not installed")
    program = build(clang, ["-O1", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"],
                    "tests/fuzz/config_fuzz.c", tmp_path / "fuzz")
    (tmp_path / "corpus").mkdir()
    r = subprocess.run([program, "-max_total_time=10", "-max_len=2048", "-artifact_prefix=" + str(tmp_path) + "/",
                        str(tmp_path / "corpus"), str(ROOT / "tests/fuzz/corpus")],
                       text=True, capture_output=True, timeout=120)
    assert r.returncode == 0, r.stderr[-3000:]
