"""cron: sleeps to the minute, reaps its jobs, HUP closes its log. Its spool is the system's, so in a mount namespace of its own."""
import signal

PROGRAM = "cron"
SENT = "HUP, CHLD of a job (@reboot), TERM"
NEEDS = ("cron", "unshare")


def row(world):
    # -l and -L ask for nothing else; what it reads and writes is laid over with directories of this row.
    for place in ("spool", "etc", "run"):
        (world.home / place).mkdir()
    (world.home / "spool" / "crontabs").mkdir(mode=0o1730)
    world.write("spool/crontabs/root", f"SHELL=/bin/sh\n@reboot echo job $LOGNAME >>{world.home}/job; grep -E '^Sig(Blk|Ign)' /proc/self/status >>{world.home}/job; exit 3\n", 0o600)
    world.write("wrap", f"""#!/bin/sh
mount --bind {world.home}/spool /var/spool/cron && mount --bind {world.home}/etc /etc/cron.d && mount --bind {world.home}/run /run &&
mount --bind /dev/null /etc/crontab && exec {' '.join([*map(str, world.prefix), 'cron', '-f', '-L', '15'])}
""", 0o755)
    server = world.start(["unshare", "-m", world.home / "wrap"], bare=True)
    world.wait("cron", lambda: open(f"/proc/{server.pid}/comm").read() == "cron\n")
    world.carries(server)
    world.wait("its job", lambda: world.text("job").count("Sig") == 2)
    world.saw(f"its job: {world.text('job').split()}")
    world.wait("no child", lambda: not world.children(server.pid))
    world.saw("the job was reaped")
    world.rests(server)
    for _ in range(5):
        server.send(signal.SIGHUP)
        world.rests(server)
    world.carries(server, replays=1)
    world.saw(f"HUP: it goes on {server.status is None}")
    server.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(server)}")
