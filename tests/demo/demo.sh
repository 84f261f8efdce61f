#!/bin/sh
# make demo: three small daemons of the old school, each run twice, first as it is and then under sigferry.
# Status 0 if all three come to their end under sigferry.
set -u
here=$(dirname "$0")
build=${BUILD:-build}
out=$build/demo
limit=4 # seconds: what is not done by then hangs; it would take less than one
failed=0
export LC_ALL=C

mkdir -p "$out" || exit 1
for name in logger sleeper reloader; do
	${CC:-gcc} -std=gnu11 -O1 -g -pthread -D_GNU_SOURCE -o "$out/$name" "$here/$name.c" || exit 1
done

# Run a command with the time limit; say in words how it went. $? is 0 if it did its work.
attempt() {
	said=$(timeout -s KILL $limit "$@" 2>"$out/stderr")
	status=$?
	case $status in
	0) how="it did its work: the handler ran $said times, nothing was lost and nothing broke." ;;
	137) how="it HANGS. (Killed after $limit seconds; it needs less than one.)" ;;
	134 | 136 | 139) how="it CRASHES ($(kill -l $((status - 128)) | sed 's/^/SIG/'))." ;;
	*) how="it FAILS: $(head -n 1 "$out/stderr")." ;;
	esac
	return $status
}

# part NAME, then the story on standard input
part() {
	echo
	cat
	attempt "$out/$1" 2>/dev/null
	echo "    as it is:        $how"
	if ! attempt "$build/sigferry" run -- "$out/$1" 2>/dev/null; then
		failed=1
	fi
	echo "    under sigferry:  $how"
}

echo "Three daemons with unsafe signal handlers. None of them is changed or compiled anew for sigferry."

part logger <<'END'
1. The handler writes a log line with the time of day. So does the main loop. The C library guards the time zone
   with a lock; when the signal comes while the loop holds it, the handler waits for its own thread, for ever.
END
part sleeper <<'END'
2. The program waits with `while (!flag) pause();`. When the signal comes after the look at the flag but before
   the sleep, the handler has already run, and nobody wakes the sleeper.
END
part reloader <<'END'
3. SIGHUP makes the handler throw the configuration list away and read it again, while the main loop is walking
   along that very list.
END

echo
if [ $failed -ne 0 ]; then
	echo "Under sigferry something went wrong, which should not be. Please report it."
	exit 1
fi
echo "What sigferry did: it kept the signals waiting until the program made a call in which it may sleep, or was"
echo "outside of such functions of the C library, and ran the handlers then. To use it: $build/sigferry run -- PROGRAM"
