# Completion of sigferry(1) for bash.

_sigferry_pids()
{
    COMPREPLY=($(compgen -W "$(sigferry ps 2>/dev/null | awk 'NR > 1 { print $1 }')" -- "$1"))
}

_sigferry_signals()
{
    COMPREPLY=($(compgen -P "$1" -W "HUP INT QUIT USR1 USR2 ALRM TERM CHLD CONT TSTP TTIN TTOU URG XCPU VTALRM PROF WINCH IO PWR" -- "$2"))
}

_sigferry()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} options word i
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "run check trace ps stat top ctl report exporter signals --help --version" -- "$cur"))
        return
    fi
    case $command in
    run) options="--signal --config --no-guard --check --verbose --help" ;;
    check) options="--native --provoke --budget --slow --format --output --suppressions --gen-suppressions --error-exitcode --config --read --help" ;;
    trace) options="--pid -e --format --output --route --records --config --read --help" ;;
    ps) options="--json --help" ;;
    stat) options="--interval --count --json --read --help" ;;
    top) options="--interval --help" ;;
    ctl) options="--help" ;;
    report) options="--pid -e --route --records --config --read --help" ;;
    exporter) options="--listen --journal --once --help" ;;
    signals) options="--all --json --help" ;;
    *) return ;;
    esac
    case $prev in
    --format|-f)
        [ "$command" = check ] && word="text json sarif" || word="text json chrome ctf html"
        COMPREPLY=($(compgen -W "$word" -- "$cur"))
        return ;;
    --route)
        COMPREPLY=($(compgen -W "direct auto signalfd" -- "$cur"))
        return ;;
    -e)
        COMPREPLY=($(compgen -W "signal= event=" -- "$cur"))
        compopt -o nospace
        return ;;
    --signal|-s)
        _sigferry_signals "" "$cur"
        return ;;
    --pid|-p)
        _sigferry_pids "$cur"
        return ;;
    --output|-o|--config|-c|--suppressions|--read)
        COMPREPLY=($(compgen -f -- "$cur"))
        return ;;
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
        return
    fi
    case $command in
    signals|ps|stat|top) _sigferry_pids "$cur" ;;
    ctl)
        case $COMP_CWORD in
        2) _sigferry_pids "$cur" ;;
        3) COMPREPLY=($(compgen -W "trace signal" -- "$cur")) ;;
        4) if [ "$prev" = trace ]; then COMPREPLY=($(compgen -W "on off" -- "$cur")); else _sigferry_signals "" "$cur"; fi ;;
        5) COMPREPLY=($(compgen -W "replay=interruption-point replay=safe-point replay=helper replay=helper-concurrent replay=now replay=default" -- "$cur")) ;;
        esac ;;
    report) [ "$COMP_CWORD" -eq 2 ] && COMPREPLY=($(compgen -f -- "$cur")) ;;
    run|check|trace)
        # The program, and then its own arguments.
        for ((i = 2; i < COMP_CWORD; i++)); do
            [ "${COMP_WORDS[i]}" = -- ] && break
        done
        if [ "$i" -lt "$COMP_CWORD" ] && declare -F _command_offset >/dev/null; then
            _command_offset $((i + 1))
        else
            COMPREPLY=($(compgen -c -- "$cur"))
        fi ;;
    esac
}
complete -F _sigferry sigferry
