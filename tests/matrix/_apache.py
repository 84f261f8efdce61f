"""Apache httpd: a parent that catches HUP, USR1, WINCH and TERM; children of one process model or another."""
import os
import re
import signal

from _world import children, gone

CONF = """
ServerRoot {home}
ServerName localhost
LoadModule mpm_{mpm}_module /usr/lib/apache2/modules/mod_mpm_{mpm}.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
User www-data
Group www-data
Listen 127.0.0.1:{port}
PidFile {home}/pid
ErrorLog {home}/error.log
LogLevel notice
Mutex file:{home} default
DocumentRoot {home}/www
StartServers 2
ServerLimit 8
MaxRequestWorkers {most}
CoreDumpDirectory {home}
GracefulShutdownTimeout 5
"""


def row(world, mpm, most):
    port = world.port()

    def configure():
        world.write("conf", CONF.format(home=world.home, port=port, mpm=mpm, most=most))

    def page(body):
        world.write("www/index.html", body + "\n")

    def answers(body):
        page(body)
        world.wait(f"the answer {body}", lambda: world.asks(port, "GET /index.html HTTP/1.0\r\n\r\n", b"").endswith(f"\n{body}\n"))
        world.saw(f"answers {body}")

    def says(what, times=1):
        world.says(what, "error.log", times)

    configure()
    page("x")
    server = world.start(["apache2", "-f", world.home / "conf", "-DFOREGROUND"])
    says("resuming normal operations")
    answers("one")
    load = world.background(["wrk", "-t1", "-c3", "-d90s", "-H", "Connection: close", f"http://127.0.0.1:{port}/index.html"])
    for signo, said, generation in ((signal.SIGUSR1, "raceful restart", "two"), (signal.SIGHUP, "SIGHUP received", "three")):
        before = world.wait("children", lambda: children(server.pid))
        times = world.text("error.log").count("resuming normal operations")
        server.send(signo)
        says(said)
        says("resuming normal operations", times + 1)
        world.wait("the end of the old children", lambda: all(map(gone, before)))
        answers(generation)
        world.saw(f"{signo.name}: {said}")
    world.carries(server, replays=2)
    victim = world.wait("a child", lambda: children(server.pid))[0]
    os.kill(victim, signal.SIGSEGV)
    says("exit signal Segmentation fault (11)")
    answers("four")
    load.send_signal(signal.SIGINT)
    told = load.communicate(timeout=20)[0]
    requests = re.search(r"(\d+) requests in", told)
    world.saw(f"load: {'many requests' if requests and int(requests[1]) > 50 else told}")
    server.send(signal.SIGWINCH)
    world.saw(f"WINCH: {world.ended(server)}")
    world.saw(f"it said: {re.findall('caught SIGWINCH, shutting down gracefully', world.text('error.log'))}")

    server = world.start(["apache2", "-f", world.home / "conf", "-DFOREGROUND"])
    answers("five")
    world.carries(server)
    tree = children(server.pid)
    server.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(server)}; no child left {all(map(gone, tree))}")
    log = re.sub(r"(?m)^\[.*?\] \[(.*?)\] \[pid.*?\] ", r"[\1] ", world.text("error.log"))
    log = re.sub(r", possible coredump in .*", "", log)  # where the machine collects core files, and names a directory of this row
    world.saw(f"bad news: {sorted(set(re.sub('pid [0-9]+|child [0-9]+', 'N', l) for l in log.splitlines() if re.search('crit|alert|emerg|AH00051|AH00052', l)))}")
