/* The driver: starts the tree and sends from outside, natively: `driver NODE LEDGER SECONDS SEED HOW`. HOW is `own` (the thread that a
 * signal is aimed at is to handle it), `any`, or one of `lose`, `twice`, `swap`: then the ledger must find out.
 * CHAOS_PRELOAD and CHAOS_SIGFERRY become LD_PRELOAD and SIGFERRY of the tree. CHAOS_PAUSE_US: between two sendings. */
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "ledger.h"

static int deliver(struct target *t, int to_thread, int signo, union sigval value)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = signo;
    info.si_code = SI_QUEUE;
    info.si_pid = raw_pid();
    info.si_value = value;
    return (int)(to_thread ? syscall(SYS_rt_tgsigqueueinfo, t->pid, t->tid, signo, &info)
                           : syscall(SYS_rt_sigqueueinfo, t->pid, signo, &info));
}

/* Stop it, and let it go on: no signal of the books, but everything happens around it. */
static void halt(struct target *t)
{
    kill(t->pid, SIGSTOP);
    nap_us(400);
    kill(t->pid, SIGCONT);
}

static void *sender(void *arg)
{
    int slot = TARGETS + (int)(intptr_t)arg;
    uint32_t random = (uint32_t)ledger->seed * 31 + (uint32_t)slot;
    const char *pause = getenv("CHAOS_PAUSE_US");
    while (!ledger->stop) {
        if (pause)
            nap_us(atol(pause));
        int target = (int)(next_random(&random) % TARGETS);
        struct target *t = &ledger->target[target];
        if (!hold_target(slot, target)) {
            nap_us(20); /* or the first process gets all, and on a busy machine never comes to make another */
            continue;
        }
        for (unsigned n = next_random(&random) % 8; n > 0; n--) {
            unsigned what = next_random(&random) % 32;
            if (!t->is_process || what < 4)
                send_k(target);
            else if (what < 12)
                send_standard(target, (int)(what % STANDARDS));
            else
                send_kind(slot, target, (int)(what % KINDS), deliver);
        }
        if (next_random(&random) % 256 == 0)
            halt(t);
        release_target(slot, target);
        if (next_random(&random) % 4 == 0)
            nap_us(next_random(&random) % 1500);
    }
    return NULL;
}

static pid_t start_root(char **argv, int slot)
{
    char text[20];
    char *args[] = {argv[1], argv[2], text, (char *)"0", NULL};
    pid_t pid;
    snprintf(text, sizeof text, "%d", slot);
    pid = fork();
    if (pid == 0) {
        sigset_t none;
        for (int signo = 1; signo < 65; signo++)
            signal(signo, SIG_DFL);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        if (getenv("CHAOS_PRELOAD"))
            setenv("LD_PRELOAD", getenv("CHAOS_PRELOAD"), 1);
        if (getenv("CHAOS_SIGFERRY"))
            setenv("SIGFERRY", getenv("CHAOS_SIGFERRY"), 1);
        execv(argv[1], args);
        _exit(127);
    }
    return pid;
}

/* Reap until no process of the tree is left (orphans come to us). Returns -1 when `until` has passed. */
static int reap_all(int64_t until)
{
    while (now_ms() < until) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid < 0)
            return 0;
        if (pid == 0)
            nap_us(2000);
        else if (!WIFEXITED(status) || WEXITSTATUS(status))
            fail("process %d ended with status %x", pid, status);
    }
    return -1;
}

static void report(void)
{
    uint64_t sent = 0, handled = 0;
    for (int s = 0; s < SENDERS; s++)
        for (int t = 0; t < TARGETS; t++)
            for (int k = 0; k < KINDS; k++) {
                sent += ledger->account[s][t][k].sent;
                handled += ledger->account[s][t][k].handled;
            }
    printf("sent %llu handled %llu standard %llu forks %llu execs %llu threads %llu jumps %llu started %llu ferried %llu\n",
           (unsigned long long)sent, (unsigned long long)handled, (unsigned long long)ledger->standards,
           (unsigned long long)ledger->forks, (unsigned long long)ledger->execs, (unsigned long long)ledger->threads,
           (unsigned long long)ledger->jumps, (unsigned long long)ledger->spawns, (unsigned long long)ledger->ferried);
    for (int i = 0; i < ledger->failures && i < FAILURES; i++)
        printf("FAIL %s\n", ledger->failure[i]);
}

int main(int argc, char **argv)
{
    pthread_t thread[2];
    int64_t end;
    pid_t root;
    int hung;
    if (argc != 6 || map_ledger(argv[2], 1) != 0) {
        fprintf(stderr, "usage: driver NODE LEDGER SECONDS SEED own|any|lose|twice|swap\n");
        return 2;
    }
    ledger->seed = atoi(argv[4]);
    ledger->any_thread = !strcmp(argv[5], "any");
    ledger->spoil = strcmp(argv[5], "any") && strcmp(argv[5], "own") ? argv[5][0] : 0;
    setpgid(0, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    root = start_root(argv, reserve_target());
    for (intptr_t i = 0; i < 2; i++)
        pthread_create(&thread[i], NULL, sender, (void *)i);
    end = now_ms() + (int64_t)(atof(argv[3]) * 1000);
    while (now_ms() < end && !ledger->failures) {
        int status;
        if (waitpid(root, &status, WNOHANG) == root)
            fail("the root ended with status %x", status);
        nap_us(20000);
    }
    STORE(&ledger->stop, 1);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    hung = reap_all(now_ms() + 60000);
    for (int i = 0; hung && i < TARGETS; i++)
        if (ledger->target[i].state != FREE)
            printf("hangs: slot %d pid %d tid %d state %d phase %d users %d\n", i, ledger->target[i].pid, ledger->target[i].tid,
                   ledger->target[i].state, ledger->target[i].phase, ledger->target[i].users);
    report();
    fflush(stdout);
    if (hung && getenv("CHAOS_DEBUG"))
        pause();
    if (hung) {
        signal(SIGTERM, SIG_IGN);
        kill(0, SIGKILL);
    }
    return hung || ledger->failures ? 1 : 0;
}
