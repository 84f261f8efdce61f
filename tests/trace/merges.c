/* merges sends: to oneself and one's process while one pends there, or only elsewhere.
 * merges thread: the same beside another thread, which could take what pends.
 * merges timer [sigwait|signalfd]: a timer goes on while its signal pends; prints the overruns that are not 0.
 * merges held: two that waited for a point are blocked, and one of them can be taken. */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t ran, over;
static volatile int overrun[256], overruns;

static void note(int count)
{
    if (count && overruns < 256)
        overrun[overruns++] = count;
}

static void on_any(int s, siginfo_t *info, void *uc)
{
    ran++;
    if (info->si_code == SI_TIMER)
        note(info->si_overrun);
}

static void catch(int signo, void (*handler)(int, siginfo_t *, void *), int also)
{
    struct sigaction a;

    memset(&a, 0, sizeof a);
    a.sa_sigaction = handler;
    a.sa_flags = SA_SIGINFO;
    if (also)
        sigaddset(&a.sa_mask, also);
    sigaction(signo, &a, NULL);
}

static sigset_t one(int signo)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signo);
    return set;
}

static void *sleeps(void *arg)
{
    sigset_t stop = one(SIGTERM);
    int signo;

    sigwait(&stop, &signo);
    return NULL;
}

static void sends(int beside)
{
    sigset_t set = one(SIGUSR1);
    union sigval value = {.sival_int = 7};
    pthread_t t;

    raise(SIGUSR1);
    raise(SIGUSR1); /* comes each time */
    sigaddset(&set, SIGRTMIN + 1);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (beside)
        pthread_create(&t, NULL, sleeps, NULL);
    kill(getpid(), SIGUSR1);
    raise(SIGUSR1); /* pends for the thread, the other one for the process */
    kill(getpid(), SIGUSR1);
    raise(SIGUSR1);
    sigqueue(getpid(), SIGUSR1, value);
    pthread_kill(pthread_self(), SIGUSR1);
    pthread_sigqueue(pthread_self(), SIGUSR1, value);
    kill(getpid(), SIGRTMIN + 1);
    kill(getpid(), SIGRTMIN + 1); /* queues */
    if (beside) {
        pthread_kill(t, SIGTERM);
        pthread_join(t, NULL);
    }
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf("%d\n", (int)ran);
}

/* Until the timer has expired `times` times more, at least. */
static void let_expire(int times)
{
    struct timespec some = {0, 2000000 * times};

    while (nanosleep(&some, &some))
        ;
}

static void timer(const char *how)
{
    sigset_t set = one(SIGUSR2);
    struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
    struct itimerspec fast = {{0, 1000000}, {0, 1000000}};
    struct signalfd_siginfo s;
    siginfo_t info;
    timer_t id;
    int fd = how && how[4] == 'a' ? signalfd(-1, &set, 0) : -1;

    sigprocmask(SIG_BLOCK, &set, NULL);
    timer_create(CLOCK_MONOTONIC, &ev, &id);
    timer_settime(id, 0, &fast, NULL);
    for (int i = 0; i < 3; i++) {
        let_expire(5);
        if (fd >= 0) {
            if (read(fd, &s, sizeof s) == sizeof s)
                note((int)s.ssi_overrun);
        } else if (how) {
            if (sigwaitinfo(&set, &info) == SIGUSR2)
                note(info.si_overrun);
        } else {
            sigset_t mask;
            int had = ran;
            sigprocmask(SIG_BLOCK, NULL, &mask);
            sigdelset(&mask, SIGUSR2);
            while (ran == had)
                sigsuspend(&mask);
        }
    }
    timer_delete(id);
    for (int i = 0; i < overruns; i++)
        printf("%d\n", overrun[i]);
}

static void on_usr2(int s, siginfo_t *info, void *uc)
{
    sigset_t set = one(SIGUSR1);
    static const struct timespec now;

    while (sigtimedwait(&set, NULL, &now) == SIGUSR1)
        ran++;
    over = 1;
}

static void held(void)
{
    catch(SIGUSR2, on_usr2, SIGUSR1);
    puts("ready");
    fflush(stdout);
    while (!over) /* no call, no point */
        ;
    printf("%d\n", (int)ran);
}

int main(int argc, char **argv)
{
    catch(SIGUSR1, on_any, 0);
    catch(SIGRTMIN + 1, on_any, 0);
    if (argc < 2)
        return 1;
    if (!strcmp(argv[1], "sends") || !strcmp(argv[1], "thread"))
        sends(*argv[1] == 't');
    else if (!strcmp(argv[1], "held"))
        held();
    else {
        if (!argv[2])
            catch(SIGUSR2, on_any, 0);
        timer(argv[2]);
    }
    return 0;
}
