"""An interactive bash: job control, traps, its line editor."""
PROGRAM = "bash"
SENT = "WINCH, TSTP and INT by key, CONT, CHLD, traps; jobs, a pipeline, a stopped background reader"
NEEDS = ("bash",)

STEPS = r"""
> trap 'echo int' INT; trap 'echo winch $COLUMNS' WINCH; trap 'echo usr1' USR1
> shopt -s checkwinsize
! sleep 50
runs sleep
key Z
prompt
> bg; jobs
> sleep 51 | cat & jobs | wc -l
! fg %1
runs sleep
key C
prompt
> kill %2; wait %2; echo $?
runs bash
size 90 20
see winch
> for i in 1 2 3 4 5 6 7 8 9 10; do kill -USR1 $$; done
> (exit 3) & wait $!; echo "waited $?"
> for i in 1 2 3 4 5 6 7 8; do (exit $i) & wait $! || echo $?; done
! while :; do sleep 30; done
runs sleep
key C
prompt
! sh -c 'trap "echo inner; exit 4" INT; sleep 30 & wait'
runs sh
key C
prompt
> echo "status $?"
keys echo half typed
runs bash
key C
prompt
> stty size
runs bash
! exit 7
end
"""


def row(world):
    t = world.terminal()
    t.prompt()
    for n, line in enumerate(STEPS.strip().splitlines()):
        t.step(line)
        if n == 20:
            world.carries(t.pid, replays=3)
    world.saw(f"status {t.status}")
    for line in world.plain(t.screen).splitlines():
        world.saw(line)
