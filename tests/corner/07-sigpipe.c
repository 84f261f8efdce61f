/* Case 7: SIGPIPE runs in the thread that wrote, before write returns EPIPE; ignored and default, too. */
/* not: helper-concurrent */
#include "common.h"
static volatile int hits, wrong;
static __thread volatile int mine;
static void handler(int sig) { hits++; if (!mine) wrong++; }
static void *body(void *arg)
{
    int *p = arg;
    mine = 1;
    int before = hits;
    ssize_t r = write(p[1], "x", 1);
    int e = errno;
    out("%zd %s handled %d\n", r, strerrorname_np(e), hits - before);
    mine = 0;
    return NULL;
}
int main(void)
{
    int p[2];
    pthread_t t;
    char b[40];
    CHECK(pipe(p) == 0);
    close(p[0]);
    on(SIGPIPE, handler, SA_RESTART);
    body(p);
    pthread_create(&t, NULL, body, p), pthread_join(t, NULL);
    out("wrong %d\n", wrong);
    signal(SIGPIPE, SIG_IGN);
    body(p);
    pid_t kid = child();
    if (kid == 0) {
        signal(SIGPIPE, SIG_DFL);
        body(p);
        _exit(0);
    }
    out("%s\n", ended(reap(kid), b));
    return 0;
}
