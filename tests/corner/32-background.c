/* Case 32: a background process reads and writes its terminal: SIGTTIN and SIGTTOU handlers run and EINTR comes
 * back; blocked or ignored: EIO for the read, and the write goes through. */
/* needs: pty */
#include "common.h"
#include <sys/ioctl.h>
#include <termios.h>
static volatile int *state;
static void handler(int sig) { state[sig]++; }
static void leader(const char *name, int m)
{
    char b[40];
    setsid();
    int s = open(name, O_RDWR);
    ioctl(s, TIOCSCTTY, 0);
    close(m);
    struct termios t;
    tcgetattr(s, &t);
    t.c_lflag |= TOSTOP;
    tcsetattr(s, TCSANOW, &t);
    for (int k = 0; k < 3; k++) {
        pid_t p = child();
        if (p == 0) {
            char c;
            setpgid(0, 0);
            if (k == 0)
                on(SIGTTIN, handler, 0), on(SIGTTOU, handler, 0);
            else if (k == 1)
                on(SIGTTIN, handler, 0), on(SIGTTOU, handler, 0), block(SIGTTIN), block(SIGTTOU);
            else
                signal(SIGTTIN, SIG_IGN), signal(SIGTTOU, SIG_IGN);
            ssize_t r = read(s, &c, 1);
            int e = errno;
            out("%d read %zd %s handled %d\n", k, r, r < 0 ? strerrorname_np(e) : "-", state[SIGTTIN]);
            r = write(s, "x", 1);
            e = errno;
            out("%d write %zd %s handled %d\n", k, r, r < 0 ? strerrorname_np(e) : "-", state[SIGTTOU]);
            r = tcsetattr(s, TCSANOW, &t);
            e = errno;
            out("%d tcsetattr %zd %s handled %d\n", k, r, r < 0 ? strerrorname_np(e) : "-", state[SIGTTOU]);
            _exit(0);
        }
        out("%s\n", ended(reap(p), b));
    }
    _exit(0);
}
int main(void)
{
    char b[40], name[64];
    state = shared(4096);
    int m = open_pty(name, sizeof name);
    pid_t p = child();
    if (p == 0)
        leader(name, m);
    out("%s\n", ended(reap(p), b));
    return 0;
}
