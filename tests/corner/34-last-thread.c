/* Case 34: main exits by pthread_exit with nothing else but an idle handler: status 0, at once. */
#include "common.h"
static void handler(int sig) {}
static void *body(void *arg) { usleep(20000); return NULL; }
int main(void)
{
    char b[40];
    for (int k = 0; k < 3; k++) {
        pid_t p = fork();
        if (p == 0) {
            pthread_t t;
            on(SIGTERM, handler, SA_RESTART);
            usleep(100);
            if (k)
                pthread_create(&t, NULL, body, NULL), pthread_detach(t);
            if (k == 2)
                raise(SIGTERM);
            pthread_exit(NULL);
        }
        out("%s\n", ended(reap(p), b));
    }
    pthread_exit(NULL);
}
