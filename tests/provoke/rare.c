/* A deadlock that hardly ever comes: once in thirty milliseconds the program asks for the date, for a fraction of a
 * microsecond, and the handler does so, too. Nobody sends the signal here. RARE_SECONDS: for how long; 3 without it. */
#include "tests/check/common.h"

static volatile unsigned long sum;

static void on_usr1(int signo)
{
    time_t t = signo;
    handled += localtime(&t) != NULL;
}

int main(void)
{
    const char *given = getenv("RARE_SECONDS");
    struct tm tm;
    time_t t = 0;

    tzset();
    catch_signal(SIGUSR1, on_usr1, SA_RESTART, 0);
    for (double end = now() + (given ? atof(given) : 3); now() < end; t++) {
        spin(0.03);
        sum += (unsigned long)localtime_r(&t, &tm)->tm_sec;
        getppid();
        usleep(1);
    }
    printf("handled %d\n", (int)handled);
    return 0;
}
