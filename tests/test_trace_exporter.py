"""sigferry exporter: read by a real Prometheus, and by hand."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

import harness
from trace_place import program, sf, until  # noqa: F401

DOC = harness.ROOT / "doc"


def start(sf, *args):
    p = sf.start("exporter", "--listen", "127.0.0.1:0", *args, stderr=subprocess.PIPE)
    port = int(re.search(r"port (\d+)", p.stderr.readline())[1])
    return p, f"http://127.0.0.1:{port}"


def scrape(url):
    with urllib.request.urlopen(url + "/metrics", timeout=10) as r:
        assert r.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
        return r.read().decode()


def waits(sf):
    # A name that no other test's processes have: series are by program.
    path = sf.home / f"w{os.getpid()}"
    shutil.copy(program("waits"), path)
    p = sf.carried(str(path), stdout=subprocess.PIPE)
    assert p.stdout.readline() == "ready\n"
    return p, path.name


def value(text, name, **labels):
    for line in text.splitlines():
        if line.startswith(name + "{") and all(f'{k}="{v}"' in line for k, v in labels.items()):
            return float(line.rpartition(" ")[2])
    return None


def send(p, n, url, name):
    for i in range(1, n + 1):
        os.kill(p.pid, signal.SIGUSR1)
        until(lambda: (value(scrape(url), "sigferry_handler_run_seconds_count", program=name, signal="SIGUSR1") or 0) >= i, f"handler {i}")


def test_numbers(sf):
    e, url = start(sf)
    p, name = waits(sf)
    send(p, 5, url, name)
    text = scrape(url)
    assert value(text, "sigferry_signals_arrived_total", program=name, signal="SIGUSR1", sender="process") == 5
    assert value(text, "sigferry_handler_run_seconds_count", program=name, signal="SIGUSR1", handler=f"on_usr1 ({name})") == 5
    assert value(text, "sigferry_handler_errno_changed_total", program=name) == 5
    assert value(text, "sigferry_processes", program=name) == 1
    buckets = [float(l.rpartition(" ")[2]) for l in text.splitlines() if l.startswith("sigferry_handler_run_seconds_bucket{") and name in l]
    assert buckets == sorted(buckets) and buckets[-1] == 5 and len(buckets) == 15
    p.kill()
    p.wait()
    text = until(lambda: (t := scrape(url)) and value(t, "sigferry_processes", program=name) == 0 and t, "its end")
    assert value(text, "sigferry_handler_run_seconds_count", program=name, signal="SIGUSR1") == 5, "counters do not fall"
    assert text.endswith("# EOF\n")
    for path, status in (("/", 404), ("/x", 404)):
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(url + path, timeout=10)
        assert error.value.code == status
    e.send_signal(signal.SIGTERM)
    assert e.wait(20) == 0


@pytest.mark.skipif(not shutil.which("prometheus"), reason="needs prometheus")
def test_prometheus_scrapes_it(sf):
    _, url = start(sf)
    p, name = waits(sf)
    send(p, 3, url, name)
    port = harness.free_port()
    (sf.home / "prometheus.yml").write_text(
        f"global: {{scrape_interval: 1s}}\nrule_files: ['{DOC}/alerts.yml']\n"
        f"scrape_configs: [{{job_name: sigferry, static_configs: [{{targets: ['{url[7:]}']}}]}}]\n")
    sf.start("--config.file=prometheus.yml", f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.path=data", command="prometheus",
             stderr=subprocess.DEVNULL)

    def ask(query):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/query?query={query}", timeout=5) as r:
                return json.load(r)["data"]["result"]
        except (urllib.error.URLError, ConnectionError):
            return []

    found = until(lambda: ask(f'sigferry_handler_run_seconds_count{{program="{name}"}}'), "a scrape", 40)
    assert [(f["metric"]["signal"], f["value"][1]) for f in found] == [("SIGUSR1", "3")]
    assert until(lambda: ask("up"), "up")[0]["value"][1] == "1"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/rules", timeout=5) as r:
        rules = json.load(r)["data"]["groups"][0]["rules"]
    assert len(rules) == 6


@pytest.mark.skipif(not shutil.which("promtool"), reason="needs promtool")
def test_rules_and_exposition(sf):
    r = subprocess.run(["promtool", "check", "rules", DOC / "alerts.yml"], capture_output=True, text=True, timeout=60)
    assert r.returncode == 0, r.stdout + r.stderr


def test_the_dashboard_asks_for_what_there_is(sf):
    waits(sf)
    there = set(re.findall(r"^# TYPE (\w+)", sf("exporter", "--once").stdout, re.M))
    asked = set(re.findall(r"sigferry_\w+", json.dumps(json.loads((DOC / "grafana.json").read_text())["panels"]) + (DOC / "alerts.yml").read_text()))
    assert asked and {re.sub(r"_(total|bucket)$", "", a) for a in asked} <= there


@pytest.mark.skipif(os.geteuid() != 0 or os.path.exists("/run/systemd/journal"), reason="needs root and a place without a journal")
def test_journal(sf):
    os.makedirs("/run/systemd/journal")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.bind("/run/systemd/journal/socket")
            s.settimeout(20)
            start(sf, "--journal")
            p = sf.carried(program("waits"), settings="fault=clone", stdout=subprocess.PIPE)
            assert p.stdout.readline() == "ready\n"
            text = s.recv(65536).decode()
            while 'program="waits"' not in text:
                text = s.recv(65536).decode()
        assert "PRIORITY=4" in text and "SIGFERRY_METRIC=sigferry_stepped_aside" in text and "1 more processes stepped aside" in text
    finally:
        shutil.rmtree("/run/systemd/journal")


@pytest.mark.parametrize("args, said", [(["--listen", "x"], "is not ADDRESS:PORT"), (["x"], "takes no arguments"), (["--fast"], "unknown option"),
                                        (["--listen", "256.0.0.1:1"], "--listen 256.0.0.1:1: ")])
def test_wrong_use(sf, args, said):
    r = sf("exporter", *args)
    assert (r.returncode, r.stdout) == (125, "") and said in r.stderr and r.stderr.count("\n") == 1


def test_an_address_that_is_taken(sf):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        r = sf("exporter", "--listen", f"127.0.0.1:{s.getsockname()[1]}")
    assert r.returncode == 125 and "cannot be listened on: Address already in use" in r.stderr
