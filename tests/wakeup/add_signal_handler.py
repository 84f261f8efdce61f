import asyncio, os, signal


async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, os.write, 1, b"hup\n")
    os.write(1, b"up\n")
    await asyncio.Event().wait()

asyncio.run(main())
