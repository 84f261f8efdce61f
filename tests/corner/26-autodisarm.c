/* Case 26: SS_AUTODISARM: inside the handler the alternate stack is disabled and may be set anew; after it, it is
 * as before; the handler may switch away by swapcontext or siglongjmp. */
/* not: helper-concurrent helper */
#include "common.h"
#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif
static sigjmp_buf env;
static char *alt;
static void show(const char *who)
{
    stack_t s;
    sigaltstack(NULL, &s);
    out("%s: flags %x size %zu\n", who, s.ss_flags, s.ss_size);
}
static volatile int jump;
static void handler(int sig)
{
    int here;
    show("inside");
    out("on alt %d\n", (char *)&here >= alt && (char *)&here < alt + 65536);
    if (jump)
        siglongjmp(env, 1);
}
int main(void)
{
    alt = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t s = {.ss_sp = alt, .ss_size = 65536, .ss_flags = (int)SS_AUTODISARM};
    CHECK(sigaltstack(&s, NULL) == 0);
    on(SIGUSR1, handler, SA_ONSTACK);
    show("before");
    raise(SIGUSR1);
    show("after raise");
    pid_t p = kill_when_asleep(SIGUSR1);
    pause();
    reap(p);
    show("after kill");
    jump = 1;
    if (sigsetjmp(env, 1) == 0)
        raise(SIGUSR1);
    show("after jump");
    return 0;
}
