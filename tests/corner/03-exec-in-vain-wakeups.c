/* Case 3: exec that fails, again and again, while signals come whose handler only writes to a pipe (and so runs on the helper
 * thread, where there is one); and none is lost. */
/* also: helper-concurrent */
#include "common.h"
#define MANY 1500
#define LONG_MS (4 * DEADLINE_MS) /* under jitter, on a busy machine */
static int fds[2];
static volatile int n;
static void handler(int sig) { char c = (char)sig; if (write(fds[1], &c, 1) == 1) n++; }
int main(void)
{
    char *argv[] = {(char *)"x", NULL}, byte;
    union sigval v = {0};
    pid_t me = getpid(), p;
    int got = 0, failed = 0;
    volatile int *seen = shared(4096);
    CHECK(pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0);
    on(SIGRTMIN, handler, SA_RESTART);
    p = child();
    if (p == 0) {
        for (int i = 0; i < MANY; i++) {
            while (i - *seen > 30)
                if (*seen < 0)
                    _exit(1); /* the receiver has given up */
            if (sigqueue(me, SIGRTMIN, v) != 0)
                i--;
        }
        _exit(0);
    }
    for (int64_t end = now_ms() + LONG_MS; got < MANY && now_ms() < end;) {
        struct pollfd pfd = {fds[0], POLLIN, 0};
        failed += execv("/nowhere/x", argv) == -1 && errno == ENOENT;
        poll(&pfd, 1, 1);
        while (read(fds[0], &byte, 1) == 1)
            *seen = ++got;
    }
    *seen = got < MANY ? -1 : got;
    reap(p);
    AWAIT(n >= got); /* the handler counts after it has written */
    out("handled %d, read %d, exec failed %d\n", n, got, failed > 0);
    return 0;
}
