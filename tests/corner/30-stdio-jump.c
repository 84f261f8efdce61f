/* Case 30: siglongjmp out of a prompt in fgets and getline (each with a stream of its own, abandoned after it). */
#include "common.h"
static sigjmp_buf env;
static volatile int hits;
static void handler(int sig) { hits++; siglongjmp(env, 1); }
int main(void)
{
    on(SIGINT, handler, SA_RESTART);
    for (volatile int how = 0; how < 4; how++) {
        int p[2];
        CHECK(pipe(p) == 0);
        FILE *volatile f = fdopen(p[0], "r");
        char line[64], *l = NULL;
        size_t n = 0;
        volatile pid_t k = kill_when_asleep(SIGINT);
        if (sigsetjmp(env, 1) == 0) {
            if (how % 2)
                (void)!getline(&l, &n, f);
            else
                (void)!fgets(line, sizeof line, f);
            out("FAIL returned\n");
        }
        out("%d: jumped, hits %d mask %llx\n", how, hits, (unsigned long long)my_mask());
        CHECK(reap(k) == 0);
    }
    out("still: ");
    raise(SIGUSR2 - SIGUSR2); /* signal 0 */
    on(SIGUSR1, SIG_IGN, 0);
    free(malloc(1000));
    out("alive\n");
    _exit(0); /* the abandoned streams may hold their locks */
}
