/* Case 3: a thread with a mask of its own forks and execs; the child gets that thread's mask. */
#include "common.h"
static char *me;
static void handler(int sig) {}
static void *body(void *arg)
{
    char *args[] = {me, "--status", arg, NULL};
    pid_t p;
    block(arg && *(char *)arg == 'a' ? SIGHUP : SIGINT);
    if ((p = fork()) == 0) {
        show_own(arg);
        execv(me, args);
    }
    CHECK(reap(p) == 0);
    char cmd[600];
    snprintf(cmd, sizeof cmd, "%s --status system", me);
    CHECK(system(cmd) == 0);
    return NULL;
}
int main(int argc, char **argv)
{
    STATUS_CHILD(argc, argv);
    pthread_t t;
    me = self();
    on(SIGHUP, handler, 0), on(SIGINT, handler, 0), on(SIGCHLD, handler, SA_RESTART);
    block(SIGALRM);
    CHECK(pthread_create(&t, NULL, body, "a thread") == 0), pthread_join(t, NULL);
    CHECK(pthread_create(&t, NULL, body, "b thread") == 0), pthread_join(t, NULL);
    show_own("main");
    return 0;
}
