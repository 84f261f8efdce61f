# shells: dash
# make -j with Ctrl-C: the targets under way are deleted, make dies by the signal.
. "$(dirname "$0")/lib.sh"
cd "$(mktemp -d)" || exit 1
cat > Makefile <<'M'
all: one two three
one two three: ; @echo start > $@; touch $@.begun; sleep 30; echo end >> $@
M
mkdir keep && echo kept > keep/file
env --default-signal=INT setsid make -j3 > log 2>&1 &
p=$!
until_true test -e one.begun -a -e two.begun -a -e three.begun
kill -INT -$p
wait $p
echo "make: $?"
sort log
ls
printf 'all: a b c d e f\na b c d e f: ; @sh -c "exit 0"; echo done > $@\n' > Makefile
make -j4 | sort
echo "$?"
ls
