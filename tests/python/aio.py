"""asyncio: several iterators, two loops, cancelled, left by break, with subprocesses."""
import asyncio
import gc
import os
import signal
import sys
import threading
from signal import SIGHUP, SIGTERM, SIGUSR1, SIGUSR2

import sigferry
from sigferry import aio

me = os.getpid()


async def soon(iterator):
    return await asyncio.wait_for(iterator.__anext__(), 8)


async def several():
    first, second = sigferry.signals(SIGHUP, SIGUSR1), sigferry.signals(SIGUSR1)
    os.kill(me, SIGUSR1)  # given to both, though none of them waits yet
    assert (await soon(first)).signo == SIGUSR1 and (await soon(second)).signo == SIGUSR1
    os.kill(me, SIGHUP)
    info = await soon(first)
    assert info.signo == SIGHUP and info.pid == me
    second.close()
    try:
        await soon(second)
    except StopAsyncIteration:
        pass
    else:
        raise AssertionError("goes on after close")
    task = asyncio.ensure_future(first.__anext__())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    os.kill(me, SIGUSR1)
    assert (await soon(first)).signo == SIGUSR1
    await first.aclose()


async def loop_with_break():
    count = 0
    asyncio.get_running_loop().call_later(0.01, os.kill, me, SIGTERM)
    async for info in sigferry.signals(SIGTERM, SIGUSR2):
        count += 1
        if info.signo == SIGTERM:
            break
        os.kill(me, SIGTERM)
    gc.collect()
    assert aio._hub.trap is None, "the iterator is gone, and its signals are trapped still"
    return count


async def with_subprocess():
    """Signals do not stay blocked in what is started, and SIGCHLD is asyncio's."""
    async with sigferry.signals(SIGTERM) as ours:
        child = await asyncio.create_subprocess_exec("/bin/cat", "/proc/self/status", stdout=asyncio.subprocess.PIPE)
        out, _ = await asyncio.wait_for(child.communicate(), 8)
        assert child.returncode == 0 and b"SigBlk:\t0000000000000000" in out, out
        os.kill(me, SIGTERM)
        assert (await soon(ours)).signo == SIGTERM
    assert aio._hub.trap is None


async def beside_handler():
    """loop.add_signal_handler for another signal (asyncio's set_wakeup_fd) goes on working."""
    seen = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(SIGUSR2, seen.set)
    async with sigferry.signals(SIGHUP) as ours:
        os.kill(me, SIGUSR2)
        await asyncio.wait_for(seen.wait(), 8)
        os.kill(me, SIGHUP)
        assert (await soon(ours)).signo == SIGHUP


def two_loops():
    """Another loop in another thread asks for the same signals; each has every one."""
    ready, results = threading.Barrier(2), []

    async def take(n):
        async with sigferry.signals(SIGHUP) as ours:
            ready.wait(8)
            for _ in range(n):
                results.append((await soon(ours)).signo)
                ready.wait(8)

    thread = threading.Thread(target=lambda: asyncio.run(take(5)))
    thread.start()

    async def main():
        async with sigferry.signals(SIGHUP) as ours:
            ready.wait(8)
            for _ in range(5):
                os.kill(me, SIGHUP)
                results.append((await soon(ours)).signo)
                await asyncio.get_running_loop().run_in_executor(None, ready.wait, 8)

    asyncio.run(main())
    thread.join(8)
    assert results == [SIGHUP] * 10 and aio._hub.trap is None


asyncio.run(several())
assert aio._hub.trap is None and signal.getsignal(SIGHUP) is signal.SIG_DFL
assert asyncio.run(loop_with_break()) == 1
asyncio.run(with_subprocess())
asyncio.run(beside_handler())
two_loops()
try:
    sigferry.signals(SIGHUP)
except RuntimeError as e:
    assert "loop" in str(e)
else:
    raise AssertionError("made without a loop")


async def forgotten():
    globals()["kept"] = sigferry.signals(SIGHUP)


asyncio.run(forgotten())
asyncio.run(several())  # the one that was left over in a loop that is closed does not disturb
kept = None
assert aio._hub.trap is None
sys.stdout.write("ok\n")
