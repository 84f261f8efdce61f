"""Play a session with a shell in a terminal of its own, and tell what was on the screen.

A session file begins with `shell: COMMAND`; then each line is one step:

    > TEXT     type the line, wait for the prompt
    ! TEXT     type the line
    keys TEXT  type it without a return, until the editor has echoed it: it reads, and has its handlers set
    key C      type Ctrl-C
    runs NAME  until NAME is in the foreground and at rest
    see TEXT   until TEXT has been printed since the last step that typed something
    prompt     until the prompt is there
    cooked     until the terminal delivers lines, not keys (the shell's editor has left it)
    size C R   change the size of the window
    end        until the shell has ended

Steps wait for a condition, never for a time. The first that waits in vain ends the session, and says so.
"""
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import uuid
from pathlib import Path

import harness

PROMPT = "ready> "
LIMIT = 6.0  # seconds for one step


class GaveUp(Exception):
    pass


def shell_of(path):
    return re.match(r"shell: (\S+)", Path(path).read_text())[1]


class Terminal:
    def __init__(self, argv, marker, where="/"):
        env = {"TERM": "dumb", "PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C", "PS1": PROMPT,
               "INPUTRC": "/dev/null", "HISTFILE": "/dev/null", "SIGFERRY_CONFIG": "/dev/null", harness.MARKER: marker}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            for s in range(1, signal.NSIG):
                if s not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):
                    signal.signal(s, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            os.chdir(where)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))  # before anybody can see it change
            try:
                os.execvpe(argv[0], argv, env)
            finally:
                os._exit(127)
        self.screen, self.mark, self.status = "", 0, None

    def size(self, columns, rows):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        """What has been printed; False at the end."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError as e:
            if e.errno != errno.EIO:
                raise
            data = b""
        self.screen += data.decode(errors="backslashreplace")
        return bool(data)

    def wait_for(self, what, condition):
        end = time.monotonic() + LIMIT
        while not condition():
            if time.monotonic() > end:
                raise GaveUp(what)
            if not self.read(0.01) and not condition():
                raise GaveUp(f"{what}: the terminal was closed")

    def type(self, text):
        self.mark = len(self.screen)
        os.write(self.fd, text.encode())

    def prompt(self):
        self.wait_for("prompt", lambda: normal(self.screen[self.mark:]).endswith(PROMPT))

    def see(self, text):
        self.wait_for(f"see {text}", lambda: text in self.screen[self.mark:])

    def runs(self, name):
        rest = harness.Rest()
        self.wait_for(f"runs {name}", lambda: (pid := self.foreground(name)) and rest.look(pid) > 2)
        # A key that sends a signal throws away what the terminal still has to print: take it first.
        while select.select([self.fd], [], [], 0.02)[0] and self.read(0):
            pass

    def foreground(self, name):
        """The process that leads the foreground, if it is called so; else 0."""
        try:
            pid = os.tcgetpgrp(self.fd)
            return pid if Path(f"/proc/{pid}/comm").read_text() == f"{name}\n" else 0
        except OSError:
            return 0

    def cooked(self):
        self.wait_for("cooked", lambda: termios.tcgetattr(self.fd)[3] & termios.ICANON)

    def end(self):
        def ended():
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            return pid != 0
        limit = time.monotonic() + LIMIT
        while not ended():
            if not self.read(0.01):
                time.sleep(0.01)
            if time.monotonic() > limit:
                raise GaveUp("end")
        while self.read(0.1) and time.monotonic() < limit and select.select([self.fd], [], [], 0)[0]:
            pass

    def step(self, line):
        verb, _, rest = line.partition(" ")
        if verb in (">", "!"):
            self.type(rest + "\r")
            if verb == ">":
                self.prompt()
        elif verb == "keys":
            self.type(rest)
            self.see(rest)
        elif verb == "key":
            self.type(chr(ord(rest) & 0x1f))
        elif verb == "size":
            self.mark = len(self.screen)
            self.size(*map(int, rest.split()))
        elif verb in ("runs", "see"):
            getattr(self, verb)(rest)
        else:
            {"prompt": self.prompt, "cooked": self.cooked, "end": self.end}[verb]()


def normal(screen):
    """Numbers of processes, printed behind those of jobs, differ from run to run."""
    plain = re.sub(r"\r|\x1b\[\?2004[hl]", "", screen)  # (returns, and zsh's bracketed paste)
    return re.sub(r"(\[\d+\] *[+-]? *)\d{2,7}", r"\1PID", plain)


def play(path, prefix):
    """The session's screen and how it ended, as one text."""
    head, *steps = Path(path).read_text().splitlines()
    argv = [str(a) for a in prefix(head.removeprefix("shell: ").split())]
    marker = uuid.uuid4().hex
    shell = Terminal(argv, marker)
    last = line = ""
    try:
        shell.prompt()
        for line in steps:
            if line and not line.startswith("#"):
                shell.step(line)
    except GaveUp as e:
        last = f"\ngave up at {line!r}: {e}"
    finally:
        harness.kill_marked(marker)
        if shell.status is None:
            os.waitpid(shell.pid, 0)
        os.close(shell.fd)
    return f"{normal(shell.screen)}\nstatus {shell.status}{last}\n"
