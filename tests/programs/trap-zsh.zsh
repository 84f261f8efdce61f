# zsh's function traps, list traps, ZERR, and the builtins that sleep.
. "${0:h}/lib.sh"
TRAPUSR1() { echo "function $1"; return 0 }
kill -USR1 $$
(until_true in_state $$ S; kill -USR1 $$; exit 0) &
wait $!
echo waited
TRAPALRM() { echo alarm }
kill -ALRM $$
TRAPZERR() { echo "error" }
false
unfunction TRAPZERR
trap 'children=1' CHLD # once or twice: a matter of timing
/bin/true &
wait
until_true test -n "$children" && echo child
trap - CHLD
zmodload zsh/zselect
zselect -t 20
echo "zselect $?"
x=$(sleep 0.1; echo substituted)
echo $x
f() { trap 'echo leaving f' EXIT; echo in f }
f
trap 'echo int' INT
kill -INT $$
TRAPTERM() { echo "term $1"; return 0 }
kill -TERM $$
unfunction TRAPTERM
TRAPEXIT() { echo bye }
(kill -TERM $sysparams[pid] 2>/dev/null; exit 3)
echo $?
exit 5
