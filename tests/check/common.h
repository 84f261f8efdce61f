/* Small programs with one defect each; compiled with -DCLEAN they are the same without it. Signals come from timers, as
 * from somewhere else: at a moment that the program has not chosen. */
#ifndef SF_TESTS_CHECK_COMMON_H
#define SF_TESTS_CHECK_COMMON_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef CLEAN
#define IF_DEFECT(a, b) b
#else
#define IF_DEFECT(a, b) a
#endif

static volatile sig_atomic_t handled;

static inline void catch_signal(int signo, void (*handler)(int), int flags, int also_blocked)
{
    struct sigaction act;
    memset(&act, 0, sizeof act);
    act.sa_handler = handler;
    act.sa_flags = flags;
    if (also_blocked)
        sigaddset(&act.sa_mask, also_blocked);
    if (sigaction(signo, &act, NULL))
        _exit(3);
}

static inline void mask_signal(int how, int signo)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signo);
    sigprocmask(how, &set, NULL);
}

static inline double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* `signo` comes after so many microseconds, and then every `period_us`, 0 never again. */
static inline timer_t later(int signo, long us, long period_us)
{
    struct sigevent e;
    struct itimerspec t;
    timer_t timer;
    memset(&e, 0, sizeof e);
    e.sigev_notify = SIGEV_SIGNAL;
    e.sigev_signo = signo;
    t.it_value.tv_sec = 0;
    t.it_value.tv_nsec = us * 1000;
    t.it_interval.tv_sec = 0;
    t.it_interval.tv_nsec = period_us * 1000;
    /* A timer takes a place among the user's pending signals: it may be another program's for a moment. */
    for (double end = now() + 10; timer_create(CLOCK_MONOTONIC, &e, &timer); usleep(1000))
        if (errno != EAGAIN || now() > end)
            _exit(3);
    if (timer_settime(timer, 0, &t, NULL))
        _exit(3);
    return timer;
}

/* On the processor, without a call in which a signal could be handled. */
static inline void spin(double seconds)
{
    for (double end = now() + seconds; now() < end;)
        ;
}

/* Until *count >= n. Ten seconds are too long. */
static inline void spin_until(volatile sig_atomic_t *count, int n)
{
    for (double end = now() + 10; *count < n;)
        if (now() > end)
            _exit(4);
}

/* The same asleep. */
static inline void wait_until(volatile sig_atomic_t *count, int n)
{
    const struct timespec moment = {0, 1000000};
    for (double end = now() + 10; *count < n; nanosleep(&moment, NULL))
        if (now() > end)
            _exit(4);
}

/* One SIGALRM comes, and its handler runs. The exit status. */
static inline int one_alarm(void (*handler)(int))
{
    catch_signal(SIGALRM, handler, SA_RESTART, 0);
    later(SIGALRM, 1000, 0);
    wait_until(&handled, 1);
    return 0;
}

/* In malloc and free until so many signals have been handled. */
static inline void allocate_until(int n)
{
    for (volatile int i = 0; handled < n; i++) {
        void *volatile p = malloc((size_t)(i % 3000));
        free(p);
    }
}

/* A stream inside of whose write a signal can be waited for. */
static volatile double write_takes;

static inline ssize_t slow_write(void *cookie, const char *text, size_t n)
{
    spin(write_takes);
    return (ssize_t)n;
}

static inline FILE *slow_stream(double seconds)
{
    cookie_io_functions_t io;
    FILE *f;
    memset(&io, 0, sizeof io);
    io.write = slow_write;
    f = fopencookie(NULL, "w", io);
    setvbuf(f, NULL, _IONBF, 0);
    write_takes = seconds;
    return f;
}

static inline void say(const char *text)
{
    if (write(1, text, strlen(text)) < 0)
        _exit(5);
}

#endif
