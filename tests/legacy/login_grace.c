/* The pattern of CVE-2024-6387: the time for the login is over, and the handler of SIGALRM writes that to the system's
 * log. syslog takes memory, formats the date and holds locks, and the program was just about to do the same. Each alarm
 * is timed to come into the work. LOGIN_GRACE_ALARMS: how many, 20,000 unless it says otherwise. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/time.h>
#include <syslog.h>

#include "legacy.h"

static void *volatile held; /* keeps the compiler from dropping the allocations */

static void on_alarm(int signo)
{
    syslog(LOG_INFO, "Timeout before authentication for %d", signo);
    count_handled();
}

static void *idle(void *arg)
{
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    for (;;)
        sleep(10);
    return arg;
}

/* Parse the packet, as it were. */
static void work(unsigned round)
{
    time_t t = round;
    struct tm tm;

    for (unsigned i = 0; i < 60; i++) {
        held = malloc(1100 + (round * 37 + i * 91) % 3000);
        free(held);
    }
    localtime_r(&t, &tm);
}

int main(void)
{
    const char *given = getenv("LOGIN_GRACE_ALARMS");
    unsigned target = given ? (unsigned)atoi(given) : 20000, armed = 0;
    int zero = open("/dev/zero", O_RDONLY);
    sigset_t alarm_only;
    pthread_t t;
    char c;

    counters_open();
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarm_only, NULL);
    pthread_create(&t, NULL, idle, NULL); /* a second thread: malloc takes its locks */
    catch_signal(SIGALRM, on_alarm, SA_RESTART);
    pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
    setlogmask(LOG_UPTO(LOG_INFO));
    for (unsigned round = 0; handled() < target; round++) {
        struct itimerval soon = { { 0, 0 }, { 0, 1 + round % 24 } };

        if (armed == handled()) {
            armed++;
            setitimer(ITIMER_REAL, &soon, NULL);
        }
        work(round);
        if (read(zero, &c, 1) != 1)
            return 2;
    }
    return verdict(NULL, target);
}
