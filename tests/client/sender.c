/* sender PID SIGNAL...: sends each signal with sigqueue, its position as the value. For the tests in Python. */
#include <signal.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    for (int i = 2; i < argc; i++)
        if (sigqueue(atoi(argv[1]), atoi(argv[i]), (union sigval){i - 2}) < 0)
            return 1;
    return 0;
}
