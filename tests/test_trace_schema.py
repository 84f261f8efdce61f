"""sigferry trace --format json: every line of real output, with every kind of event, is as doc/trace.schema.json says."""
import copy
import json
import os
import re
import signal
import subprocess

import pytest

import harness
from trace_place import LIMIT, Place, child_of, ended, of, program, ready, sf, until  # noqa: F401 (sf is a fixture)

jsonschema = pytest.importorskip("jsonschema")
SCHEMA = json.loads((harness.ROOT / "doc" / "trace.schema.json").read_text())
EVENTS = re.findall(r'^SF_EVENT\(\w+, "([\w-]+)"', (harness.ROOT / "base" / "events.def").read_text(), re.M)


def validator(schema=SCHEMA):
    return jsonschema.Draft202012Validator(schema)


def plain(sf):
    """Most of them, in one go."""
    yield from sf.events("-e", "event=all", "--", program("events"))[0]
    for args in (("faults", "segv"), ("merges", "sends"), ("merges", "timer", "signalfd")):
        yield from sf.events("-e", "event=all", "--", program(args[0]), *args[1:])[0]
    yield from sf.events("-e", "event=all", "--", "bash", "-c", "trap : USR1; kill -USR1 $$; (exit 3); kill -TERM $$")[0]
    long = sf.home / "a-name-that-takes-more-than-one-record"
    long.symlink_to(program("merges"))
    yield from sf.events("-e", "event=all", "--", "bash", "-c", f"exec {long} sends")[0]
    # The listener cannot be made: a mode.
    yield from sf.events("-e", "event=all", "--route", "auto", "--", program("merges"), "sends", env={"SIGFERRY": "fault=clone"})[0]


def losses(sf):
    """The reader is stopped while there are more records than places."""
    p = ready(sf.start("trace", "--records", "1024", "-f", "json", "-o", "lost", "--", program("waits"), stdout=subprocess.PIPE))
    pid = child_of(p.pid)
    os.kill(p.pid, signal.SIGSTOP)
    for _ in range(1000):
        os.kill(pid, signal.SIGRTMIN + 1)
    os.kill(pid, signal.SIGTERM)
    until(lambda: ended(pid), "the end of the program")
    os.kill(p.pid, signal.SIGCONT)
    assert p.wait(LIMIT) == 5
    return sf.objects("lost")


def forced(sf):
    p = sf.start("trace", "--route", "auto", "-f", "json", "-o", "forced", "--", program("events"), "waits", stdin=subprocess.PIPE,
                 stdout=subprocess.PIPE, env={"SIGFERRY": "limit=200ms"})
    assert p.stdout.readline() == "blocked\n"
    p.stdin.close()
    assert p.wait(LIMIT) == 0
    return sf.objects("forced")


def wakeups(sf):
    p = ready(sf.start("trace", "--route", "auto", "-f", "json", "-o", "wakeups", "--", program("loops"), "wakes", stdout=subprocess.PIPE))
    p.stdout.readline()
    for _ in range(10):
        os.kill(child_of(p.pid), signal.SIGUSR1)
        assert p.stdout.readline() == "woken\n"
    os.kill(child_of(p.pid), signal.SIGTERM)
    assert p.wait(LIMIT) == 0
    return sf.objects("wakeups")


@pytest.fixture(scope="module")
def lines(tmp_path_factory, library):
    found = []
    for what in (plain, losses, forced, wakeups):
        place = Place(tmp_path_factory.mktemp("trace"))
        found += what(place)
        place.end()
    return found


def test_every_line_is_as_the_schema_says(lines):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    check = validator()
    wrong = [(line, e.message) for line in lines for e in check.iter_errors(line)]
    assert wrong == []


def test_every_kind_of_event_and_every_member_was_there(sf, lines):
    """No member stands in the schema that nothing writes, and none of its events is missing in the command's own list."""
    named = set(SCHEMA["properties"]["event"]["enum"])
    said = sf("trace", "-e", "event=none-such", "true").stderr
    assert named - {"lost", "end-of-process"} == set(re.search(r"there are all, (.*)", said)[1].split(", ")) - {"comm", "cmdline"}
    assert {line["event"] for line in lines} == named
    assert {m for line in lines for m in line} == {m for name in named for m in SCHEMA["$defs"][name]["properties"]}
    addresses = [line[m] for line in lines for m in ("handler", "caller", "interrupted") if isinstance(line.get(m), dict)]
    assert {m for a in addresses for m in a} == set(SCHEMA["$defs"]["address"]["properties"])


def test_a_signal_that_nobody_has_seen_has_no_sender(sf):
    """The listener leaves one to its default action without taking it: the record holds zeros there."""
    p = sf.carried("sh", "-c", "kill -USR1 $$", settings="trace=deaths:route=direct:records=1024")
    assert p.wait(LIMIT) == -signal.SIGUSR1
    ring, = (sf.home / "runtime").rglob("*.ring")
    data = bytearray(ring.read_bytes())
    places = range(len(data) - 1024 * 64, len(data), 64)
    at, = (at for at in places if data[at + 20] == EVENTS.index("default"))
    data[at + 24:at + 64] = bytes(40)
    ring.write_bytes(data)
    line, = of(map(json.loads, sf("trace", "-f", "json", "--read", ring).stdout.splitlines()), "default")
    assert list(line) == ["time_ns", "pid", "comm", "tid", "event", "signal"] and validator().is_valid(line)


def test_what_differs_is_found(lines):
    """One member more, one less, one of another type: in each kind of event. And a schema that is wrong."""
    check = validator()
    for name in SCHEMA["properties"]["event"]["enum"]:
        line = next(line for line in lines if line["event"] == name)
        assert check.is_valid(line) and not check.is_valid({**line, "more": 1}) and not check.is_valid({**line, "event": "other"})
        for member in SCHEMA["$defs"][name]["required"]:
            assert not check.is_valid({m: v for m, v in line.items() if m != member}), (name, member)
        for member, value in line.items():
            assert not check.is_valid({**line, member: [value]}), (name, member)
    for name in SCHEMA["properties"]["event"]["enum"]:
        less = copy.deepcopy(SCHEMA)
        del less["$defs"][name]["properties"]["comm"]
        assert not validator(less).is_valid(next(line for line in lines if line["event"] == name)), name
