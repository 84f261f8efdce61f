/* Semantics: a handler at any point of a computation spoils nothing: integer flags, vector and x87 state, the
 * red zone, errno, the rounding mode. */
/* not: jitter */
#include "common.h"
#include <fenv.h>
#include <math.h>
static volatile int n;
static void handler(int sig)
{
    volatile double x = 1.5;
    fesetround(FE_UPWARD);
    x = x / 3.1 + sin(x);
    char big[512];
    memset(big, n, sizeof big);
    __asm__ volatile("" : : "r"(big) : "memory");
    n++;
}
static double __attribute__((noinline)) work(void)
{
    double s = 0;
    long double l = 0;
    for (int i = 1; i < 3000; i++) {
        s += 1.0 / i * (i % 2 ? 1 : -1);
        l += 1.0L / i;
    }
    return s + (double)l;
}
int main(void)
{
    struct itimerval it = {{0, 500}, {0, 500}}, off = {{0, 0}, {0, 0}};
    double want = work();
    int wrong = 0;
    on(SIGALRM, handler, SA_RESTART);
    setitimer(ITIMER_REAL, &it, NULL);
    int64_t end = now_ms() + DEADLINE_MS;
    while (n < 50 && now_ms() < end)
        wrong += work() != want || fegetround() != FE_TONEAREST;
    setitimer(ITIMER_REAL, &off, NULL);
    out("wrong %d enough %d\n", wrong, n >= 50);
    return 0;
}
