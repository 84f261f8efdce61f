/* Case 3: exec from within a handler, and from a thread while main is parked: the new program has the mask of that
 * moment, pending signals stay pending. */
/* not: helper */
#include "common.h"
static char *me;
static void go(int sig)
{
    block(SIGHUP);
    kill(getpid(), SIGHUP);
    execl(me, me, "x", "from the handler", (char *)NULL);
    _exit(9);
}
static void *body(void *arg)
{
    block(SIGTERM);
    raise(SIGTERM); /* thread-directed: goes with the thread that becomes the process */
    execl(me, me, "x", "from a thread", (char *)NULL);
    _exit(9);
}
int main(int argc, char **argv)
{
    if (argc > 2) {
        show_status(argv[2]);
        out("%s: pending %llx\n", argv[2], (unsigned long long)my_pending());
        return 5;
    }
    char b[40];
    me = self();
    for (int k = 0; k < 3; k++) {
        pid_t p = child();
        if (p == 0) {
            pthread_t t;
            on(SIGUSR1, go, 0), on(SIGTERM, go, SA_RESTART), on(SIGHUP, go, 0);
            if (k == 0)
                raise(SIGUSR1);
            else if (k == 2)
                pthread_create(&t, NULL, body, NULL);
            for (;;)
                pause();
        }
        if (k == 1)
            CHECK(asleep(p, p)), kill(p, SIGUSR1);
        out("%s\n", ended(reap(p), b));
    }
    return 0;
}
