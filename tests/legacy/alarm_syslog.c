/* The pattern of CVE-2024-6387: a timeout's SIGALRM handler logs, with the time of day, what it gave up on,
 * while the program is itself in syslog, localtime or malloc. The time zone's lock is taken twice. */
#include <sys/time.h>
#include <syslog.h>

#include "legacy.h"

#define TARGET 300

static void on_alarm(int signo)
{
    time_t t = time(NULL);
    struct tm *tm = localtime(&t);
    char *text = malloc(2500);

    if (text && tm)
        snprintf(text, 2500, "timeout at %02d:%02d", tm->tm_hour, tm->tm_min);
    syslog(LOG_DEBUG, "%s", text ? text : "timeout");
    free(text);
    count_handled();
}

int main(void)
{
    struct itimerval every = { { 0, 200 }, { 0, 200 } };

    counters_open();
    setenv("TZ", "Europe/Berlin", 1);
    openlog("legacy", LOG_NDELAY, LOG_USER);
    catch_signal(SIGALRM, on_alarm, SA_RESTART);
    setitimer(ITIMER_REAL, &every, NULL);
    while (handled() < TARGET) {
        time_t t = time(NULL);
        char *p = malloc(3000);
        for (int i = 0; i < 20; i++)
            t += localtime(&t)->tm_min;
        if (handled() % 16 == 0)
            syslog(LOG_DEBUG, "round at %ld", (long)t);
        free(p);
    }
    memset(&every, 0, sizeof every);
    setitimer(ITIMER_REAL, &every, NULL);
    return verdict(NULL, TARGET);
}
