"""The reader of findings, the suppressions and the three reports against libFuzzer with both sanitizers."""
import os
import shutil
import subprocess

import pytest

import harness

ROOT = harness.ROOT
SOURCES = ["tests/fuzz/findings_fuzz.c", *(f"cli/{n}.c" for n in "findings kinds places say sentence machine suppress again message".split()),
           "base/names.c", "base/text.c"]
SECONDS = int(os.environ.get("SIGFERRY_FUZZ_SECONDS", "15"))


def test_fuzz(tmp_path):
    if not shutil.which("clang"):
        pytest.skip("needs clang")
    out = tmp_path / "findings_fuzz"
    command = ["clang", "-g", "-O1", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all", "-I", ROOT, "-I",
               ROOT / "arch" / os.uname().machine, "-D_GNU_SOURCE", '-DSF_VERSION="fuzz"', "-o", out, *SOURCES, "-ldw", "-lelf", "-ljansson"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if "libclang_rt.fuzzer" in done.stderr:
        pytest.skip("clang's fuzzer runtime is not installed")
    assert done.returncode == 0, done.stderr
    (tmp_path / "corpus").mkdir()
    log = tmp_path / "log"
    with open(log, "w") as f:
        done = subprocess.run([out, f"-max_total_time={SECONDS}", "-timeout=20", "-rss_limit_mb=2048", "-max_len=600",
                               tmp_path / "corpus", ROOT / "tests/fuzz/findings"], stdout=f, stderr=f, timeout=SECONDS + 120, cwd=tmp_path)
    text = log.read_text(errors="replace")
    assert done.returncode == 0 and "DONE" in text, text[-3000:]
