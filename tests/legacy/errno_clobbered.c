/* The handler looks for a file that is not there and leaves its errno behind; main clears errno, converts a
 * table of numbers and asks errno whether one was out of range. */
#include <fcntl.h>
#include <poll.h>

#include "legacy.h"

#define TARGET 60

static void on_signal(int signo)
{
    int fd = open("/nonexistent/legacy", O_RDONLY);
    if (fd >= 0)
        close(fd);
    count_handled();
}

int main(void)
{
    const char *broken = NULL;
    static const char *table[] = { "1", "22", "333", "4444", "55555" };

    sender_start(SIGUSR1, 300, 100000, ACKED);
    catch_signal(SIGUSR1, on_signal, SA_RESTART);
    sender_go();
    while (!broken && handled() < TARGET) {
        long sum = 0;
        poll(NULL, 0, 0);
        errno = 0;
        for (int i = 0; i < 2000; i++)
            sum += strtol(table[i % 5], NULL, 10);
        if (errno != 0 || sum != 400 * 60355L)
            broken = "a good number was refused";
    }
    return verdict(broken, TARGET);
}
