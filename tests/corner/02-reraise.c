/* Case 2: clean up, SIG_DFL, re-raise inside the handler, in every usual form: the process dies by the signal. */
/* limit: 40 */
#include "common.h"
static int how;
static void handler(int sig)
{
    sigset_t s = set_of(sig, 0);
    out("cleanup ");
    signal(sig, SIG_DFL);
    switch (how) {
    case 0: raise(sig); break;
    case 1: kill(getpid(), sig); break;
    case 2: sigprocmask(SIG_UNBLOCK, &s, NULL); raise(sig); break;
    case 3: raise(sig); sigprocmask(SIG_UNBLOCK, &s, NULL); out("survived "); break;
    case 4: pthread_kill(pthread_self(), sig); break;
    }
}
int main(void)
{
    static const int sigs[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP};
    for (how = 0; how < 5; how++)
        for (unsigned i = 0; i < 4; i++)
            for (int remote = 0; remote < 2; remote++) {
                char b[40];
                pid_t p = child();
                if (p == 0) {
                    on(sigs[i], handler, 0);
                    if (remote)
                        for (;;)
                            pause();
                    raise(sigs[i]);
                    for (;;)
                        pause();
                }
                if (remote) {
                    asleep(p, p);
                    kill(p, sigs[i]);
                }
                out("%d %d %d: %s\n", how, sigs[i], remote, ended(reap(p), b));
            }
    return 0;
}
