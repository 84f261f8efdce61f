/* finds: signals-merged signal=SIGUSR1 */
/* Three events, one signal. */
#include "common.h"

int main(void)
{
    int ready[2], status;
    char c;
    pid_t child;
    if (pipe(ready))
        return 3;
    child = fork();
    if (child == 0) {
        sigset_t set;
        siginfo_t info;
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        sigaddset(&set, SIGRTMIN);
        sigprocmask(SIG_BLOCK, &set, NULL);
        if (write(ready[1], "", 1) != 1)
            _exit(3);
        spin(0.05);
        sigwaitinfo(&set, &info);
        _exit(0);
    }
    if (read(ready[0], &c, 1) != 1)
        return 3;
    for (int i = 0; i < 3; i++)
        kill(child, IF_DEFECT(SIGUSR1, SIGRTMIN));
    return waitpid(child, &status, 0) < 0 || status;
}
