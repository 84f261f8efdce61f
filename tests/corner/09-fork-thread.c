/* Case 9: forks from four threads at once while signals come; children are single-threaded and answer signals. */
/* limit: 40 */
#include "common.h"
static volatile int hits, good;
static volatile sig_atomic_t mine;
static void handler(int sig) { __atomic_add_fetch(&hits, 1, __ATOMIC_SEQ_CST); mine++; }
static void *body(void *arg)
{
    for (int k = 0; k < 12; k++) {
        pid_t p = fork();
        if (p == 0) {
            mine = 0;
            if (k % 2)
                raise(SIGUSR1);
            else
                kill(getpid(), SIGUSR1);
            _exit(mine >= 1 ? 5 : 6);
        }
        int st = reap(p);
        if (WIFEXITED(st) && WEXITSTATUS(st) == 5)
            __atomic_add_fetch(&good, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}
int main(void)
{
    pthread_t t[4];
    on(SIGUSR1, handler, SA_RESTART);
    for (int i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, body, NULL);
    for (int k = 0; k < 20; k++)
        kill(getpid(), SIGUSR1), usleep(500);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    CHECK(AWAIT(hits));
    out("good %d\n", good);
    return 0;
}
