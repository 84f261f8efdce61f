/* finds: reentered called=localtime_r inside=localtime_r|localtime|mktime handler=on_alarm signal=SIGALRM verdict=averted */
/* also: unsafe-call */
/* The time zone's lock: the program formats dates, and so does its handler. */
#include "common.h"

static void on_alarm(int signo)
{
#ifndef CLEAN
    struct tm tm;
    time_t t = 86400;
    localtime_r(&t, &tm);
#endif
    handled++;
}

int main(void)
{
    struct tm tm;
    time_t t = 0;
    setenv("TZ", "Europe/Berlin", 1);
    catch_signal(SIGALRM, on_alarm, SA_RESTART, 0);
    later(SIGALRM, 500, 500);
    while (handled < 60) {
        t += 86400;
        localtime_r(&t, &tm);
    }
    return 0;
}
