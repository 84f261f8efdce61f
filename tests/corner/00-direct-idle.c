/* modes: interruption-point-direct safe-point-direct now-direct traced-direct */
/* Where signals take no way round, one that comes to a sleeping program wakes nothing but its receiver: also in a program
 * that computed when the library had a look at it. */
#include "activity.h"
static volatile int n;
enum { SIGNALS = 40 };
static void handler(int sig) { n++; }

int main(void)
{
    pid_t me = getpid(), p;
    int told[2];
    char byte = 0;
    CHECK(pipe(told) == 0);
    on(SIGUSR1, handler, SA_RESTART);
    for (int64_t end = now_ms() + 4; now_ms() < end;)
        ;
    p = child();
    if (p == 0) {
        long before = activity(me, me);
        for (int i = 0; i < SIGNALS; i++)
            CHECK(asleep(me, me) && kill(me, SIGUSR1) == 0);
        byte = activity(me, me) - before > SIGNALS / 2; /* (one tick of processor time counts as ten) */
        _exit(write(told[1], &byte, 1) == 1 ? 0 : 1);
    }
    CHECK(read(told[0], &byte, 1) == 1);
    out("%s\n", byte ? "all the others were woken as well" : "nobody else was woken");
    reap(p);
    CHECK(AWAIT(n == SIGNALS));
    out("handled %d\n", n);
    return 0;
}
