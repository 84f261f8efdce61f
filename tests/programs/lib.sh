# For the scripts beside it: wait for a condition instead of sleeping and hoping.

# until_true COMMAND...: as soon as it succeeds; gives up, with a message, after ten seconds
until_true() {
    tries_=0
    until "$@" 2>/dev/null; do
        tries_=$((tries_ + 1))
        if [ $tries_ -gt 500 ]; then
            echo "gave up waiting for: $*"
            return 1
        fi
        sleep 0.02
    done
}

# catches PID BIT: the kernel knows a handler of its for signal number BIT
catches() {
    set_=$(sed -n 's/^SigCgt:[^0-9a-f]*//p' "/proc/$1/status") || return 1
    [ $(((0x${set_#????????} >> ($2 - 1)) & 1)) = 1 ]
}

in_state() { # PID LETTER
    grep -q "^State:.$2" "/proc/$1/status"
}

is_called() { # PID NAME
    [ "$(cat "/proc/$1/comm")" = "$2" ]
}
