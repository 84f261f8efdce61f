/* Case 31: what comes while the program computes is handled before the program ends, by whichever way. */
#include "common.h"
static volatile struct shared_words { int handled, state; } *s;
static const char *const ways[] = {"_exit", "exit", "quick_exit", "raise", "kill", "exit_group", "exit by number", "pthread_exit", "thread", "main"};
enum { WAYS = sizeof ways / sizeof ways[0], TURNS = 8 };
static void handler(int sig) { s->handled++; }

static int compute(void)
{
    on(SIGUSR1, handler, SA_RESTART);
    poll(NULL, 0, 0);
    s->state = 1;
    while (s->state != 2)
        ;
    for (volatile int n = 0; n < 100000; n++)
        ;
    return 0;
}

static void *in_thread(void *unused)
{
    compute();
    return NULL;
}

static void end(int way)
{
    pthread_t t;
    sigset_t usr1;
    if (way == 8) { /* a thread that is not the last; main would do as well, so that blocks it */
        sigemptyset(&usr1), sigaddset(&usr1, SIGUSR1);
        pthread_create(&t, NULL, in_thread, NULL);
        pthread_sigmask(SIG_BLOCK, &usr1, NULL);
        pthread_join(t, NULL);
        _exit(s->handled != 1);
    }
    compute();
    switch (way) {
    case 0: _exit(0);
    case 1: exit(0);
    case 2: quick_exit(0);
    case 3: raise(SIGTERM); break;
    case 4: kill(getpid(), SIGTERM); break;
    case 5: syscall(SYS_exit_group, 0); break;
    case 6: syscall(SYS_exit, 0); break;
    default: pthread_exit(NULL);
    }
}

int main(int argc, char **argv)
{
    char *args[] = {self(), (char *)"0", NULL}, number[20];
    int fd = argc > 1 ? atoi(argv[1]) : memfd_create("words", 0);
    CHECK(argc > 1 || ftruncate(fd, 4096) == 0);
    s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (argc > 1)
        return compute();
    sprintf(number, "%d", fd);
    args[1] = number;
    for (int way = 0; way < WAYS; way++) {
        int got = 0;
        for (int turn = 0; turn < TURNS; turn++) {
            pid_t p;
            s->handled = s->state = 0;
            p = fork();
            if (p == 0) {
                if (way < 9)
                    end(way);
                execv(args[0], args);
                _exit(127);
            }
            CHECK(AWAIT(s->state == 1));
            kill(p, SIGUSR1);
            s->state = 2;
            reap(p);
            got += s->handled;
        }
        out("%s: handled %d of %d\n", ways[way], got, TURNS);
    }
    return 0;
}
