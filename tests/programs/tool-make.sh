# shells: dash
# make -j with Ctrl-C: the targets under way are deleted, make dies by the signal.
. "$(dirname "$0")/lib.sh"
cd "$(mktemp -d)" || exit 1
unset MAKELEVEL MAKEFLAGS MFLAGS # below `make check` it would name its directory
# A recipe dies by the signal only when make is in its handler and has deleted the target. One that died at once
# could be reaped just before the handler runs: make then waits for a child that it has no more, also natively.
cat > Makefile <<'M'
all: one two three
one two three: ; @trap 'while test -e $@; do sleep 0.01; done; trap - INT; kill -INT $$$$' INT; \
	echo start > $@; touch $@.begun; while :; do sleep 0.01; done
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
