/* finds: errno-spoiled handler=on_child signal=SIGCHLD */
/* The loop that ends with ECHILD. */
#include "common.h"

static void on_child(int signo)
{
    int saved = errno;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        handled++;
    if (IF_DEFECT(0, 1))
        errno = saved;
}

int main(void)
{
    catch_signal(SIGCHLD, on_child, SA_RESTART, 0);
    if (fork() == 0)
        _exit(0);
    spin_until(&handled, 1);
    return 0;
}
