/* flags: -I/usr/include/x86_64-linux-gnu -lskarnet
 * signalfd: Debian's skalibs is built with it. */
#include <poll.h>
#include <signal.h>
#include <skalibs/selfpipe.h>
#include <unistd.h>

int main(void)
{
    struct pollfd p = {selfpipe_init(), POLLIN, 0};
    if (p.fd < 0 || !selfpipe_trap(SIGHUP) || write(1, "up\n", 3) != 3)
        return 1;
    for (;;) {
        poll(&p, 1, -1);
        while (selfpipe_read() == SIGHUP)
            if (write(1, "hup\n", 4) != 4)
                return 1;
    }
}
