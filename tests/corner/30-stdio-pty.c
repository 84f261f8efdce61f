/* Case 30: Ctrl-C at an fgets prompt on a terminal, with SA_RESTART and with a jump back to the prompt. */
/* needs: pty */
#include "common.h"
#include <sys/ioctl.h>
static volatile int *state;
static sigjmp_buf env;
static volatile int jump;
static void handler(int sig) { state[1]++; if (jump) siglongjmp(env, 1); }
int main(void)
{
    char b[40], name[64];
    state = shared(4096);
    int m = open_pty(name, sizeof name);
    pid_t p = child();
    if (p == 0) {
        char line[64];
        setsid();
        FILE *f = fopen(name, "r+");
        ioctl(fileno(f), TIOCSCTTY, 0);
        close(m);
        on(SIGINT, handler, SA_RESTART);
        state[0] = 1;
        char *r = fgets(line, sizeof line, f);
        out("line %s", r ? r : "none\n");
        if (sigsetjmp(env, 1) == 0) {
            jump = 1;
            state[0] = 2;
            r = fgets(line, sizeof line, f);
            out("FAIL not interrupted\n");
        }
        out("back at the prompt mask %llx\n", (unsigned long long)my_mask());
        _exit(0);
    }
    char c = 3;
    CHECK(AWAIT(state[0] == 1) && asleep(p, p));
    CHECK(write(m, &c, 1) == 1);
    CHECK(AWAIT(state[1] == 1));
    CHECK(write(m, "hello\n", 6) == 6);
    CHECK(AWAIT(state[0] == 2) && asleep(p, p));
    CHECK(write(m, &c, 1) == 1);
    out("%s\n", ended(reap(p), b));
    return 0;
}
