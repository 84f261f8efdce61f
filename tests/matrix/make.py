"""make -j with Ctrl-C: its children die by the terminal's INT, what they had begun is removed; and sixty jobs' CHLDs."""
import re

PROGRAM = "make -j"
SENT = "INT by key at four jobs, TERM to the top make, INT to a make whose recipe catches it"
NEEDS = ("make",)

MAKEFILE = """
all: a b c d
a b c d:
\t@echo begun >$@; echo started $@; sleep 100; echo finished >$@
.PRECIOUS: d
deep:
\t@$(MAKE) -s all
patient:
\t@trap 'echo cleaned >cleaned; exit 3' INT TERM; echo waiting; sleep 100 & wait
quick: $(foreach n,$(shell seq 60),q$(n))
q%:
\t@echo $@ >$@
"""


def row(world):
    world.write("Makefile", MAKEFILE)

    def sleepers():
        return sum(world.title(p).startswith("sleep ") for p in world.marked())

    def interrupted(target, key, says):
        t = world.terminal("make", "-j4", target)
        for words in says:
            t.see(words)
        # All asleep: a make that is hit while it starts its children hangs natively, now and then.
        world.wait("recipes that sleep", lambda: sleepers() == len(says))
        for process in world.marked():
            if world.title(process).startswith("make"):
                world.rests(process)
        world.carries(t.pid)
        if key == "INT":
            t.type("\x03")
        else:
            world.send(t.pid, key)
        t.end()
        # Who else reports what is a race natively, and so is whether make ends in status 2 or by the signal.
        said = sorted(set(re.findall(r"make\S* \*\*\* Deleting.*", world.plain(t.screen))))
        world.saw(f"{key} to {target}: {said}, ended {'so' if t.status in (2, -2, -15) else t.status}")
        world.wait("the end of all", lambda: not [p for p in world.marked() if "make" in world.title(p)])
        world.saw(f"left: {[n for n in 'abcd' if (world.home / n).exists()]} {world.text('cleaned').strip()}")
        for n in ("a", "b", "c", "d", "cleaned"):
            (world.home / n).unlink(missing_ok=True)

    four = [f"started {name}" for name in "abcd"]
    interrupted("all", "INT", four)
    interrupted("deep", "INT", four)
    interrupted("all", "TERM", four)
    interrupted("patient", "INT", ["waiting"])
    quick = world.start(["make", "-s", "-j8", "quick"], out="out2")
    world.saw(f"60 quick targets: {world.ended(quick)}, {sum((world.home / f'q{n}').exists() for n in range(1, 61))} made")
