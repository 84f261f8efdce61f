# shells: bash
# Commands of coreutils and findutils whose purpose is signals.
. "$(dirname "$0")/lib.sh"
cd "$(mktemp -d)" || exit 1

timeout 0.2 sleep 30; echo "timeout $?"
timeout -s KILL 0.2 sleep 30; echo "timeout KILL $?"
timeout --preserve-status 0.2 sleep 30; echo "preserve $?"
timeout -k 0.2 2 sh -c 'trap "" TERM; echo stays; sleep 30'; echo "kill after $?" # (in 2 s it gets to its trap)
timeout 10 sh -c 'exit 7'; echo "in time $?"
timeout 10 sh -c 'kill -USR1 $$'; echo "own signal $?"
timeout --foreground 0.2 sleep 30; echo "foreground $?"
timeout 30 sleep 30 & p=$!
until_true catches $p 15
kill -TERM $p; wait $p; echo "timeout cut $?"

nohup sh -c 'kill -HUP $$; grep SigIgn /proc/self/status' 2>/dev/null; echo "nohup $?"
env --ignore-signal=TERM,USR1 grep SigIgn /proc/self/status
env --block-signal=TERM,USR1 grep SigBlk /proc/self/status
(trap '' TERM; env --default-signal=TERM grep SigIgn /proc/self/status)

# dd tells its progress at USR1, as often as it is asked
mkfifo feed
dd if=feed of=/dev/null bs=100 2> progress & p=$!
exec 9> feed
until_true catches $p 10
printf '%0100d' 0 >&9
for i in 1 2 3; do
    kill -USR1 $p
    until_true eval "[ \$(grep -c 'records in' progress) -ge $i ]"
done
exec 9>&-
wait $p; echo "dd $?"
grep -c 'records in' progress
tail -n 3 progress | head -n 2
env --default-signal=INT dd if=/dev/zero of=/dev/null bs=1M 2> cut & p=$!
until_true catches $p 2
kill -USR1 $p
until_true grep -q records cut
kill -INT $p; wait $p; echo "dd INT $?"

seq 20 | xargs -P 4 -n 1 sh -c 'echo $1' sh | sort -n | paste -sd ' '
seq 4 | xargs -P 2 -n 1 sh -c '[ $1 = 3 ] && exit 255; exit 0' sh 2>/dev/null; echo "xargs $?"
echo x | xargs -I{} sh -c 'kill -TERM $$' 2>/dev/null; echo "xargs killed $?"

sort -S 1M --parallel=2 -n <(seq 200000 -1 1) | sum
mkdir tmp
sort -S 1M -T tmp -n <(yes 123456789 | head -n 2000000; cat feed) > /dev/null & p=$!
until_true eval '[ -n "$(ls tmp)" ]'
kill -TERM $p; wait $p; echo "sort $?"
ls tmp
pkill -P $$ cat
split -n r/2 --filter='sort -n | tail -n 1' <(seq 10000)
yes | head -c 100000 | tee >(sum) | sum | sort
wait
openssl speed -seconds 1 -bytes 1024 sha256 2>&1 | grep -c '^sha256 .*k$'
head -c 300000 /dev/zero | openssl enc -aes-128-cbc -K 00 -iv 00 2>/dev/null | sum
