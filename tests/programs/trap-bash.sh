# shells: bash
# What bash has beyond that: DEBUG, RETURN, ERR, CHLD traps, coproc, job control in a script, read -t.
. "$(dirname "$0")/lib.sh"
trap 'echo "debug: $BASH_COMMAND"' DEBUG
f() { trap 'echo return' RETURN; echo in f; return 4; }
set -T
f
echo $?
set +T
trap - DEBUG RETURN
trap 'echo "err $?"' ERR
false
(exit 7)
trap - ERR

set -m
n=0
trap 'n=$((n + 1))' CHLD
for i in 1 2 3; do /bin/true & wait $!; done
[ $n -ge 3 ] && echo "three children"
trap - CHLD
sleep 30 &
p=$!
until_true is_called $p sleep
kill -STOP $p
until_true in_state $p T
jobs %1
kill -CONT $p
until_true in_state $p S
jobs %1
{ kill $p; wait $p; } 2>/dev/null
echo "$?"
set +m

trap 'echo usr1' USR1
( trap; kill -USR1 $BASHPID; echo not reached )
echo "$?"
( trap 'echo own' USR1; kill -USR1 $BASHPID; echo here )
echo "$?"

coproc cat
echo hi >&"${COPROC[1]}"
read -r -u "${COPROC[0]}" x
echo "$x"
{ kill "$COPROC_PID"; wait "$COPROC_PID"; } 2>/dev/null
echo $?

read -r -t 0.2 x < <(sleep 30)
echo "read -t: $?"
pkill -P $$ sleep
trap 'echo in read' USR1
read -r x < <(me=$$; until_true in_state $me S; kill -USR1 $me; sleep 0.3; echo line)
echo "$x"
bash -c 'trap "echo x; trap - TERM; kill -TERM \$\$" TERM; kill -TERM $$; echo no'
echo $?
bash -c 'ulimit -c 0; kill -SEGV $$' 2>/dev/null
echo $?
trap 'echo exit trap' EXIT
trap - TERM
kill -TERM $$
echo "not reached"
