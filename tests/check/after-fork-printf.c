/* finds: unsafe-after-fork called=printf|puts */
#include "common.h"

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
    if (IF_DEFECT(1, 0))
        pthread_create(&t, NULL, work, NULL);
    child = fork();
    if (child == 0) {
        printf("child\n");
        _exit(0);
    }
    return waitpid(child, &status, 0) < 0 || status;
}
