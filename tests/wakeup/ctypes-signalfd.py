# signalfd: without any package, by ctypes; and a handler that must not run.
import ctypes, os, signal, struct

libc = ctypes.CDLL(None, use_errno=True)
signal.signal(signal.SIGHUP, lambda signo, frame: os._exit(3))
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
mask = struct.pack("Q", 1 << (signal.SIGHUP - 1)) + bytes(120)
fd = libc.signalfd(-1, mask, 0)
os.write(1, b"up\n")
while True:
    if struct.unpack_from("I", os.read(fd, 128))[0] == signal.SIGHUP:
        os.write(1, b"hup\n")
