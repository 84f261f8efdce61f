/* finds: wakeup-inherited handler=on_alarm signal=SIGALRM verdict=native */
#include "wakeup.h"

int main(void)
{
    int status;
    pid_t child;
    if (pipe2(wake, O_NONBLOCK))
        return 3;
    catch_signal(SIGALRM, on_alarm, SA_RESTART, 0);
    child = fork();
    if (child == 0) {
#ifdef CLEAN
        close(wake[0]);
        close(wake[1]);
        if (pipe2(wake, O_NONBLOCK))
            _exit(3);
#endif
        later(SIGALRM, 1000, 0);
        wait_until(&handled, 1);
        _exit(0);
    }
    return waitpid(child, &status, 0) < 0 || status;
}
