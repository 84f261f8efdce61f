"""A gunicorn-like server in python: a prefork arbiter with a self-pipe, asyncio workers with add_signal_handler."""
import os
import signal

from _world import children, gone

PROGRAM = "python asyncio"
SENT = "HUP (reload), TTIN/TTOU, USR2, a killed worker, CHLD, INT in asyncio.run, TERM (graceful); under load"
NEEDS = ("/usr/bin/python3",)

SCRIPT = r"""
import asyncio, os, select, signal, socket, sys, time
port = int(sys.argv[1])
sock = socket.create_server(("127.0.0.1", port), backlog=64)
sock.setblocking(False)
QUEUE, PIPE, WORKERS = [], os.pipe(), {}
os.set_blocking(PIPE[0], False); os.set_blocking(PIPE[1], False)
def say(*a): os.write(1, (" ".join(map(str, a)) + "\n").encode())

async def serve(generation):
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, stop.set)
    async def client(r, w):
        await r.readline()
        p = await asyncio.create_subprocess_exec("sh", "-c", "exit 6")  # child watcher
        await loop.run_in_executor(None, sum, range(2000))
        w.write(f"generation {generation} child {await p.wait()}\n".encode())
        await w.drain()
        w.close()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    server = await asyncio.start_server(client, sock=sock)
    await stop.wait()
    # A second one while the loop is closed meets its handler without its descriptor, natively as well.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
    server.close()
    await asyncio.sleep(0.01)

def worker(generation):
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])  # until the worker has its own handler
    pid = os.fork()
    if pid:
        WORKERS[pid] = generation
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        return
    for s in NAMES: signal.signal(s, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    os.close(PIPE[0]); os.close(PIPE[1])
    try:
        asyncio.run(serve(generation))
        os._exit(0)
    except BaseException as e:
        say("worker", repr(e))
        os._exit(9)

NAMES = [signal.SIGHUP, signal.SIGTERM, signal.SIGTTIN, signal.SIGTTOU, signal.SIGUSR2, signal.SIGCHLD, signal.SIGINT]
def note(signo, frame):
    if signo != signal.SIGCHLD:
        QUEUE.append(signo)
    try: os.write(PIPE[1], b".")
    except BlockingIOError: pass
for s in NAMES: signal.signal(s, note)
want, generation, over = 2, 1, False
while not (over and not WORKERS):
    while True:
        try: pid, st = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError: break
        if not pid: break
        say("worker ended", os.waitstatus_to_exitcode(st)); WORKERS.pop(pid)
    while QUEUE:
        s = QUEUE.pop(0)
        if s == signal.SIGHUP:
            generation += 1
            old = list(WORKERS)
            for _ in range(want): worker(generation)
            for p in old: os.kill(p, signal.SIGTERM)
            say("generation", generation)
        elif s == signal.SIGTTIN: want += 1
        elif s == signal.SIGTTOU: want -= 1
        elif s == signal.SIGUSR2: say("usr2")
        else:
            over = True
            for p in WORKERS: os.kill(p, signal.SIGTERM)
    if not over:
        while len(WORKERS) < want: worker(generation)
        while len(WORKERS) > want:
            p = min(WORKERS); os.kill(p, signal.SIGTERM); WORKERS.pop(p) and None
            os.waitpid(p, 0); say("worker less")
    r, _, _ = select.select([PIPE[0]], [], [], 1.0)
    if r:
        try:
            while os.read(PIPE[0], 1): pass
        except BlockingIOError: pass
say("over")
"""


def row(world):
    world.write("server.py", SCRIPT)
    port = world.port()
    server = world.start(["/usr/bin/python3", "server.py", port])
    seen = []

    def count(n):
        world.wait(f"{n} workers", lambda: len(children(server.pid)) == n)

    def ask(generation):
        world.wait(f"generation {generation}", lambda: world.asks(port, "x\n") == f"generation {generation} child 6\n")
        seen.append(generation)

    count(2)
    ask(1)
    for g in range(2, 5):
        old = children(server.pid)
        server.send(signal.SIGHUP)
        world.says(f"generation {g}\n")
        world.wait("the old workers' end", lambda: all(map(gone, old)))
        ask(g)
        server.send(signal.SIGUSR2)
        world.says("usr2", times=g - 1)
    world.carries(server, replays=6)
    world.carries(children(server.pid)[0])
    server.send(signal.SIGTTIN)
    count(3)
    server.send(signal.SIGTTOU)
    count(2)
    os.kill(children(server.pid)[0], signal.SIGKILL)
    world.says("worker ended -9")
    count(2)
    ask(4)
    world.saw(f"answers of generations {seen}")
    server.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(server)}")
    world.saw(f"it said: {sorted(set(world.text().splitlines()))}")

    world.write("sleep.py", "import asyncio, os\nasync def main():\n    try:\n        os.write(1, b'up\\n')\n        await asyncio.sleep(100)\n"
                            "    finally:\n        os.write(1, b'cleaned up\\n')\nasyncio.run(main())\n")
    sleeper = world.start(["/usr/bin/python3", "sleep.py"], out="out2")
    world.says("up", "out2")
    world.rests(sleeper)
    sleeper.send(signal.SIGINT)
    world.saw(f"INT: {world.ended(sleeper)}, {world.text('out2').splitlines()[1]}, {world.text('out2').splitlines()[-1]}")
