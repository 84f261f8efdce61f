/* faults KIND: gets signals of this kind in an order that is always the same, and handles them. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile sig_atomic_t count;

static void on_fault(int s)
{
    siglongjmp(back, 1);
}

static void on_any(int s)
{
    count++;
}

static void on_outer(int s)
{
    count++;
    raise(SIGUSR2);
}

static void catch(int signo, void (*handler)(int))
{
    struct sigaction a;

    memset(&a, 0, sizeof a);
    a.sa_handler = handler;
    sigaction(signo, &a, NULL);
}

static void segv(void)
{
    catch(SIGSEGV, on_fault);
    if (!sigsetjmp(back, 1))
        *(volatile int *)8 = 1;
    if (!sigsetjmp(back, 1))
        *(volatile int *)8 = 1;
}

static void fpe(void)
{
    volatile int zero = 0;

    catch(SIGFPE, on_fault);
    if (!sigsetjmp(back, 1))
        zero = 1 / zero;
    catch(SIGPIPE, on_any);
    int p[2];
    if (pipe(p) == 0) {
        close(p[0]);
        if (write(p[1], "x", 1) < 0)
            count++;
    }
}

static void nested(void)
{
    catch(SIGUSR1, on_outer);
    catch(SIGUSR2, on_any);
    raise(SIGUSR1);
    raise(SIGUSR1);
}

static void timer(void)
{
    struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 3 };
    struct itimerspec when = { .it_interval = { 0, 20000000 }, .it_value = { 0, 20000000 } };
    timer_t t;

    catch(SIGRTMIN + 3, on_any);
    timer_create(CLOCK_MONOTONIC, &e, &t);
    timer_settime(t, 0, &when, NULL);
    while (count < 3)
        pause();
    timer_delete(t);
}

static void *one(void *arg)
{
    sigset_t s;
    int got;

    sigemptyset(&s);
    sigaddset(&s, SIGUSR2);
    sigwait(&s, &got);
    return NULL;
}

static void threads(void)
{
    pthread_t t[3];
    sigset_t s;

    catch(SIGUSR1, on_any);
    sigemptyset(&s);
    sigaddset(&s, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &s, NULL);
    for (int i = 0; i < 3; i++) {
        pthread_create(&t[i], NULL, one, NULL);
        int want = count + 2;
        pthread_kill(t[i], SIGUSR1);
        pthread_kill(pthread_self(), SIGUSR1);
        while (count < want)
            usleep(1000);
        pthread_kill(t[i], SIGUSR2);
        pthread_join(t[i], NULL);
    }
}

static void suspend(void)
{
    sigset_t s, empty;

    catch(SIGUSR1, on_any);
    sigemptyset(&empty);
    sigemptyset(&s);
    sigaddset(&s, SIGUSR1);
    sigprocmask(SIG_BLOCK, &s, NULL);
    if (fork() == 0) {
        kill(getppid(), SIGUSR1);
        _exit(0);
    }
    while (!count)
        sigsuspend(&empty);
    wait(NULL);
}

static void queue(void)
{
    sigset_t s;

    sigemptyset(&s);
    for (int i = 1; i < 5; i++) {
        struct sigaction a = { .sa_handler = on_any };

        sigfillset(&a.sa_mask); /* one after the other: else their frames pile up, and run the other way round */
        sigaction(SIGRTMIN + i, &a, NULL);
        sigaddset(&s, SIGRTMIN + i);
    }
    sigprocmask(SIG_BLOCK, &s, NULL);
    for (int i = 0; i < 8; i++)
        sigqueue(getpid(), SIGRTMIN + 1 + i % 4, (union sigval){ .sival_int = i });
    sigprocmask(SIG_UNBLOCK, &s, NULL);
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "";

    if (!strcmp(kind, "segv"))
        segv();
    else if (!strcmp(kind, "fpe"))
        fpe();
    else if (!strcmp(kind, "abort"))
        abort();
    else if (!strcmp(kind, "nested"))
        nested();
    else if (!strcmp(kind, "timer"))
        timer();
    else if (!strcmp(kind, "threads"))
        threads();
    else if (!strcmp(kind, "suspend"))
        suspend();
    else if (!strcmp(kind, "queue"))
        queue();
    return 0;
}
