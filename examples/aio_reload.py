#!/usr/bin/python3
"""A service on asyncio: SIGHUP reloads, SIGUSR1 tells how it is, SIGTERM and Ctrl-C end it, in the order in which they come.
A program that it starts meanwhile has clean masks."""
import asyncio
import os
from signal import SIGHUP, SIGINT, SIGTERM, SIGUSR1

import sigferry


async def work(done):
    while True:
        await asyncio.sleep(0.01)
        done.append(1)


async def main():
    done, generation = [], 1
    task = asyncio.create_task(work(done))
    async with sigferry.signals(SIGHUP, SIGUSR1, SIGTERM, SIGINT) as events:
        print(f"process {os.getpid()} serves", flush=True)
        async for info in events:
            if info.signo == SIGHUP:
                generation += 1
                child = await asyncio.create_subprocess_exec("/bin/true")
                print(f"configuration {generation}, checked with status {await child.wait()}", flush=True)
            elif info.signo == SIGUSR1:
                print(f"configuration {generation}, works: {bool(done)}", flush=True)
            else:
                print(f"{info.name}: ends", flush=True)
                break
    task.cancel()


asyncio.run(main())
