/* What test_hostile.py runs beside other libraries: threads that allocate, print into memory, wait and read the time
 * under a storm of process- and thread-directed signals, forks and an exec; every counted signal is handled. */
#include "../corner/common.h"
#define SIGNALS 400
static volatile int got, aimed, done, stop;
static void handler(int sig) { __atomic_add_fetch(&got, 1, __ATOMIC_SEQ_CST); }
static void on_aimed(int sig) { __atomic_add_fetch(&aimed, 1, __ATOMIC_SEQ_CST); }
static void work(unsigned k)
{
    char text[100], *p = malloc(10 + k * 37 % 5000);
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    snprintf(text, sizeof text, "%u %p %ld", k, (void *)p, (long)t.tv_sec);
    p = realloc(p, 20 + k % 300);
    free(p);
    if (k % 16 == 0) {
        struct timespec nap = {0, 50000};
        nanosleep(&nap, NULL);
    }
}
static void *body(void *arg)
{
    for (unsigned k = 0; !__atomic_load_n(&stop, __ATOMIC_SEQ_CST); k++)
        work(k);
    return NULL;
}
int main(void)
{
    pthread_t t[3];
    pid_t me = getpid(), p;
    char b[40];
    on(SIGRTMIN, handler, SA_RESTART), on(SIGRTMIN + 1, on_aimed, 0), on(SIGCHLD, SIG_DFL, 0);
    for (int k = 0; k < 3; k++)
        CHECK(pthread_create(&t[k], NULL, body, NULL) == 0);
    if ((p = child()) == 0) {
        for (int k = 0; k < SIGNALS; k++) {
            while (sigqueue(me, SIGRTMIN, (union sigval){k}) != 0)
                usleep(100);
            if (k % 4 == 0)
                usleep(100);
        }
        _exit(0);
    }
    for (int k = 0; k < SIGNALS; k++) {
        CHECK(pthread_kill(t[k % 3], SIGRTMIN + 1) == 0);
        work((unsigned)k);
    }
    out("sender: %s\n", ended(reap(p), b));
    if ((p = fork()) == 0) {
        execlp("true", "true", NULL);
        _exit(9);
    }
    out("true: %s, system %d\n", ended(reap(p), b), system("exit 3") >> 8);
    CHECK(AWAIT(__atomic_load_n(&got, __ATOMIC_SEQ_CST) == SIGNALS && __atomic_load_n(&aimed, __ATOMIC_SEQ_CST) == SIGNALS));
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    for (int k = 0; k < 3; k++)
        pthread_join(t[k], NULL);
    out("process %d threads %d\n", got, aimed);
    return 0;
}
