# shells: bash dash zsh
# Traps that every shell has. The signals come from the shell itself, a child, a background job.
. "$(dirname "$0")/lib.sh"
me=$$
trap 'echo got USR1' USR1
trap 'echo got TERM' TERM
trap 'echo got INT' INT
trap 'echo bye' EXIT
for s in USR1 TERM INT; do
    kill -$s $$
    echo "after $s"
done

# `wait` is cut by a trap, and what it waited for goes on. The sender cannot know when the shell is in `wait`, so
# it goes on until the shell says that it has come out of it.
sleep 30 &
p=$!
until_true is_called $p sleep
flag=$(mktemp)
trap '[ -n "$cut" ] || echo got USR1; cut=yes' USR1
(while [ -e "$flag" ]; do kill -USR1 $me; sleep 0.05; done) &
sender=$!
wait $p
echo "wait: $?"
rm "$flag"
while kill -0 $sender; do wait $sender; done 2>/dev/null
trap 'echo got USR1' USR1
{ kill $p; wait $p; } 2>/dev/null # when the shell tells of the death is a matter of timing
echo "again: $?"
wait

# a foreground command is not cut: the trap runs after it
sh -c 'kill -USR1 $1; echo child done; exit 5' sh $$
echo "foreground: $?"

# command substitution and subshells have traps of their own
x=$(trap 'echo sub' USR1; kill -USR1 $(sh -c 'echo $PPID'); echo end)
echo "$x"
(trap - TERM; kill -TERM $(sh -c 'echo $PPID'); sleep 30)
echo "subshell: $?"
(trap 'echo subshell exit' EXIT; exit 3)
echo "$?"

# ignored stays ignored in children, a trap does not
trap '' HUP
sh -c 'kill -HUP $$; echo still alive; grep SigIgn /proc/self/status'
trap - HUP
sh -c 'kill -HUP $$; echo not alive'
echo "$?"
sh -c 'grep -E "Sig(Ign|Blk|Cgt)" /proc/self/status'

# pipelines and background jobs
yes | head -n 1
seq 3 | while read -r a; do echo "$a"; done
(exit 3) &
wait $!
echo "$?"
sleep 0.3 &
sleep 0.1 &
wait
echo "all waited"

# stopped and continued
sleep 30 &
p=$!
until_true is_called $p sleep
kill -STOP $p
until_true in_state $p T && echo stopped
kill -CONT $p
until_true in_state $p S && echo continued
{ kill $p; wait $p; } 2>/dev/null
echo "$?"

# a trap that sends the next signal, three deep
trap 'echo one; kill -TERM $$' USR1
trap 'echo two; kill -INT $$' TERM
trap 'echo three' INT
kill -USR1 $$
echo "end of chain"

# many, from several children at once: each sender waits until its own was seen
n=0
trap 'n=$((n + 1))' USR1
for i in 1 2 3 4 5 6 7 8 9 10; do
    sh -c 'kill -USR1 $1' sh $$
    : # a command, after which the trap has run
done
echo "counted $n"
trap 'echo reset; trap - TERM; kill -TERM $$' TERM
kill -TERM $$
echo "not reached"
