/* events: what a trace has names for, one after the other: timers, sends, masks, nesting, jumps, calls cut short and
 * restarted, taken signals, threads, exec.
 * events waits: with the library between: blocked, until a line comes; in the program's own code; inside of stdio. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile sig_atomic_t *ran;
static int ends[2];

static void on_any(int s)
{
    ++*ran;
}

static void on_outer(int s)
{
    raise(SIGUSR2);
}

static void on_jump(int s)
{
    siglongjmp(back, 1);
}

static void on_restart(int s)
{
    if (write(ends[1], "x", 1) != 1)
        _exit(3);
}

__attribute__((noinline)) static void catch(int signo, void (*handler)(int), int flags)
{
    struct sigaction a;

    memset(&a, 0, sizeof a);
    a.sa_handler = handler;
    a.sa_flags = flags;
    sigaction(signo, &a, NULL);
}

__attribute__((noinline)) static void mask(int how, int signo)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signo);
    sigprocmask(how, &set, NULL);
}

__attribute__((noinline)) static void timers(void)
{
    struct itimerval soon = {{0, 0}, {500, 0}}, off = {{0, 0}, {0, 0}};
    struct itimerspec later = {{300, 0}, {400, 0}};
    timer_t timer;

    alarm(200);
    setitimer(ITIMER_REAL, &soon, NULL);
    setitimer(ITIMER_REAL, &off, NULL);
    timer_create(CLOCK_MONOTONIC, NULL, &timer);
    timer_settime(timer, 0, &later, NULL);
    timer_delete(timer);
}

static void *thread(void *arg)
{
    return NULL;
}

__attribute__((noinline)) static void sends(void)
{
    pid_t gone = fork();
    pthread_t t;

    if (!gone)
        _exit(6);
    waitpid(gone, NULL, 0);
    kill(gone, SIGUSR1);
    catch(SIGUSR1, on_any, 0);
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 0x1234});
    pthread_kill(pthread_self(), SIGUSR1);
    pthread_create(&t, NULL, thread, NULL);
    pthread_join(t, NULL);
}

/* The child sends as soon as we sleep in the call. */
static void read_until(int signo)
{
    pid_t self = getpid(), child;
    char path[64], stat[256] = "", c;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)self);
    child = fork();
    if (!child) {
        do {
            int fd = open(path, O_RDONLY);
            if (fd < 0 || read(fd, stat, sizeof stat - 1) <= 0)
                _exit(1);
            close(fd);
        } while (!strstr(stat, ") S "));
        kill(self, signo);
        _exit(0);
    }
    if (read(ends[0], &c, 1) < 0 && errno != EINTR)
        exit(2);
    while (waitpid(child, NULL, 0) != child)
        ;
}

static void handled(void)
{
    sigset_t set;

    catch(SIGUSR2, on_any, 0);
    catch(SIGHUP, on_outer, 0);
    raise(SIGHUP);
    catch(SIGTERM, on_jump, 0);
    if (!sigsetjmp(back, 1))
        raise(SIGTERM);
    catch(SIGINT, on_any, 0);
    read_until(SIGINT);
    catch(SIGQUIT, on_restart, SA_RESTART);
    read_until(SIGQUIT);
    sigemptyset(&set);
    sigaddset(&set, SIGWINCH);
    mask(SIG_BLOCK, SIGWINCH);
    kill(getpid(), SIGWINCH);
    sigwaitinfo(&set, NULL);
}

static void waits(void)
{
    char big[1 << 17], line[8];
    int had;
    pid_t self = getpid(), child;
    FILE *f;

    memset(big, 'x', sizeof big);
    catch(SIGUSR1, on_any, 0);
    mask(SIG_BLOCK, SIGUSR1);
    printf("blocked\n");
    fflush(stdout);
    fgets(line, sizeof line, stdin);
    mask(SIG_UNBLOCK, SIGUSR1);

    catch(SIGUSR2, on_any, 0);
    had = *ran;
    child = fork();
    if (!child) {
        kill(self, SIGUSR2);
        _exit(0);
    }
    while (*ran == had) /* no call, no point */
        ;
    waitpid(child, NULL, 0);

    /* The pipe is full, and empty again when the handler has run. */
    catch(SIGHUP, on_any, 0);
    had = *ran;
    child = fork();
    if (!child) {
        int there = 0;
        close(ends[1]);
        while (ioctl(ends[0], FIONREAD, &there) == 0 && there < 4096 * 16)
            usleep(1000);
        kill(self, SIGHUP);
        while (*ran == had)
            usleep(1000);
        while (read(ends[0], big, sizeof big) > 0)
            ;
        _exit(0);
    }
    f = fdopen(ends[1], "w");
    setvbuf(f, NULL, _IONBF, 0);
    fwrite(big, 1, sizeof big, f);
    fclose(f);
    exit(waitpid(child, NULL, 0) == child ? 0 : 1);
}

int main(int argc, char **argv)
{
    ran = mmap(NULL, sizeof *ran, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pipe(ends) != 0 || ran == MAP_FAILED)
        return 1;
    if (argc > 1)
        waits();
    timers();
    sends();
    handled();
    execl("/bin/true", "true", "an argument", NULL);
    return 1;
}
