/* Answers each line; its handler calls getenv in 300 places, and allocates. */
#include "tests/check/common.h"

#define TEN(x) x x x x x x x x x x
static volatile int sum;

static void on_usr1(int signo)
{
    void *volatile p = malloc(100);
    free(p);
    TEN(TEN(sum += getenv("NOTHING") != NULL;) TEN(sum += getenv("NOTHING") != NULL;) TEN(sum += getenv("NOTHING") != NULL;))
    handled += signo != 0;
}

int main(void)
{
    char line[100];

    catch_signal(SIGUSR1, on_usr1, SA_RESTART, 0);
    while (fgets(line, sizeof line, stdin)) {
        free(malloc(1000));
        printf("%d %s", (int)handled, line);
        fflush(stdout);
    }
    return 0;
}
