/* Pings: a sibling sends a signal, `while (!flag) pause()` answers each, 20,000 times. Whoever sleeps with
 * his flag set has lost the wake-up, and the sibling waits in vain for the answer.
 *
 *   storm ROUNDS          prints "ROUNDS of ROUNDS", exit 0; or how far it came, exit 1 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t flag;
static volatile int *answers;

static void handler(int signo) { flag++; }

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The sibling. Sends at once after each answer: that is when the other is between its check and its call. */
static int send_all(pid_t to, int rounds)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = 0; i < rounds; i++) {
        double end = now() + 2;
        for (volatile int spin = rand() % 400; spin > 0; spin--)
            ;
        if (kill(to, SIGUSR1))
            return 2;
        while (*answers <= i) {
            if (now() > end) {
                kill(to, SIGTERM);
                return 1;
            }
            sched_yield();
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 20000, status;
    struct sigaction act = {.sa_handler = handler};
    answers = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sigaction(SIGUSR1, &act, NULL);
    pid_t parent = getpid(), pid = fork();
    if (!pid)
        _exit(send_all(parent, rounds));
    for (int i = 0; i < rounds; i++) {
        while (!flag)
            pause();
        if (flag != 1) {
            printf("%d handlers for one signal\n", (int)flag);
            return 1;
        }
        flag = 0;
        *answers = i + 1;
    }
    waitpid(pid, &status, 0);
    printf("%d of %d\n", *answers, rounds);
    return status != 0;
}
