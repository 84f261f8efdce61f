/* Case 28: keys in a pty: Ctrl-C, Ctrl-\ and Ctrl-Z reach the foreground group's handlers, WINCH too, while it
 * reads its terminal; SA_RESTART resumes the read. */
/* needs: pty */
#include "common.h"
#include <sys/ioctl.h>
#include <termios.h>
static volatile int *state;
static void handler(int sig) { state[sig]++; }
int main(void)
{
    char b[40], name[64], c;
    state = shared(4096);
    int m = open_pty(name, sizeof name);
    pid_t p = child();
    if (p == 0) {
        char line[32];
        setsid();
        int s = open(name, O_RDWR);
        ioctl(s, TIOCSCTTY, 0);
        close(m);
        on(SIGINT, handler, SA_RESTART), on(SIGQUIT, handler, SA_RESTART), on(SIGTSTP, handler, SA_RESTART), on(SIGWINCH, handler, SA_RESTART);
        on(SIGHUP, handler, 0);
        state[0] = 1;
        ssize_t r = read(s, line, sizeof line);
        out("line of %zd\n", r);
        on(SIGINT, handler, 0);
        state[0] = 2;
        r = read(s, line, sizeof line);
        int e = errno;
        out("then %zd %s\n", r, r < 0 ? strerrorname_np(e) : "-");
        _exit(0);
    }
    CHECK(AWAIT(state[0] == 1) && asleep(p, p));
    static const struct { char key; int sig; } keys[] = {{3, SIGINT}, {28, SIGQUIT}, {26, SIGTSTP}, {3, SIGINT}};
    for (unsigned i = 0; i < 4; i++) {
        int at = state[keys[i].sig];
        CHECK(write(m, &keys[i].key, 1) == 1);
        CHECK(AWAIT(state[keys[i].sig] == at + 1));
    }
    struct winsize w = {40, 100, 0, 0};
    CHECK(ioctl(m, TIOCSWINSZ, &w) == 0);
    CHECK(AWAIT(state[SIGWINCH] == 1));
    CHECK(write(m, "hello\n", 6) == 6);
    CHECK(AWAIT(state[0] == 2) && asleep(p, p));
    c = 3;
    CHECK(write(m, &c, 1) == 1);
    ended(reap(p), b);
    out("%s int %d quit %d tstp %d winch %d\n", b, state[SIGINT], state[SIGQUIT], state[SIGTSTP], state[SIGWINCH]);
    return 0;
}
