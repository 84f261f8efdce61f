"""rsync cut by signals: three processes tell each other, and keep or remove the part that came."""
import signal

PROGRAM = "rsync"
SENT = "INT, TERM and HUP in the middle of a file, with and without --partial; USR1 and CHLD among its own processes"
NEEDS = ("rsync",)


def row(world):
    world.write("from/big", "x" * 4_000_000)
    world.write("from/small", "small\n")
    for signo, partial in ((signal.SIGINT, False), (signal.SIGTERM, False), (signal.SIGHUP, False), (signal.SIGINT, True)):
        to = world.home / f"to{int(partial)}{signo}"
        run = world.start(["rsync", "-a", "--bwlimit=200", "--whole-file", *(["--partial"] if partial else []),
                           "--no-compress", f"{world.home}/from/", to], out="out2")
        world.wait("a part of the file", lambda: any(p.stat().st_size > 100_000 for p in to.glob(".big*")))
        world.carries(run)
        run.send(signo)
        world.saw(f"{signo.name}{' --partial' if partial else ''}: {world.ended(run)}")
        world.wait("the end of all", lambda: not [p for p in world.marked() if "rsync" in world.title(p)])
        world.saw(f"left: {sorted((p.name if not p.name.startswith('.') else 'a part') + (' whole' if p.stat().st_size == 4_000_000 else '') for p in to.iterdir())}")
    run = world.start(["rsync", "-a", f"{world.home}/from/", "to"], out="out2")
    world.saw(f"in peace: {world.ended(run)}, {sorted(p.name for p in (world.home / 'to').iterdir())}")
    port = world.port()
    world.write("rsyncd.conf", f"use chroot = no\npid file = {world.home}/rsyncd.pid\nlog file = {world.home}/rsyncd.log\n[all]\npath = {world.home}/from\nuid = root\ngid = root\n")
    daemon = world.start(["rsync", "--daemon", "--no-detach", f"--config={world.home}/rsyncd.conf", f"--port={port}", "--address=127.0.0.1"])
    world.wait("the daemon", lambda: world.listening(port))
    world.carries(daemon)
    for n in range(3):
        status, said = world.tool(["rsync", "-a", f"rsync://127.0.0.1:{port}/all/small", world.home / f"net{n}"])
        world.saw(f"from the daemon: {status} {said}")
    daemon.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(daemon)}")
