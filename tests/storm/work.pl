# Allocates without pause. The handler is set by POSIX::sigaction with safe(0), as DBI's and LWP's manuals advise
# for timeouts: perl then runs it at once, in the middle of whatever the interpreter does. What breaks are perl's
# own data, so that only an interruption point is a safe moment; the loop makes one (select) every so often.
use strict;
use POSIX qw(:signal_h);

my ($ticks, %log, @keep) = (0);
open(my $ack, '>&=', 3) or die "no descriptor 3: $!";
my $action = POSIX::SigAction->new(sub {
    $ticks++;
    $log{$ticks % 100} = "tick $ticks " . ('x' x 200);
    syswrite $ack, '.';
}, POSIX::SigSet->new, SA_RESTART);
$action->safe(0);
POSIX::sigaction(SIGUSR1, $action);
my $sum = 0;
for my $i (1 .. 600_000) {
    $keep[$i % 500] = [split / /, "item $i " . ('y' x ($i % 300))];
    $sum += length $keep[$i % 500][0];
    select(undef, undef, undef, 0) if $i % 100 == 0;
}
print "sum $sum\n";
print STDERR "handled $ticks\n";
