/* A process to look into: writes its own record by hand, says "ready", and waits. */
#include <config/config.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <trace/format.h>
#include <unistd.h>

static void on_hup(int s)
{
}

int main(int argc, char **argv)
{
    struct sf_status *status = dlsym(RTLD_DEFAULT, "sigferry_status");
    sigset_t blocked;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    raise(SIGUSR2);
    kill(getpid(), SIGUSR2);
    signal(SIGINT, SIG_IGN);
    if (status) {
        struct sf_row *hup = &status->row[SIGHUP], *winch = &status->row[SIGWINCH];

        status->mode = argc > 1 ? SF_MODE_DIRECT : SF_MODE_FERRY;
        status->failure = argc > 1 ? SF_FAIL_CLONE : SF_FAIL_NONE;
        status->failure_errno = argc > 1 ? 11 : 0;
        status->listener_tid = 4242;
        status->relay[0] = 64;
        status->relay[1] = 63;
        status->thread[0].tid = getpid();
        status->thread[0].mask = 1u << (SIGUSR2 - 1);
        status->thread[0].held = 1u << (SIGHUP - 1);
        status->row[SIGINT].handler = 1;
        *hup = (struct sf_row){ .handler = (uintptr_t)on_hup, .sa_flags = SA_RESTART | SA_SIGINFO, .caught = 1,
                                .routed = 1, .route = SF_ROUTE_AUTO, .replay = SF_REPLAY_SAFE, .wakeup_fd = -1,
                                .replayed = 17 };
        *winch = *hup;
        winch->wakeup = 1;
        winch->wakeup_fd = 9;
        winch->wakeup_reader = 8;
        winch->wakeup_tid = 77;
        winch->wakeup_reads = 4;
        winch->wakeup_ns = 10000;
        winch->replay = SF_REPLAY_UNSET;
        strcpy(status->config_error, "/etc/sigferry.conf:3: unknown key \"colour\"");
    }
    puts("ready");
    fflush(stdout);
    for (;;)
        pause();
}
