"""Options and markers of the test suite; see harness.py for how programs are compiled and run."""
import os
import signal
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
import harness  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--stress", type=int, default=0, metavar="N",
                     help="repeat each differential test N times under load from every core")
    parser.addoption("--part", default="", metavar="K/N",
                     help="every N-th test only, from the K-th on")
    parser.addoption("--only-mode", default="", metavar="TEXT",
                     help="differential tests: only modes whose name contains TEXT")


def pytest_configure(config):
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # nohup: what we start would inherit that
        signal.signal(signal.SIGHUP, lambda *_: None)
    config.addinivalue_line("markers", "programs: real programs of the distribution")
    config.addinivalue_line("markers", "matrix: those of tests/matrix, which make check-programs runs")
    config.addinivalue_line("markers", "slow: takes more than ten seconds")


def pytest_collection_modifyitems(config, items):
    part = config.getoption("--part")
    if not part:
        return
    k, _, n = part.partition("/")
    if not (k.isdecimal() and n.isdecimal() and 1 <= int(k) <= int(n)):
        raise pytest.UsageError(f"--part {part}: K/N is wanted, with K from 1 to N")
    rest = items[:]
    del rest[int(k) - 1::int(n)]
    config.hook.pytest_deselected(items=rest)
    items[:] = items[int(k) - 1::int(n)]


@pytest.fixture(scope="session")
def repeat(request):
    """How often to repeat each run: 1, or N under --stress=N with the load running."""
    count = request.config.getoption("--stress")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    if count <= 1 or worker != "gw0":  # one load for the machine, not one for each worker
        yield max(count, 1)
        return
    with harness.Load():
        yield count


@pytest.fixture(scope="session")
def library():
    if not harness.built():
        pytest.fail("build/libsigferry.so is missing: run make first")
    return harness.LIBRARY


def pytest_terminal_summary(terminalreporter):
    """The native failure rates of programs that signals break, however the tests were distributed."""
    for report in terminalreporter.stats.get("passed", []):
        for key, value in report.user_properties:
            if key == "native_failures":
                terminalreporter.write_line(f"natively broken: {value}")
