import os, select, signal

r, w = os.pipe2(os.O_NONBLOCK)
signal.set_wakeup_fd(w)
signal.signal(signal.SIGHUP, lambda signo, frame: None)
os.write(1, b"up\n")
while True:
    select.select([r], [], [])
    for number in os.read(r, 100):
        if number == signal.SIGHUP:
            os.write(1, b"hup\n")
