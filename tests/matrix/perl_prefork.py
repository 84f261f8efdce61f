"""A preforking server in perl: deferred ("safe") signals, waitpid loops in a CHLD handler, alarm with die."""
import os
import signal

from _world import children

PROGRAM = "perl prefork"
SENT = "HUP (all workers anew), TTIN/TTOU (one more, one less), a killed worker, CHLD, ALRM, TERM; under load"
NEEDS = ("perl",)

SCRIPT = r"""
use strict; use warnings; use IO::Socket::INET; use POSIX qw(:sys_wait_h :signal_h);
my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 50, ReuseAddr => 1) or die $!;
$| = 1;
my %w; my ($want, $over, $reload, $generation) = (3, 0, 0, 1);
sub worker {
    my $term = POSIX::SigSet->new(SIGTERM); # not before the child has its own handler
    sigprocmask(SIG_BLOCK, $term);
    my $pid = fork; die unless defined $pid;
    if ($pid) { $w{$pid} = 1; sigprocmask(SIG_UNBLOCK, $term); return }
    my $stop = 0;
    $SIG{$_} = 'DEFAULT' for qw(HUP CHLD TTIN TTOU);
    $SIG{TERM} = sub { $stop = 1 };
    sigprocmask(SIG_UNBLOCK, $term);
    my $served = 0;
    while (!$stop) {
        my $c = eval { local $SIG{ALRM} = sub { die "late\n" }; alarm 1; my $x = $s->accept; alarm 0; $x };
        next unless $c;
        my $line = <$c>;
        my %h = map { $_ => 1 } 1 .. 200;
        print $c "generation $generation ", scalar keys %h, "\n";
        close $c;
    }
    POSIX::_exit(4);
}
$SIG{TERM} = sub { $over = 1 };
$SIG{HUP} = sub { $reload++ };
$SIG{TTIN} = sub { $want++ };
$SIG{TTOU} = sub { $want-- };
$SIG{CHLD} = sub { while ((my $p = waitpid(-1, WNOHANG)) > 0) { my $st = $?; delete $w{$p}; print "child ", WIFEXITED($st) ? "exit " . WEXITSTATUS($st) : "signal " . WTERMSIG($st), "\n" } };
while (!$over) {
    if ($reload) { $reload = 0; $generation++; kill TERM => keys %w; print "generation $generation\n" }
    worker() while keys %w < $want;
    if (keys %w > $want) { kill TERM => (keys %w)[0] }
    select undef, undef, undef, 0.05;
}
kill TERM => keys %w;
sleep 1 while keys %w;
print "over\n";
"""


def row(world):
    world.write("server.pl", SCRIPT)
    port = world.port()
    server = world.start(["perl", "server.pl", port])
    seen = []

    def count(n):
        world.wait(f"{n} workers", lambda: len(children(server.pid)) == n)

    def ask(generation):
        world.wait(f"generation {generation}", lambda: world.asks(port, "x\n") == f"generation {generation} 200\n")
        seen.append(generation)

    count(3)
    ask(1)
    for g in range(2, 6):
        server.send(signal.SIGHUP)
        world.says(f"generation {g}\n")
        ask(g)
    count(3)
    world.carries(server, replays=4)
    server.send(signal.SIGTTIN)
    count(4)
    server.send(signal.SIGTTOU)
    count(3)
    os.kill(children(server.pid)[0], signal.SIGKILL)
    world.says("child signal 9")
    count(3)
    ask(5)
    world.saw(f"answers of generations {seen}")
    server.send(signal.SIGTERM)
    world.saw(f"TERM: {world.ended(server)}")
    said = world.text().splitlines()
    world.saw(f"children: {sorted(set(l for l in said if 'child' in l))}; the last: {said[-1]}")
