/* Cancelled in the middle of a guarded call that sleeps in a read: the cleanup handler and the destructor of
 * the key run outside of it, at no mark, and can use guarded functions themselves. */
#include "tests/guard/probe.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static FILE *input;
static const char *mode;
static struct sf_guard own;
static unsigned inside, flags, in_cleanup = 99, in_key = 99;
static volatile int tid;

static void cleanup(void *arg)
{
    in_cleanup = own.inside + own.flags;
    free(malloc(10));
}

static void key_gone(void *arg)
{
    in_key = own.inside;
}

static void *sleeper(void *arg)
{
    char buf[100];
    int n;
    pthread_key_t key;
    sigferry_guard = &own;
    pthread_key_create(&key, key_gone);
    pthread_setspecific(key, buf);
    pthread_cleanup_push(cleanup, NULL);
    tid = syscall(SYS_gettid);
    if (!strcmp(mode, "fgets"))
        fgets(buf, sizeof buf, input);
    else if (!strcmp(mode, "fread"))
        fread(buf, 1, sizeof buf, input);
    else if (!strcmp(mode, "scanf"))
        fscanf(input, "%d", &n); /* variadic: two frames */
    pthread_cleanup_pop(0);
    return NULL;
}

/* Until the thread sleeps in read(2). The caller's time limit ends a wait in vain. */
static void await_read(void)
{
    char path[64], line[64];
    for (;;) {
        snprintf(path, sizeof path, "/proc/self/task/%d/syscall", tid);
        FILE *f = tid ? fopen(path, "r") : NULL;
        int reading = f && fgets(line, sizeof line, f) && !strncmp(line, "0 ", 2);
        if (f)
            fclose(f);
        if (reading)
            return;
        usleep(1000);
    }
}

int main(int argc, char **argv)
{
    pthread_t t;
    int fd[2];
    void *result;
    mode = argv[1];
    if (pipe(fd) || !(input = fdopen(fd[0], "r")))
        return 2;
    pthread_create(&t, NULL, sleeper, NULL);
    await_read();
    inside = own.inside;
    flags = own.flags;
    while (pthread_cancel(t) == EAGAIN) /* it is a signal: the user may have too many queued elsewhere */
        usleep(1000);
    pthread_join(t, &result);
    if (!strstr(stub_name(inside), mode) || flags != SF_GUARD_INPUT || in_cleanup || in_key || result != PTHREAD_CANCELED) {
        printf("inside %s flags %u cleanup %u key %u result %p\n", stub_name(inside), flags, in_cleanup, in_key, result);
        return 1;
    }
    puts("ok");
    return 0;
}
