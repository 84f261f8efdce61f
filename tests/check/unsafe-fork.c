/* finds: unsafe-call called=fork handler=on_alarm signal=SIGALRM */
#include "common.h"

static void on_alarm(int signo)
{
    int saved = errno;
    pid_t child = IF_DEFECT(fork(), _Fork());
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
    errno = saved;
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
