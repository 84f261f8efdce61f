/* Case 26: SA_ONSTACK, what sigaltstack says inside and after, SS_ONSTACK, EPERM inside, SS_DISABLE, nesting;
 * uc_stack; a handler without SA_ONSTACK stays on the thread's stack. */
/* not: helper-concurrent helper */
#include "common.h"
static char *alt;
static size_t size = 32768;
static int on_alt(void *p) { return (char *)p >= alt && (char *)p < alt + size; }
static const char *flags_of(void)
{
    stack_t s;
    sigaltstack(NULL, &s);
    return s.ss_flags == SS_ONSTACK ? "ONSTACK" : s.ss_flags == SS_DISABLE ? "DISABLE" : s.ss_flags ? "other" : "0";
}
static void nested(int sig) { int here; out("nested: on alt %d flags %s\n", on_alt(&here), flags_of()); }
static void handler(int sig, siginfo_t *si, void *u)
{
    int here;
    stack_t s = {.ss_flags = SS_DISABLE};
    ucontext_t *uc = u;
    out("handler: on alt %d flags %s uc_stack right %d\n", on_alt(&here), flags_of(),
        uc->uc_stack.ss_sp == alt && uc->uc_stack.ss_size == size);
    if (on_alt(&here)) {
        int r = sigaltstack(&s, NULL);
        out("disable inside %d %s\n", r, r ? strerrorname_np(errno) : "-");
    }
    raise(SIGUSR2);
}
int main(void)
{
    stack_t s = {0}, old;
    alt = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    s.ss_sp = alt, s.ss_size = size;
    out("%s\n", flags_of());
    CHECK(sigaltstack(&s, &old) == 0);
    on_info(SIGUSR1, handler, SA_ONSTACK), on(SIGUSR2, nested, SA_ONSTACK);
    raise(SIGUSR1);
    pid_t p = kill_when_asleep(SIGUSR1);
    pause();
    reap(p);
    on(SIGUSR2, nested, 0);
    raise(SIGUSR1);
    raise(SIGUSR2);
    out("after: %s\n", flags_of());
    on_info(SIGUSR1, handler, 0), on(SIGUSR2, nested, SA_ONSTACK);
    raise(SIGUSR1);
    s.ss_flags = SS_DISABLE;
    CHECK(sigaltstack(&s, &old) == 0);
    out("old right %d now %s\n", old.ss_sp == alt && old.ss_size == size, flags_of());
    s.ss_flags = 0, s.ss_size = 100;
    int r = sigaltstack(&s, NULL);
    out("tiny %d %s\n", r, strerrorname_np(errno));
    return 0;
}
