# shells: dash
# needs: stress-ng
# The signal stressors: each checks its own results. (Not sigio: its handler reads until its writer falls behind,
# which is a race between the two, and not about signals.)
for s in sigabrt sigchld sigfd sigfpe sigpending sigpipe sigq sigrt sigsegv sigsuspend sigtrap kill timer itimer alarm; do
    timeout 60 stress-ng --quiet --verify --$s 1 --$s-ops 50 --timeout 8
    echo "$s $?"
done
