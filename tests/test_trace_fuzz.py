"""The reader of rings against libFuzzer: corrupted and malicious files do no harm."""
import os
import shutil
import subprocess

import pytest

import harness

ROOT = harness.ROOT
SOURCES = ["tests/fuzz/ring_fuzz.c", *(f"cli/{n}.c" for n in ("ring status hist text jsonl chrome ctf stream words naming places "
           "session senders control message proc put").split()), "base/names.c", "base/text.c"]
SECONDS = int(os.environ.get("SIGFERRY_FUZZ_SECONDS", "20"))


def build(out, *flags):
    return subprocess.run(["clang", "-g", "-O1", *flags, "-fno-sanitize-recover=all", "-I", ROOT, "-I", ROOT / "arch" / os.uname().machine,
                    "-D_GNU_SOURCE", '-DSF_VERSION="fuzz"', "-o", out, *SOURCES, "-ldw", "-lelf"], cwd=ROOT, capture_output=True, text=True)


def fuzz(program, corpus, *args):
    return subprocess.run([program, *args, corpus, ROOT / "tests/fuzz/rings"], capture_output=True, text=True, errors="replace",
                          timeout=SECONDS + 120, cwd=corpus)


@pytest.fixture(scope="module")
def tool(tmp_path_factory):
    if not shutil.which("clang"):
        pytest.skip("needs clang")
    out = tmp_path_factory.mktemp("fuzz") / "ring_fuzz"
    done = build(out, "-fsanitize=fuzzer,address,undefined")
    if "libclang_rt.fuzzer" in done.stderr:
        pytest.skip("clang's fuzzer runtime is not installed")
    assert done.returncode == 0, done.stderr  # such as a file of the reader that is missing above
    return out


def test_fuzz(tool, tmp_path):
    assert len(list((ROOT / "tests/fuzz/rings").iterdir())) > 10
    r = fuzz(tool, tmp_path, f"-max_total_time={SECONDS}", "-timeout=10", "-rss_limit_mb=2048", "-detect_leaks=0", "-max_len=600")
    assert r.returncode == 0 and "stat::" not in r.stderr and "DONE" in r.stderr, r.stderr[-3000:]
