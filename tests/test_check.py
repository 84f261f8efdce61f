"""`sigferry check` over small programs with one defect each (tests/check/), and over their twins without it.

A program's head says what must be found: `/* finds: KIND key=value... */`. Nothing else may be, but for the kinds that
`/* also: ... */` names. Compiled with -DCLEAN it is its own clean twin, of which nothing may be said at all.
"""
import json
import re
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import pytest

import harness

PROGRAMS = sorted(p for p in (harness.ROOT / "tests" / "check").iterdir() if p.suffix in (".c", ".cc"))
COMMAND = harness.BUILD / "sigferry"


def head(source):
    text = source.read_text()
    finds = re.search(r"^/\* finds: (.*?) \*/", text, re.M).group(1).split()
    also = re.search(r"^/\* also: (.*?) \*/", text, re.M)
    keys = dict(item.split("=", 1) for item in finds[1:])
    return finds[0], {k: v.replace("+", " ").split("|") for k, v in keys.items()}, set(also.group(1).split() if also else ())


def compiled(source, clean):
    name = source.stem + ("-clean" if clean else "")
    return harness.compile_program(source, ["-DCLEAN"] if clean else [], name=name)


def check(argv, *options, tmp_path, timeout=100):
    """(result, findings) of one run under the command."""
    report = tmp_path / "report.json"
    done = harness.run([COMMAND, "check", "-f", "json", "-o", report, *options, "--", *argv], timeout=timeout,
                       env={"SIGFERRY_CONFIG": "/dev/null"})
    assert report.exists(), str(done)
    return done, json.loads(report.read_text())["findings"]


def patient(source):
    """On a busy machine any handler may take a tenth of a second: a finding where that is the point alone."""
    return [] if head(source)[0] == "handler-slow" else ["--slow", "5s"]


def value(finding, key):
    if key == "handler":
        return finding.get("handler", {}).get("symbol")
    return finding.get(key)


def fits(finding, kind, keys):
    return finding["kind"] == kind and all(value(finding, k) in v for k, v in keys.items())


@pytest.mark.parametrize("source", PROGRAMS, ids=lambda p: p.stem)
def test_defect_is_found(library, tmp_path, source):
    kind, keys, also = head(source)
    done, found = check([compiled(source, False)], *patient(source), tmp_path=tmp_path)
    assert [f for f in found if fits(f, kind, keys)], f"{kind} {keys} is not among:\n{json.dumps(found, indent=1)}\n{done}"
    assert {f["kind"] for f in found} <= {kind} | also, done.stderr
    assert done.leftovers == 0


@pytest.mark.parametrize("source", PROGRAMS, ids=lambda p: p.stem)
def test_twin_is_clean(library, tmp_path, source):
    done, found = check([compiled(source, True)], *patient(source), tmp_path=tmp_path)
    assert found == [] and done.status == 0 and done.leftovers == 0, f"{json.dumps(found, indent=1)}\n{done}"


def found_in(source, clean, tmp_path):
    place = tmp_path / f"{source.stem}{'-clean' if clean else ''}"
    place.mkdir()
    return check([compiled(source, clean)], *patient(source), tmp_path=place)


def is_extra(finding, source):
    kind, _, also = head(source)
    return finding["kind"] != kind and finding["kind"] not in also


def test_figures(library, tmp_path):
    """Recall and false positives over the whole corpus, as doc/findings.md has them: 57 of 57, and none."""
    with ProcessPoolExecutor(2) as pool:
        wrong = list(pool.map(partial(found_in, clean=False, tmp_path=tmp_path), PROGRAMS))
        right = list(pool.map(partial(found_in, clean=True, tmp_path=tmp_path), PROGRAMS))
    missed = [p for p, (_, found) in zip(PROGRAMS, wrong) if not any(fits(f, *head(p)[:2]) for f in found)]
    extra = [p for p, (_, found) in zip(PROGRAMS, wrong) for f in found if is_extra(f, p)]
    loud = [p for p, (_, found) in zip(PROGRAMS, right) if found]
    said = (f"{len(PROGRAMS)} defects: {len(PROGRAMS) - len(missed)} found, {len(extra)} findings beside them; "
            f"{len(PROGRAMS)} clean twins: {len(loud)} with false positives")
    print(said)
    suspects = [(p.stem, wrong[PROGRAMS.index(p)]) for p in dict.fromkeys(missed + extra)]
    suspects += [(f"{p.stem}, the clean twin", right[PROGRAMS.index(p)]) for p in loud]
    why = "\n".join(f"{name}: {json.dumps(found, indent=1)}\n{done}" for name, (done, found) in suspects)
    assert said == re.search(r"^\d+ defects: .*$", (harness.ROOT / "doc" / "findings.md").read_text(), re.M).group(0), why


def test_there_are_enough_programs():
    assert len(PROGRAMS) >= 40
    assert {head(p)[0] for p in PROGRAMS} == set(re.findall(r'^SF_FINDING\(\w+, "([\w-]+)"',
                                                            (harness.ROOT / "base" / "findings.def").read_text(), re.M))
