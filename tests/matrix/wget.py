"""wget: HUP and USR1 send it to the background with a log file; INT cuts it; WINCH redraws its bar; a timeout is an ALRM with siglongjmp."""
import os
import signal
import socket
import threading

PROGRAM = "wget"
SENT = "HUP (log file), USR1, WINCH with a progress bar, INT, a timeout (ALRM and siglongjmp)"
NEEDS = ("wget",)
HALF = 100000


class Slow:
    """A server that sends the rest of a file when it is told to."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.go = threading.Event()
        self.sent = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\nConnection: close\r\n\r\n" + b"x" * HALF)
            self.sent.set()
            self.go.wait(60)
            try:
                connection.sendall(b"y" * HALF)
            except OSError:
                pass


def row(world):
    for signo in (signal.SIGHUP, signal.SIGUSR1):
        server = Slow()
        run = world.start(["wget", "-O", f"file{signo}", f"http://127.0.0.1:{server.port}/"], out=f"out{signo}")
        world.wait("half of it", lambda: os.path.getsize(world.home / f"file{signo}") == HALF)
        world.carries(run)
        run.send(signo)
        world.wait("a log file", lambda: (world.home / "wget-log").exists())
        server.go.set()
        world.saw(f"{signo.name}: {world.ended(run)}, {os.path.getsize(world.home / f'file{signo}')} bytes, "
                  f"{'saved' if 'saved [200000/200000]' in world.text('wget-log') else 'log: ' + world.text('wget-log')}")
        (world.home / "wget-log").unlink()
    server = Slow()
    t = world.terminal("wget", "-O", "bar", "--progress=bar:force", f"http://127.0.0.1:{server.port}/")
    world.wait("half of it", lambda: t.read(0.01) and os.path.getsize(world.home / "bar") == HALF)
    world.carries(t.pid)
    for columns in (60, 100, 50, 80):
        t.size(columns, 24)
        t.read(0.05)
    server.go.set()
    t.see("saved [200000/200000]")
    t.end()
    world.saw(f"WINCH: {t.status}")
    server = Slow()
    run = world.start(["wget", "-O", "cut", f"http://127.0.0.1:{server.port}/"], out="outcut")
    world.wait("half of it", lambda: os.path.getsize(world.home / "cut") == HALF)
    world.carries(run)
    run.send(signal.SIGINT)
    world.saw(f"INT: {world.ended(run)}, {HALF == os.path.getsize(world.home / 'cut')}")
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    fill = [socket.socket() for _ in range(4)]
    for s in fill:
        s.setblocking(False)
        s.connect_ex(full.getsockname())
    run = world.start(["wget", "-O", "late", "-T", "1", "-t", "1", f"http://127.0.0.1:{full.getsockname()[1]}/"], out="outlate")
    world.saw(f"a timeout: {world.ended(run)}, {'timed out' in world.text('outlate')}")
