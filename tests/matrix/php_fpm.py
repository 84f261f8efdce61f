"""php-fpm: a master on a self-pipe and workers; graceful reloads execute it anew with its sockets."""
import os
import signal
import socket
import struct

from _world import children, gone

PROGRAM = "php-fpm"
SENT = "USR2 (reload), USR1 (logs), a killed worker, a slow request, QUIT (graceful) and TERM; with requests under way"
NEEDS = ("php-fpm8.2",)

CONF = """
[global]
error_log = {home}/error.log
daemonize = no
process_control_timeout = 10
[www]
user = www-data
group = www-data
listen = 127.0.0.1:{port}
pm = static
pm.max_children = 3
clear_env = no
request_terminate_timeout = 3
catch_workers_output = yes
"""


def request(port, script, timeout=30):
    """One FastCGI request; what the script printed, or '' when the connection broke."""
    def record(kind, content):
        return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content
    env = {"SCRIPT_FILENAME": script, "REQUEST_METHOD": "GET", "QUERY_STRING": "", "SERVER_PROTOCOL": "HTTP/1.1"}
    pairs = b"".join(bytes([len(k), len(v)]) + k.encode() + v.encode() for k, v in env.items())
    out = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as s, s.makefile("rb") as f:
        s.sendall(record(1, struct.pack(">HB5x", 1, 0)) + record(4, pairs) + record(4, b"") + record(5, b""))
        while True:
            try:
                head = f.read(8)
            except ConnectionResetError:
                head = b""
            if len(head) < 8:
                break
            _, kind, _, length, padding, _ = struct.unpack(">BBHHBB", head)
            body = f.read(length + padding)[:length]
            if kind == 6:
                out += body
            if kind == 3:
                break
    return out.decode(errors="replace").split("\r\n\r\n", 1)[-1].strip()


def row(world):
    port = world.port()
    os.chmod(world.home, 0o777)
    world.write("conf", CONF.format(home=world.home, port=port))
    page = world.write("page.php", "<?php echo 'answer ', array_sum(range(1, 1000)), ' ', trim(shell_exec('echo sub')); ?>")
    slow = world.write("slow.php", "<?php touch('begun'); usleep(700000); echo 'slow answer'; ?>")
    endless = world.write("endless.php", "<?php while (true) usleep(1000); ?>")

    def start():
        server = world.start(["php-fpm8.2", "-y", world.home / "conf", "-c", "/dev/null", "-R"])
        world.wait("an answer", lambda: request(port, str(page)) == "answer 500500 sub")
        return server

    def ready(times):
        world.says("ready to handle connections", "error.log", times)

    def slow_one():
        """A request that is under way."""
        world.write("begun", "", 0o666)
        os.utime(world.home / "begun", (0, 0))
        load = world.background(["/usr/bin/python3", "-c", "import sys\nsys.path[:0] = sys.argv[1:3]\nimport php_fpm\nprint(php_fpm.request(int(sys.argv[3]), sys.argv[4]))",
                                 os.path.dirname(__file__), os.path.dirname(os.path.dirname(__file__)), str(port), str(slow)])
        world.wait("a request under way", lambda: os.stat(world.home / "begun").st_mtime > 1)
        return load

    server = start()
    ready(1)
    for n in range(2, 5):
        old = children(server.pid)
        load = slow_one()
        server.send(signal.SIGUSR2)
        ready(n)
        world.saw(f"USR2: the request under way: {load.communicate(timeout=30)[0].strip()}; then {request(port, str(page))}")
        world.wait("the old workers' end", lambda: all(map(gone, old)))
    world.carries(server)
    os.rename(world.home / "error.log", world.home / "old.log")
    server.send(signal.SIGUSR1)
    world.wait("a new log", lambda: (world.home / "error.log").exists())
    world.says("error log file re-opened", "error.log")
    world.saw("USR1: a new log")
    world.carries(server, replays=1)
    victim = world.wait("three workers", lambda: len(c := children(server.pid)) == 3 and c)[0]
    os.kill(victim, signal.SIGKILL)
    world.says("exited on signal 9 (SIGKILL)", "error.log")
    world.wait("three workers", lambda: len(c := children(server.pid)) == 3 and victim not in c)
    world.saw("a killed worker is replaced")
    world.saw(f"an endless request: {request(port, str(endless))!r}")
    world.says("execution timed out", "error.log")
    world.says("exited on signal 15 (SIGTERM)", "error.log")
    world.saw(f"then {request(port, str(page))}")
    load = slow_one()
    server.send(signal.SIGQUIT)
    world.saw(f"QUIT: the request under way: {load.communicate(timeout=30)[0].strip()}; {world.ended(server)}")
    server = start()
    world.carries(server)
    tree = children(server.pid)
    server.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(server)}; no child left {all(map(gone, tree))}")
