"""The matrix of real programs (tests/matrix/): each row natively and under `sigferry run`; no row may differ.

`make check-programs` installs what the rows need, runs them and prints the table."""
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "matrix"))
import _rows  # noqa: E402

pytestmark = pytest.mark.programs


@pytest.fixture(scope="module")
def staged(library, tmp_path_factory):
    where = tmp_path_factory.mktemp("staged")
    for parent in (where, *where.parents):  # pytest's own directories are closed to the users that servers become
        if parent.name.startswith("pytest-"):
            parent.chmod(0o755)
    return _rows.stage(where)


@pytest.mark.matrix
@pytest.mark.parametrize("name", _rows.names())
def test_row(name, staged):
    verdict = _rows.compare(name, staged)
    if verdict.missing:
        pytest.skip(f"missing: {verdict.missing}")
    print("\n".join(verdict.notes))
    assert not verdict.differences, "\n".join(verdict.differences)


# ---- the matrix itself can tell ----

class Fake:
    """A row that looks at whether it runs under sigferry."""
    PROGRAM, SENT, NEEDS = "fake", "nothing", ()

    def __init__(self, row):
        self.row = row


def judged(row, staged, monkeypatch):
    monkeypatch.setattr(_rows, "load", lambda name: Fake(row))
    return _rows.compare("fake", staged)


def good(world):
    sleeper = world.start(["sh", "-c", "trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done"])
    world.says("up")
    world.carries(sleeper)
    sleeper.send(15)
    world.saw(world.ended(sleeper))


def test_differences_are_found(staged, monkeypatch):
    verdict = judged(good, staged, monkeypatch)
    assert not verdict.differences and verdict.native.seen == ["exit 3"]
    assert judged(lambda w: (good(w), w.saw(bool(w.prefix))), staged, monkeypatch).differences
    assert judged(lambda w: (good(w), w.prefix and w.saw("more")), staged, monkeypatch).differences
    assert judged(lambda w: w.saw("the same"), staged, monkeypatch).differences == [
        "under sigferry: the row never showed that the library was in the program"]
    assert judged(lambda w: (good(w), w.wait("never", lambda: False, 0.1)), staged, monkeypatch).differences
    assert judged(lambda w: None, staged, monkeypatch).differences
    left = judged(lambda w: (good(w), w.prefix and w.start(["sleep", "60"])), staged, monkeypatch)
    assert [d.rstrip("12") for d in left.differences] == ["left behind: natively 0, under sigferry "]


def test_nothing_stays_that_has_lost_its_marker(staged, monkeypatch):
    """As redis loses it, which writes its title over its environment."""
    seconds = f"60.{os.getpid()}"
    verdict = judged(lambda w: (good(w), w.start(["env", "-i", "setsid", "-f", "sleep", seconds]),
                                w.wait("it", lambda: alive(seconds))), staged, monkeypatch)
    assert verdict.native.left and verdict.ferried.left and not alive(seconds), verdict


def alive(argument):
    return [p for p in os.listdir("/proc") if p.isdigit() and _rows._world.title(p) == f"sleep {argument}"]


def unlucky(tmp_path, who, rounds):
    """A row that gives up so many times natively ("n"), under sigferry ("s"); and the file that tells its runs."""
    told = tmp_path / f"runs-{who}{rounds}"

    def row(world):
        me = "s" if world.prefix else "n"
        with told.open("a") as f:
            f.write(me)
        good(world)
        world.wait("luck", lambda: me not in who or told.read_text().count(me) > rounds, 0.1)
        world.saw("luck")
    return row, told


@pytest.mark.parametrize("who, rounds, runs, word", [("n", 0, "ns", "alike"), ("n", 1, "nns", "alike"), ("n", 2, "nnns", "alike"),
                                                     ("n", 3, "nnns", "differs"), ("s", 1, "ns", "differs"), ("ns", 1, "nns", "differs")])
def test_only_a_native_run_is_repeated(staged, monkeypatch, tmp_path, capsys, who, rounds, runs, word):
    row, told = unlucky(tmp_path, who, rounds)
    verdict = judged(row, staged, monkeypatch)
    assert "".join(sorted(told.read_text())) == runs and verdict.word == word, verdict
    again = ["natively once more, for it gave up waiting for: luck"] * (runs.count("n") - 1)
    assert verdict.notes == again
    _rows.show(verdict, quiet=True)
    assert [line.strip() for line in capsys.readouterr().out.splitlines()][1:1 + len(again)] == again


def test_a_native_run_that_fails_is_not_repeated(staged, monkeypatch):
    verdict = judged(lambda w: (good(w), w.prefix or 1 / 0), staged, monkeypatch)
    assert verdict.word == "differs" and not verdict.notes


def test_missing_is_not_alike(staged, monkeypatch):
    fake = Fake(good)
    fake.NEEDS = ("no-such-program",)
    monkeypatch.setattr(_rows, "load", lambda name: fake)
    verdict = _rows.compare("fake", staged)
    assert verdict.word == "missing" and verdict.missing == "no-such-program"
