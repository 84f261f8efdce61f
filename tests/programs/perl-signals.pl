# Perl's own ("safe") handlers: the C handler notes the signal, the interpreter runs the sub between two operations.
use strict; use warnings;
use POSIX qw(:signal_h :sys_wait_h :errno_h);
$| = 1;

my @got;
$SIG{$_} = sub { push @got, $_[0] } for qw(USR1 USR2 HUP);
kill USR1 => $$;
kill HUP => $$;
kill USR2 => $$;
print "self: @got\n";

# alarm and die out of a sleep, a select, a read, a system call in a loop
our $kid = fork // die;
if (!$kid) { exec 'sleep', '30' }
for my $what (
    ['sleep',  sub { sleep 30 }],
    ['select', sub { select undef, undef, undef, 30 }],
    ['read',   sub { pipe my $r, my $w; sysread $r, my $b, 1 }],
    ['line',   sub { pipe my $r, my $w; my $l = <$r> }],
    ['loop',   sub { 1 while 1 }],
    ['wait',   sub { $SIG{TERM} = 'DEFAULT'; waitpid $kid, 0 }],
) {
    my $r = eval {
        local $SIG{ALRM} = sub { die "late\n" };
        require Time::HiRes; Time::HiRes::ualarm(200_000);
        $what->[1]->();
        alarm 0;
        1;
    };
    print "$what->[0]: ", $r ? "finished" : $@, $r ? "\n" : "";
}
kill TERM => $kid; waitpid $kid, 0;
print "kid: ", $? & 127, "\n";

# local handlers are put back
$SIG{USR1} = sub { print "outer\n" };
{ local $SIG{USR1} = sub { print "inner\n" }; kill USR1 => $$ }
kill USR1 => $$;
{ local $SIG{USR1} = 'IGNORE'; kill USR1 => $$ }
kill USR1 => $$;

# sigprocmask: blocked, pending, let in
my $set = POSIX::SigSet->new(SIGUSR1, SIGRTMIN);
my $old = POSIX::SigSet->new;
sigprocmask(SIG_BLOCK, $set, $old) or die;
kill USR1 => $$ for 1 .. 3;
my $pending = POSIX::SigSet->new;
sigpending($pending);
print "pending: ", $pending->ismember(SIGUSR1) ? 1 : 0, $pending->ismember(SIGUSR2) ? 1 : 0, "\n";
sigprocmask(SIG_SETMASK, $old);

# POSIX::sigaction, with a mask; what was there is told
my $action = POSIX::SigAction->new(sub { print "action $_[0]\n" }, POSIX::SigSet->new(SIGUSR2), SA_RESTART);
my $was = POSIX::SigAction->new;
sigaction(SIGUSR2, $action, $was);
print "was: ", ref($was->handler) || $was->handler, "\n";
kill USR2 => $$;
$action = POSIX::SigAction->new(sub { my ($s, $i) = @_; print "info $i->{signo} $i->{code} ", $i->{pid} == $$, "\n" }, POSIX::SigSet->new, SA_SIGINFO);
sigaction(SIGUSR2, $action);
kill USR2 => $$;

# from a child, while this one sleeps in an interruption point
my $hits = 0;
$SIG{USR1} = sub { $hits++ };
pipe my $r, my $w;
my $pid = fork // die;
if (!$pid) { close $r; for (1 .. 20) { kill USR1 => getppid; sysread STDIN, my $b, 0; select undef, undef, undef, 0.005 } syswrite $w, "x"; POSIX::_exit(3) }
close $w;
my $n;
do { $n = sysread $r, my $b, 1 } while !defined $n && $! == EINTR;
waitpid $pid, 0;
print "child: ", $? >> 8, " hits: ", ($hits >= 1 && $hits <= 20 ? "some" : $hits), "\n";

# SIGCHLD reaps
my %left;
local $SIG{CHLD} = sub { while ((my $k = waitpid(-1, WNOHANG)) > 0) { delete $left{$k} } };
my $block = POSIX::SigSet->new(SIGCHLD);
sigprocmask(SIG_BLOCK, $block, $old);
for my $i (1 .. 8) { my $k = fork // die; POSIX::_exit($i) if !$k; $left{$k} = 1 }
sigprocmask(SIG_SETMASK, $old);
my $end = time + 10;
select undef, undef, undef, 0.05 while %left && time < $end;
print "reaped: ", %left ? "no" : "yes", "\n";
$SIG{CHLD} = 'IGNORE';
my $k = fork // die; POSIX::_exit(0) if !$k;
print "ignored: ", waitpid($k, 0), "\n";
$SIG{CHLD} = 'DEFAULT';

# inherited by a command: SIG_IGN is, a handler and the mask of this moment are as they should be
$SIG{HUP} = 'IGNORE';
print `grep -E '^Sig(Ign|Blk)' /proc/self/status`;
$SIG{HUP} = 'DEFAULT';
system 'sh', '-c', 'kill -USR1 $$';
print "system: ", $? & 127, "\n";
END { print "end block\n" }
$SIG{TERM} = sub { print "term\n"; $SIG{TERM} = 'DEFAULT'; kill TERM => $$; print "not reached\n" };
kill TERM => $$;
