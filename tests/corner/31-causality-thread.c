/* Case 31: a thread sends its process a signal that only main has open, then writes to an eventfd or a pipe: main sees the
 * event after its handler. (A semaphore would not do: its fast path is no system call, and natively racy.) */
/* limit: 40 */
#include "common.h"
#include <sys/eventfd.h>
static volatile int n;
static sem_t go;
static int ev, fd[2];
static void handler(int sig) { n++; }
static void *body(void *arg)
{
    uint64_t one = 1;
    for (int k = 0; k < 200; k++) {
        while (sem_wait(&go) < 0)
            ;
        kill(getpid(), SIGUSR1);
        if (k % 2)
            (void)!write(fd[1], "x", 1);
        else
            (void)!write(ev, &one, sizeof one);
    }
    return NULL;
}
int main(void)
{
    pthread_t t;
    uint64_t v;
    int missed = 0;
    char c;
    sem_init(&go, 0, 0);
    CHECK(pipe(fd) == 0);
    ev = eventfd(0, EFD_CLOEXEC);
    on(SIGUSR1, handler, SA_RESTART);
    block(SIGUSR1);
    pthread_create(&t, NULL, body, NULL); /* with the signal blocked */
    unblock(SIGUSR1);
    for (int k = 0; k < 200; k++) {
        sem_post(&go);
        if (k % 2)
            while (read(fd[0], &c, 1) < 0)
                ;
        else
            while (read(ev, &v, sizeof v) < 0)
                ;
        missed += n != k + 1;
        CHECK(AWAIT(n == k + 1));
    }
    pthread_join(t, NULL);
    out("missed %d\n", missed);
    return 0;
}
