/* Case 32: a signal during tcdrain and a blocked write on a terminal whose output is stopped. */
/* needs: pty */
#include "eintr.h"
#include <sys/ioctl.h>
#include <termios.h>
static int m, s;
static void fresh(void)
{
    char name[64], big[4096];
    struct termios t;
    m = posix_openpt(O_RDWR | O_NOCTTY);
    if (m < 0 || grantpt(m) || unlockpt(m) || ptsname_r(m, name, sizeof name))
        SKIP("no pty");
    s = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK);
    tcgetattr(s, &t);
    cfmakeraw(&t);
    tcsetattr(s, TCSANOW, &t);
    memset(big, 'x', sizeof big);
    /* The kernel moves it on behind our back, when it has the time: full is only what is full on the other side, too. */
    for (int refused = 0, there = 0; refused < 5 || there < 4000; usleep(2000)) {
        CHECK(ioctl(m, FIONREAD, &there) == 0);
        refused++;
        while (write(s, big, sizeof big) > 0)
            refused = 0;
    }
    fcntl(s, F_SETFL, 0);
}
static void drain(void)
{
    char b[4096];
    fcntl(m, F_SETFL, O_NONBLOCK);
    for (int k = 0; k < 50; k++) {
        while (read(m, b, sizeof b) > 0)
            ;
        usleep(200);
    }
}
static long do_write(void) { return write(s, "y", 1); }
static long do_read(void) { char c; return read(s, &c, 1); }
static void give(void) { if (write(m, "k", 1) != 1) _exit(9); }
int main(void)
{
    static const struct blocking_call calls[] = {{"tty write", do_write, drain, fresh}, {"tty read", do_read, give, fresh}};
    EINTR_TABLE(calls);
    fresh();
    out("tcdrain %d\n", tcdrain(s));
    return 0;
}
