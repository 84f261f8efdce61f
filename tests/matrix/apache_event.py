"""Apache with threads: its children wait in epoll and on condition variables."""
import _apache

PROGRAM = "apache event"
SENT = "USR1 graceful, HUP, a child's SEGV, WINCH, TERM; under wrk"
NEEDS = ("apache2", "wrk", "/usr/lib/apache2/modules/mod_mpm_event.so")


def row(world):
    _apache.row(world, "event", 50)
