"""redis-server: its handler sets a flag that a timer looks at; a child saves."""
import os
import signal

from _world import children

PROGRAM = "redis-server"
SENT = "TERM and INT under redis-benchmark, a killed saving child, USR1"
NEEDS = ("redis-server", "redis-cli", "redis-benchmark")


def row(world):
    port = world.port()

    def cli(*words):
        return world.tool(["redis-cli", "-p", port, *words])[1].strip()

    def start(log):
        server = world.start(["redis-server", "--port", port, "--dir", world.home, "--logfile", world.home / log,
                              "--save", "3600 1", "--rdb-key-save-delay", 0, "--enable-debug-command", "yes"])
        world.wait("PONG", lambda: cli("ping") == "PONG")
        return server

    server = start("log1")
    world.saw("keys: " + cli("eval", "for i = 1, 500 do redis.call('set', 'key' .. i, i) end return redis.call('dbsize')", "0"))
    load = world.background(["redis-benchmark", "-p", str(port), "-q", "-c", "4", "-n", "100000000", "-t", "incr,lpush"])
    world.wait("load", lambda: int(cli("get", "counter:__rand_int__") or 0) > 1000)

    world.saw("bgsave: " + cli("bgsave"))
    world.wait("the save", lambda: "rdb_last_bgsave_status:ok" in cli("info", "persistence") and
               "rdb_bgsave_in_progress:0" in cli("info", "persistence"))
    cli("config", "set", "rdb-key-save-delay", "100000")  # microseconds a key: the child is there to be killed
    cli("bgsave")
    child = world.wait("the saving child", lambda: children(server.pid))[0]
    world.catches(child, signal.SIGUSR1)
    os.kill(child, signal.SIGUSR1)
    world.says("RDB", "log1")
    world.wait("the end of the save", lambda: "rdb_bgsave_in_progress:0" in cli("info", "persistence"))
    world.saw(f"USR1 to the child: {'ok' if 'rdb_last_bgsave_status:ok' in cli('info', 'persistence') else 'failed'}")
    cli("config", "set", "rdb-key-save-delay", "0")

    counter = int(cli("get", "counter:__rand_int__"))
    world.carries(server)
    server.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(server)}")
    load.kill()
    load.communicate()
    log = world.text("log1")
    world.saw(f"it said: {[t for t in ('Received SIGTERM', 'User requested shutdown', 'DB saved on disk', 'bye bye') if t in log]}")

    server = start("log2")
    world.saw(f"keys after: {cli('get', 'key500')}, counter kept: {int(cli('get', 'counter:__rand_int__')) >= counter}")
    world.carries(server)
    cli("set", "more", "1")
    server.send(signal.SIGINT)
    world.saw(f"INT: {world.ended(server)}")
    server = start("log3")
    world.saw(f"kept: {cli('get', 'more')}")
    server.send(signal.SIGSEGV)
    world.saw(f"SEGV: {world.ended(server)}; report: {'REDIS BUG REPORT START' in world.text('log3')}")
