/* finds: children-lost handler=on_child signal=SIGCHLD verdict=native */
#include "common.h"

static volatile sig_atomic_t reaped;

static void on_child(int signo)
{
    int saved = errno;
#ifdef CLEAN
    while (waitpid(-1, NULL, WNOHANG) > 0)
        reaped++;
#else
    if (wait(NULL) > 0)
        reaped++;
#endif
    errno = saved;
    handled++;
}

int main(void)
{
    int gate[2];
    char c;
    catch_signal(SIGCHLD, on_child, SA_RESTART, 0);
    mask_signal(SIG_BLOCK, SIGCHLD);
    if (pipe(gate))
        return 3;
    for (int i = 0; i < 4; i++)
        if (fork() == 0)
            _exit(0);
    close(gate[1]);
    while (read(gate[0], &c, 1) > 0) /* until the last of them has ended */
        ;
    spin(0.05);
    mask_signal(SIG_UNBLOCK, SIGCHLD);
    wait_until(&handled, 1);
    return reaped == IF_DEFECT(1, 4) ? 0 : 6;
}
