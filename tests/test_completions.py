"""Completions for bash and zsh: they know each command and each of its long options."""
import re
import shutil
import subprocess

import pytest

import harness

COMMAND = harness.BUILD / "sigferry"
BASH = harness.ROOT / "completions" / "sigferry.bash"
ZSH = harness.ROOT / "completions" / "_sigferry"


def commands():
    out = subprocess.run([COMMAND, "--help"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^  ([a-z]+) ", out, re.M)


def options(command):
    out = subprocess.run([COMMAND, command, "--help"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^\s+(?:-\w, )?(--[a-z-]+)", out, re.M))


def complete(*words):
    """What bash offers for the last word."""
    script = (f"source {BASH}; COMP_WORDS=(sigferry {' '.join(repr(w) for w in words)}); COMP_CWORD={len(words)}; compopt() {{ :; }}; "
              "_sigferry; printf '%s\\n' \"${COMPREPLY[@]}\"")
    r = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, timeout=30,
                       env={"PATH": f"{harness.BUILD}:/usr/bin:/bin"})
    assert r.stderr == "", r.stderr
    return set(r.stdout.split())


def test_bash_knows_all_commands(library):
    assert complete("") == set(commands()) | {"--help", "--version"}
    assert complete("st") == {"stat"}


@pytest.mark.parametrize("command", "run check trace ps stat top ctl report exporter signals".split())
def test_bash_knows_all_options(library, command):
    assert options(command) - {"--pid"} <= complete(command, "--"), command


def test_bash_values(library):
    assert complete("trace", "--format", "c") == {"chrome", "ctf"}
    assert complete("check", "-f", "s") == {"sarif"}
    assert complete("ctl", "1", "trace", "o") == {"on", "off"}
    assert "replay=safe-point" in complete("ctl", "1", "signal", "HUP", "")
    assert "true" in complete("run", "--", "tru")


@pytest.mark.skipif(not shutil.which("zsh"), reason="needs zsh")
def test_zsh(library):
    subprocess.run(["zsh", "-n", ZSH], check=True)
    text = ZSH.read_text()
    for command in commands():
        assert f"'{command}:" in text and re.search(rf"^    {command}\) ", text, re.M), command
