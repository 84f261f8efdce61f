/* A self-pipe that nobody made non-blocking. In the first half the loop empties it after each signal; then it is
 * busy for a while, the pipe fills up, and the handler blocks the only thread that could empty it. */
#include <fcntl.h>
#include <poll.h>

#include "legacy.h"

#define WARM 100 /* signals until the loop gets busy */
#define TARGET 300
#define EVENT 64

static int wake[2];

static void on_signal(int signo)
{
    char event[EVENT] = { 0 };

    event[0] = (char)signo;
    if (write(wake[1], event, sizeof event) == sizeof event)
        count_handled();
}

/* Read what is there; the number of events. */
static unsigned drain(int timeout_ms)
{
    char buf[EVENT * 64];
    struct pollfd p = { .fd = wake[0], .events = POLLIN };
    unsigned n = 0;

    while (poll(&p, 1, timeout_ms) == 1) {
        ssize_t r = read(wake[0], buf, sizeof buf);
        n += r > 0 ? (unsigned)r / EVENT : 0;
        timeout_ms = 0;
    }
    return n;
}

int main(void)
{
    unsigned events = 0;

    sender_start(SIGUSR1, 100, 100000, STORM);
    if (pipe(wake) != 0 || fcntl(wake[1], F_SETPIPE_SZ, 4096) < 0)
        return 2;
    catch_signal(SIGUSR1, on_signal, SA_RESTART);
    sender_go();
    while (handled() < WARM)
        events += drain(100);
    spin_ns(60000000); /* some 300 signals; 64 fill the pipe */
    while (handled() < TARGET)
        events += drain(100);
    atomic_store(&counters->stop, 1);
    signal(SIGUSR1, SIG_IGN);
    /* The last handler may still be between its write and its count, on whatever thread it runs. */
    for (int64_t end = now_ns() + 1000000000; events != handled() && now_ns() < end;)
        events += drain(5);
    return verdict(events == handled() ? NULL : "an event is missing", TARGET);
}
