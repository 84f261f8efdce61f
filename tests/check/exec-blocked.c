/* finds: exec-with-blocked signal=SIGUSR1 */
#include "common.h"

int main(void)
{
    int status;
    pid_t child;
    mask_signal(SIG_BLOCK, SIGUSR1);
    child = fork();
    if (child == 0) {
        if (IF_DEFECT(0, 1))
            mask_signal(SIG_UNBLOCK, SIGUSR1);
        execl("/bin/true", "true", NULL);
        _exit(3);
    }
    return waitpid(child, &status, 0) < 0 || status;
}
