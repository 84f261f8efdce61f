/* Signals between fork and the child's first call: none lost, none handled by the other process. The parent sends to the
 * child as soon as it knows its number, while somebody sends to the parent all the time. */
/* limit: 40 */
#include "../corner/common.h"
#define FORKS 150
#define EACH 6
struct books {
    volatile int stop, sent, got, wrong, child[FORKS];
};
static struct books *books;
static pid_t parent;
static void handler(int sig, siginfo_t *si, void *uc)
{
    int value = si->si_value.sival_int, here = (int)syscall(SYS_getpid) == parent;
    if (here != (value == 0))
        __atomic_add_fetch(&books->wrong, 1, __ATOMIC_SEQ_CST);
    else
        __atomic_add_fetch(here ? &books->got : &books->child[value - 1], 1, __ATOMIC_SEQ_CST);
}
static pid_t send_to_parent(void)
{
    pid_t pid = child();
    if (pid)
        return pid;
    for (int n = 0; !books->stop; n++) {
        if (sigqueue(parent, SIGRTMIN + n % 2, (union sigval){0}) == 0)
            books->sent++;
        if (n % 4 == 0)
            usleep(100);
    }
    _exit(0);
}
static pid_t forked(int how)
{
    if (how == 0)
        return fork();
    return how == 1 ? _Fork() : (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}
int main(void)
{
    int bad = 0;
    books = shared(sizeof *books);
    parent = getpid();
    on_info(SIGRTMIN, handler, SA_RESTART);
    on_info(SIGRTMIN + 1, handler, 0);
    pid_t sender = send_to_parent();
    for (int n = 0; n < FORKS; n++) {
        pid_t pid = forked(n % 3);
        if (pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            _exit(!AWAIT(books->child[n] == EACH));
        }
        for (int k = 0; k < EACH; k++)
            bad += sigqueue(pid, SIGRTMIN + k % 2, (union sigval){n + 1}) != 0;
        bad += reap(pid) != 0;
    }
    books->stop = 1;
    CHECK(reap(sender) == 0);
    CHECK(AWAIT(books->got == books->sent));
    out("children with something missing: %d; handled by the wrong process: %d\n", bad, books->wrong);
    return 0;
}
