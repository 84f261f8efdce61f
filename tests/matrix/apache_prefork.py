"""Apache without threads: its children wait in accept."""
import _apache

PROGRAM = "apache prefork"
SENT = "USR1 graceful, HUP, a child's SEGV, WINCH, TERM; under wrk"
NEEDS = ("apache2", "wrk", "/usr/lib/apache2/modules/mod_mpm_prefork.so")


def row(world):
    _apache.row(world, "prefork", 8)
