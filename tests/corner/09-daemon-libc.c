/* Case 9: libc's daemon(); the grandchild keeps handlers and works on. */
#include "common.h"
static volatile sig_atomic_t usr;
static void on_usr(int s) { usr++; }
static volatile struct { pid_t pid; int state; unsigned long mask; } *sh;
int main(void)
{
    sh = shared(4096);
    on(SIGUSR1, on_usr, 0);
    on(SIGUSR2, on_usr, 0);
    raise(SIGUSR1);
    block(SIGUSR2);
    pid_t p = fork();
    if (p == 0) {
        if (daemon(0, 0))
            _exit(1);
        sh->mask = my_mask();
        sh->pid = getpid();
        sh->state = 1;
        usr = 0;
        while (!usr)
            pause();
        unblock(SIGUSR2);
        sh->state = 1 + usr;
        _exit(0);
    }
    out("%d\n", WEXITSTATUS(reap(p)));
    CHECK(AWAIT(sh->state == 1) && asleep(sh->pid, sh->pid));
    kill(sh->pid, SIGUSR2);
    kill(sh->pid, SIGUSR1);
    CHECK(AWAIT(sh->state == 3));
    out("mask %lx state %d\n", sh->mask, sh->state);
    CHECK(AWAIT(!strchr("RSD", state_of(sh->pid, sh->pid)) || !state_of(sh->pid, sh->pid)));
    return 0;
}
