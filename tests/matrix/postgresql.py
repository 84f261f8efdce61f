"""PostgreSQL: a postmaster on a latch, one process for each connection, timeouts by SIGALRM, everything by signals."""
import glob
import os
import re
import signal

from _world import children, gone

PROGRAM = "PostgreSQL"
BIN = "/usr/lib/postgresql/15/bin"
SENT = "HUP, cancel, statement timeout, NOTIFY, a killed backend, INT, QUIT, TERM; under pgbench"
NEEDS = (f"{BIN}/postgres", f"{BIN}/pgbench", "psql")


def row(world):
    port, data = world.port(), world.home / "data"
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]
    os.chmod(world.home, 0o777)
    world.write("out", "", 0o666)
    status, said = world.tool([*as_postgres, f"{BIN}/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "--no-instructions"],
                              limit=60)
    assert status == 0, said
    env = {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "postgres", "PGDATABASE": "postgres"}

    def sql(*commands):
        return world.tool(["psql", "-XAtq", *(w for c in commands for w in ("-c", c))], env)[1].strip()

    def start():
        server = world.start([f"{BIN}/postgres", "-D", data, "-p", port, "-k", "", "-c", "listen_addresses=127.0.0.1",
                              "-c", "fsync=off", "-c", "max_connections=20", "-c", "restart_after_crash=on"], user="postgres")
        world.wait("it answers", lambda: sql("select 6 * 7") == "42")
        return server

    def load():
        bench = world.background([f"{BIN}/pgbench", "-n", "-c", "3", "-T", "120"], env)
        was = int(sql("select count(*) from pgbench_history"))
        world.wait("load", lambda: int(sql("select count(*) from pgbench_history")) > was + 50)
        return bench

    def backend(which):
        return int(world.wait(f"a backend for {which}", lambda: sql(
            f"select pid from pg_stat_activity where query like '%{which}%' and pid <> pg_backend_pid() limit 1")))

    def balanced():
        return sql("select (select sum(abalance) from pgbench_accounts) = (select sum(bbalance) from pgbench_branches)"
                   " and (select sum(delta) from pgbench_history) = (select sum(bbalance) from pgbench_branches)")

    server = start()
    status, said = world.tool([f"{BIN}/pgbench", "-i", "-s", "1", "-q"], env, limit=60)
    assert status == 0, said
    bench = load()

    world.write("data/postgresql.auto.conf", "work_mem = '7MB'\n")
    server.send(signal.SIGHUP)
    world.wait("the new setting", lambda: sql("show work_mem") == "7MB")
    world.saw("HUP: a new setting")
    world.carries(server, replays=1)

    sleeper = world.background(["psql", "-X", "-c", "select pg_sleep(100) as slow_one"], env)
    world.saw("cancel: " + sql(f"select pg_cancel_backend({backend('slow_one')})"))
    world.saw(f"cancelled: {sleeper.communicate(timeout=30)[0].strip()}")
    sleeper = world.background(["psql", "-X", "-c", "select count(*) as busy_one from generate_series(1, 1000000000)"], env)
    os.kill(backend("busy_one"), signal.SIGINT)
    world.saw(f"INT to a busy backend: {sleeper.communicate(timeout=30)[0].strip()}")
    world.saw("timeout: " + sql("set statement_timeout = 50", "select pg_sleep(100)"))
    sql("create table locked ()")
    holder = world.background(["psql", "-X", "-c", "begin; lock locked; select pg_sleep(100) as holding_one"], env)
    waits = backend("holding_one")
    world.saw("lock_timeout: " + sql("set lock_timeout = 50", "select * from locked"))
    sql(f"select pg_terminate_backend({waits})")
    holder.communicate(timeout=30)
    listener = world.background(["psql", "-XAtq", "-c", "listen ping", "-c", "select pg_sleep(100) as notified_one", "-c", "select 1"], env)
    waits = backend("notified_one")
    sql("notify ping, 'hello'")
    world.saw("terminate: " + sql(f"select pg_terminate_backend({waits})"))
    world.saw(f"terminated: {re.sub('PID .*|connection to server.*', '', listener.communicate(timeout=30)[0]).split(chr(10))[0]}")

    victim = backend("pgbench")
    os.kill(victim, signal.SIGKILL)
    world.says("all server processes terminated; reinitializing")
    world.wait("it answers again", lambda: sql("select 6 * 7") == "42")
    bench.kill()
    bench.communicate()
    world.saw(f"a killed backend: it recovered; balanced {balanced()}")

    bench = load()
    tree = children(server.pid)
    server.send(signal.SIGINT)
    world.saw(f"INT (fast): {world.ended(server)}; no child left {all(map(gone, tree))}")
    bench.kill()
    bench.communicate()
    world.saw(f"it said: {[t for t in ('received fast shutdown request', 'database system is shut down') if t in world.text()]}")

    server = start()
    bench = load()
    world.carries(server)
    tree = children(server.pid)
    server.send(signal.SIGQUIT)
    world.saw(f"QUIT (immediate): {world.ended(server)}")
    world.wait("the end of its children", lambda: all(map(gone, tree)))
    bench.kill()
    bench.communicate()
    server = start()
    world.saw(f"recovered: balanced {balanced()}, {'automatic recovery in progress' in world.text()}")
    server.send(signal.SIGTERM)
    world.saw(f"TERM (smart): {world.ended(server)}")
    world.saw(f"panics and crashes: {re.findall('PANIC.*|terminated by signal .*', re.sub('PID [0-9]+', 'PID', world.text()))}")
    assert not glob.glob(f"{data}/postmaster.pid")
