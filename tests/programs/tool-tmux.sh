# shells: dash
# needs: tmux
# tmux: a server that catches CHLD, TERM, USR1 and WINCH, with a program in its own terminal.
. "$(dirname "$0")/lib.sh"
cd "$(mktemp -d)" || exit 1
unset TMUX
cat > inside <<'P'
trap 'echo window >> out' WINCH
trap 'echo hangup >> out; exit' HUP
echo up >> out
while :; do sleep 0.1; done
P
tm() { tmux -S ./socket -f /dev/null "$@"; }
tm new-session -d -x 80 -y 24 'sh inside'
until_true grep -q up out
tm resize-window -x 100 -y 30
until_true grep -q window out
tm list-windows -F '#{window_width}x#{window_height}'
tm new-window 'exit 3' # its end is a SIGCHLD for the server
until_true eval '[ $(tm list-windows | wc -l) = 1 ]'
tm kill-session
until_true grep -q hangup out
sort -u out
until_true eval '! tm list-sessions'
