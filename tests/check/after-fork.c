/* finds: unsafe-after-fork called=malloc */
#include "common.h"

static void *volatile kept;

static void *work(void *arg)
{
    for (;;)
        pause();
    return NULL;
}

int main(void)
{
    pthread_t t;
    int status;
    pid_t child;
    pthread_create(&t, NULL, work, NULL);
    child = fork();
    if (child == 0) {
        if (IF_DEFECT(1, 0))
            kept = malloc(10);
        execl("/bin/true", "true", NULL);
        _exit(3);
    }
    return waitpid(child, &status, 0) < 0 || status;
}
