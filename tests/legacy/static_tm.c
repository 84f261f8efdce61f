/* localtime() answers in one static object. The handler asks for another time while main still reads its own. */
#include <poll.h>

#include "legacy.h"

#define TARGET 60

static void on_signal(int signo)
{
    time_t epoch = 0;

    if (!gmtime(&epoch))
        _exit(2);
    count_handled();
}

int main(void)
{
    const char *broken = NULL;
    time_t t = 1700000000; /* in November 2023 */

    sender_start(SIGUSR1, 300, 100000, ACKED);
    catch_signal(SIGUSR1, on_signal, SA_RESTART);
    sender_go();
    while (!broken && handled() < TARGET) {
        const struct tm *tm = gmtime(&t);
        spin_ns(30000); /* a report is laid out */
        if (tm->tm_year != 123)
            broken = "the report bears a date of 1970";
        poll(NULL, 0, 0);
    }
    return verdict(broken, TARGET);
}
