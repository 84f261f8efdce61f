/* finds: exec-with-ignored signal=SIGPIPE */
#include "common.h"

int main(void)
{
    int status;
    pid_t child;
    signal(SIGPIPE, SIG_IGN);
    child = fork();
    if (child == 0) {
        if (IF_DEFECT(0, 1))
            signal(SIGPIPE, SIG_DFL);
        execl("/bin/true", "true", NULL);
        _exit(3);
    }
    return waitpid(child, &status, 0) < 0 || status;
}
