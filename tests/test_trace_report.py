"""sigferry report: one page, which a browser shows without a network."""
import json
import re
import shutil
import subprocess

import pytest

import harness
from trace_place import program, sf  # noqa: F401

BROWSER = next((b for b in ("chromium-headless-shell", "chromium") if shutil.which(b)), None)


def data(path):
    text = path.read_text()
    return json.loads(re.search(r"^const data = (.*?);\nconst \$", text, re.M | re.S)[1])


def dom(path, tmp):
    """The page as a browser leaves it, after its script."""
    r = subprocess.run([BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp}/profile", "--dump-dom",
                        f"file://{path}"], capture_output=True, text=True, timeout=120)
    assert "Uncaught" not in r.stderr, r.stderr
    return r.stdout


def test_of_a_program(sf):
    r = sf("report", "out.html", "--", program("raises"), "50")
    assert (r.returncode, r.stdout) == (-9, "50\n"), r
    page = sf.home / "out.html"
    d = data(page)
    assert sum(e["event"] == "begin" for e in d["events"]) == 51 == sum(e["event"] == "end" for e in d["events"])
    assert d["lost"] == d["left_out"] == 0 and d["findings"] == []
    assert not re.search(r"(src|href)=|https?://|url\(|@import|fetch\(", page.read_text()), "it needs no network"
    if not BROWSER:
        pytest.skip("the page itself needs chromium")
    text = dom(page, sf.home)
    assert 'data-ready="51"' in text and "handler (raises)" in text and "51 handlers in 2 threads" in text


def test_of_rings_that_were_left(sf):
    r = sf("report", "out.html")
    assert r.returncode == 1 and "no process has left a ring" in r.stderr or (sf.home / "out.html").exists()
    rings = sf.home / "runtime" / "sigferry"
    rings.mkdir(mode=0o700)
    harness.run([program("raises"), 7], mode={"trace": "on", "route": "direct"}, env={"SIGFERRY_RINGS": str(rings)})
    assert sf("report", "out.html", "--read", *rings.iterdir()).returncode == 0
    assert sum(e["event"] == "begin" for e in data(sf.home / "out.html")["events"]) == 8


def test_names_cannot_break_out(sf):
    evil = sf.home / "<script>x"
    shutil.copy(program("raises"), evil)
    sf("report", "out.html", "--", evil, "1")
    text = (sf.home / "out.html").read_text()
    assert text.count("<script>") == 1 and text.count("</script>") == 1
    assert any("<script>" in e["comm"] for e in data(sf.home / "out.html")["events"])


def test_wrong_use(sf):
    r = sf("report")
    assert r.returncode == 125 and "into which file?" in r.stderr
    r = sf("report", "out.html", "-p", "4194300")
    assert r.returncode == 1 and "no such process" in r.stderr
