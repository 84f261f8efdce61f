"""Memory: what the library holds in a process, and that nothing of it grows with signals, forks and generations.

The short form is part of check; MEMORY_SIGNALS=1000000 MEMORY_FORKS=100000 is the long one (make memory).
"""
import os
import re
from pathlib import Path

import pytest

import harness

HERE = Path(__file__).parent / "memory"
SIGNALS = int(os.environ.get("MEMORY_SIGNALS", "100000"))
FORKS = int(os.environ.get("MEMORY_FORKS", "2000"))
MODES = {
    "default": {},
    "helper": {"replay": "helper"},
    "signalfd": {"route": "signalfd"},
    "traced": {"trace": "on"},
}
LIBRARY_KIB = 128  # besides the record: its ring, and the head with the numbers of each signal and handler
GROWTH_KIB = {"library": 32, "record": 16, "anonymous": 64}  # pages first touched later: a longer queue, one more handler's numbers


def measured(mode):
    """(phase, "first" or "last") -> what -> number."""
    program = harness.compile_program(HERE / "grow.c", deps=[Path(__file__).parent / "corner" / "common.h"])
    forks = min(FORKS, 4000) if "trace" in mode else FORKS  # each of these children leaves its record behind
    seconds = 60 + SIGNALS / 2000 + forks / 50
    result = harness.run([program, SIGNALS, forks, max(50, forks // 20)], mode=mode, timeout=seconds)
    assert result.status == 0 and "FAIL" not in result.stdout, result
    found = {}
    for phase, when, rest in re.findall(r"^(\w+) (first|last) (.*)$", result.stdout, re.M):
        found[phase, when] = {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", rest)}
    assert len(found) == 6, result
    return found


def grown(found):
    """What has grown, in words."""
    said = []
    for phase in ("signals", "forks", "generations"):
        first, last = found[phase, "first"], found[phase, "last"]
        for name in last:
            if last[name] > first[name] + GROWTH_KIB.get(name, 0):
                said.append(f"{phase}: {name} from {first[name]} to {last[name]}")
    return said


@pytest.mark.parametrize("mode", MODES)
def test_nothing_grows(library, mode):
    found = measured(MODES[mode])
    print(mode, {phase: values for (phase, when), values in found.items() if when == "last"})
    assert grown(found) == []
    for (phase, when), values in found.items():
        assert values["library"] + values["stacks"] <= LIBRARY_KIB, (phase, when, values)
        assert 0 < values["library"] and values["threads"] >= 2, "the library was not there, or had nothing to do"


def test_growth_is_seen():
    steady = {(p, w): {"library": 60, "descriptors": 7, "anonymous": 200} for p in ("signals", "forks", "generations") for w in ("first", "last")}
    assert grown(steady) == []
    steady["forks", "last"] = {"library": 100, "descriptors": 8, "anonymous": 264}
    assert grown(steady) == ["forks: library from 60 to 100", "forks: descriptors from 7 to 8"]
