"""lighttpd: signals set flags for an epoll loop, with workers and a CGI."""
import os
import re
import signal

from _world import children, gone

PROGRAM = "lighttpd"
SENT = "HUP (logs), USR1 (graceful restart), CHLD of CGIs, INT (graceful), TERM; under wrk"
NEEDS = ("lighttpd", "wrk")

CONF = """
server.modules = ("mod_access", "mod_accesslog", "mod_cgi")
server.document-root = "{home}/www"
server.bind = "127.0.0.1"
server.port = {port}
server.username = "www-data"
server.groupname = "www-data"
server.errorlog = "{home}/error.log"
accesslog.filename = "{home}/access.log"
server.graceful-shutdown-timeout = 5
cgi.assign = (".cgi" => "/bin/sh")
"""


def row(world):
    port = world.port()
    os.chmod(world.home, 0o777)
    world.write("conf", CONF.format(home=world.home, port=port))
    world.write("www/index.html", "page\n")
    world.write("www/x.cgi", "printf 'Content-Type: text/plain\\r\\n\\r\\n'; echo cgi $((6 * 7))\n")

    def get(path):
        return world.asks(port, f"GET {path} HTTP/1.0\r\n\r\n", b"").rsplit("\r\n\r\n", 1)[-1].strip()

    def start():
        server = world.start(["lighttpd", "-D", "-f", world.home / "conf"])
        world.wait("a page", lambda: get("/index.html") == "page")
        return server

    server = start()
    load = world.background(["wrk", "-t1", "-c3", "-d90s", "-H", "Connection: close", f"http://127.0.0.1:{port}/index.html"])
    world.saw(f"CGIs: {[get('/x.cgi') for _ in range(10)]}")
    world.wait("no zombie", lambda: not children(server.pid))
    os.rename(world.home / "access.log", world.home / "access.old")
    server.send(signal.SIGHUP)
    world.wait("a new log", lambda: os.path.getsize(world.home / "access.log") > 1000)
    world.saw(f"HUP: a new log; {get('/x.cgi')}")
    world.carries(server, replays=1)
    server.send(signal.SIGUSR1)
    world.says("graceful", "error.log")
    world.wait("a page", lambda: get("/index.html") == "page")
    world.wait("server started anew", lambda: world.text("error.log").count("server started") >= 2)
    world.saw(f"USR1: {get('/x.cgi')}, the same process {not gone(server.pid)}")
    load.send_signal(signal.SIGINT)
    told = load.communicate(timeout=20)[0]
    requests = re.search(r"(\d+) requests in", told)
    world.saw(f"load: {'many requests' if requests and int(requests[1]) > 50 else told}")
    server.send(signal.SIGINT)
    world.saw(f"INT: {world.ended(server)}")
    server = start()
    world.rests(server)
    world.carries(server)
    server.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(server)}")
