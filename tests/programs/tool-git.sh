# shells: dash
# git removes what it began when it is cut, and works when it is not.
. "$(dirname "$0")/lib.sh"
HOME=$(mktemp -d) && cd "$HOME" || exit 1
export HOME GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_DATE='2020-01-01 00:00 +0000' GIT_COMMITTER_DATE='2020-01-01 00:00 +0000'
git config --global user.email a@example.com
git config --global user.name A
git init -q -b main repo
(cd repo && for i in 1 2 3 4 5; do seq $((i * 1000)) > "f$i"; git add . && git commit -q -m "c$i"; done; git log --oneline; git fsck)
for s in TERM INT HUP; do
    # An upload-pack that never answers: the clone hangs until the signal comes.
    env --default-signal=INT git clone -q -u 'cat > /dev/null #' "file://$HOME/repo" cut 2> err &
    p=$!
    until_true test -d cut/.git
    until_true catches $p 15
    kill -$s $p
    wait $p
    echo "$s: $?"
    ls
done 2>/dev/null # (dash tells of a job that a signal has ended, or not)
git clone -q --local repo copy && git -C copy log --oneline | wc -l
git -C copy gc -q && git -C copy fsck && git -C copy status
git clone -q "file://$HOME/repo" over && diff -r --exclude=.git repo over && echo same
