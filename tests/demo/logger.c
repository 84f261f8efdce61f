/* Part 1: the handler logs with the time of day, which takes locks inside the C library. So does the main loop.
 * (The mistake behind CVE-2024-6387 in OpenSSH.) */
#include <poll.h>

#include "demo.h"

#define SIGNALS 200

static FILE *out;

static void log_line(const char *what)
{
    char stamp[40];
    time_t t = time(NULL);

    strftime(stamp, sizeof stamp, "%F %T", localtime(&t));
    fprintf(out, "%s %s\n", stamp, what);
}

static void on_signal(int signo)
{
    log_line("operator knocks");
    atomic_fetch_add(handled, 1);
}

int main(void)
{
    atomic_int *gate;

    setenv("TZ", "Europe/Berlin", 1);
    out = fopen("/dev/null", "w");
    operator_start(SIGUSR1, SIGNALS, &gate);
    catch_signal(SIGUSR1, on_signal);
    atomic_store(gate, 1);
    while (atomic_load(handled) < SIGNALS) {
        for (int i = 0; i < 100; i++)
            log_line("request served");
        poll(NULL, 0, 0); /* is there a new one? */
    }
    printf("%u\n", atomic_load(handled));
    return 0;
}
