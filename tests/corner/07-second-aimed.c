/* not: interruption-point helper */
/* Case 7: while the handler of a signal that one thread sends another runs there, the second one comes, which the handler blocks. It
 * is handled as that returns, before the thread's own code gets on: a collector that stops the world counts on it. */
#include "common.h"
enum { ROUNDS = 300, FAR = 5000 };
static volatile long progress, entered, release, runs, at_end, late;
static sigset_t all_but_xcpu;
static int suspends;

static void on_xcpu(int sig) { }
static void on_pwr(int sig)
{
    if (++runs % 2) {
        entered++;
        while (release < entered)
            if (suspends)
                sigsuspend(&all_but_xcpu);
        at_end = progress;
    } else {
        late += progress - at_end > FAR;
    }
}

static void *body(void *unused)
{
    while (release >= 0) {
        for (volatile int i = 0; i < 100; i++)
            ;
        progress++;
    }
    return NULL;
}

int main(void)
{
    struct sigaction act = {.sa_handler = on_pwr, .sa_flags = SA_RESTART};
    pthread_t t;
    sigfillset(&act.sa_mask);
    all_but_xcpu = act.sa_mask;
    sigdelset(&all_but_xcpu, SIGXCPU);
    CHECK(sigaction(SIGPWR, &act, NULL) == 0);
    on(SIGXCPU, on_xcpu, SA_RESTART);
    CHECK(pthread_create(&t, NULL, body, NULL) == 0);
    for (suspends = 0; suspends < 2; suspends++) {
        runs = entered = release = 0;
        for (int i = 1; i <= ROUNDS; i++) {
            CHECK(pthread_kill(t, SIGPWR) == 0);
            if (!CHECK(SPIN(entered == i)))
                _exit(1);
            CHECK(pthread_kill(t, SIGPWR) == 0);
            release = i;
            if (suspends)
                CHECK(pthread_kill(t, SIGXCPU) == 0);
            if (!CHECK(SPIN(runs == 2 * i)))
                _exit(1);
        }
        out("%s: handled %ld, %s\n", suspends ? "suspended" : "spinning", runs, late ? "some late" : "none late");
    }
    release = -1;
    pthread_join(t, NULL);
    return 0;
}
