"""sigferry trace: nothing is lost without a word, in storms and at a kill."""
import json
import signal

import pytest

import harness
from trace_place import LIMIT, of, program, sf, until  # noqa: F401 (sf is a fixture)


def test_a_process_that_is_killed_is_read_to_its_last_record(sf):
    events, r = sf.events("-e", "event=begin,end", "--", program("raises"), "500")
    assert r.returncode == -9
    main = max({e["pid"] for e in events}, key=lambda p: sum(e["pid"] == p for e in events))
    mine = [e for e in events if e["pid"] == main]
    assert len(of(mine, "begin")) == len(of(mine, "end")) == 500
    assert mine[-1]["event"] == "end-of-process" and mine[-1]["how"] == "killed" and sf.left() == []


def count(path, needle):
    n = 0
    with open(path, "rb") as f:
        while block := f.readlines(1 << 24):
            n += sum(needle in line for line in block)
    return n


def test_two_senders_agree_exactly(sf):
    r = sf("trace", "--records", "1048576", "-e", "event=arrive,begin,end", "-e", "signal=RTMIN+2", "-o", "out", "--", program("flood"), "100000")
    assert (r.returncode, r.stdout) == (0, "200000\n"), r.stderr
    assert [count(sf.home / "out", w) for w in (b" arrives ", b" --> ", b" <-- ", b" lost ")] == [200000, 200000, 200000, 0]


def test_a_record_that_takes_long_is_not_lost(sf):
    """Its writer has no processor between its first word and its last: the end of one handler is there twice."""
    source = harness.ROOT / "tests" / "trace" / "unfinished.c"
    slow = harness.compile_program(source, flags=("-I", str(harness.ROOT)))
    events, r = sf.events("-e", "event=end", "--", slow, "600")
    assert r.returncode == 0, r.stderr
    assert [e["event"] for e in events if e["event"] in ("end", "lost")] == ["end", "end"]


def few_pending():
    """And an end, whatever becomes of the test."""
    if why := harness.missing("userns"):
        pytest.skip(why)
    return [*harness.few_queued(50), "prlimit", "--cpu=20"]


def test_an_arrival_counts_once_where_the_kernel_queues_no_more(sf):
    """The kernel takes no copy of what had to be held, or only its number."""
    r = sf("trace", "-e", "event=arrive,begin,end", "-e", "signal=RTMIN+2", "-o", "out", "--", *few_pending(), program("flood"), "20000")
    assert (r.returncode, r.stdout) == (0, "40000\n"), r.stderr
    assert [count(sf.home / "out", w) for w in (b" arrives ", b" --> ", b" <-- ")] == [40000, 40000, 40000]


def test_what_is_lost_is_counted(sf):
    """Exactly, in each run; and of ten runs with a short ring the reader is too late in one at least."""
    for _ in range(10):
        r = sf("trace", "--records", "1024", "-e", "event=all", "-f", "json", "-o", "out", "--", program("flood"), "20000")
        assert (r.returncode, r.stdout) == (0, "40000\n"), r.stderr
        lines = sf.objects("out")
        main_pid = of(lines, "begin")[0]["pid"]
        main = [e for e in lines if e["pid"] == main_pid]
        lost = sum(e["records"] for e in of(main, "lost"))
        signals = sum(e["event"] in ("arrive", "begin", "end") for e in main)
        assert 120000 <= signals + lost <= 120200, (signals, lost)
        if lost:
            return
    assert lost


def test_a_storm_is_shown_while_it_lasts(sf):
    """Not at once, but its beginning does not wait for its end."""
    p = sf.start("trace", "-e", "event=end", "-e", "signal=USR2", "-f", "json", "-o", "out", "--", program("hails"))

    def times():
        lines = (sf.home / "out").read_text().splitlines() if (sf.home / "out").exists() else []
        return [json.loads(line)["time_ns"] for line in lines if '"end"' in line and line.endswith("}")]
    until(lambda: times() and times()[-1] - times()[0] > 1500000000, "more than the first moment of a storm that goes on")
    assert p.poll() is None
    p.send_signal(signal.SIGTERM)
    assert p.wait(LIMIT) == -signal.SIGTERM
    assert times() == sorted(times()) and sf.left() == []
