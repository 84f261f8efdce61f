/* Case 26: alternate stacks of the least size that the kernel accepts on this CPU plus a page, threads of
 * PTHREAD_STACK_MIN: nothing of ours eats them up; a stack overflow is handled on the alternate stack. */
/* not: helper-concurrent helper */
#include "common.h"
#include <sys/auxv.h>
#include <sys/resource.h>
static sigjmp_buf env;
static volatile int n;
static void handler(int sig) { n++; }
static void overflow(int sig) { siglongjmp(env, 1); }
#pragma GCC diagnostic ignored "-Winfinite-recursion"
static int __attribute__((noinline)) deep(volatile char *p) { volatile char b[4096]; b[0] = *p; return deep(b) + b[1]; }
static void *body(void *arg)
{
    size_t size = getauxval(AT_MINSIGSTKSZ) + 4096;
    char *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t s = {.ss_sp = m, .ss_size = size};
    CHECK(sigaltstack(&s, NULL) == 0);
    for (int k = 0; k < 20; k++)
        raise(SIGUSR1), pthread_kill(pthread_self(), SIGUSR2), usleep(10);
    s.ss_flags = SS_DISABLE;
    sigaltstack(&s, NULL);
    return NULL;
}
int main(void)
{
    pthread_t t;
    pthread_attr_t a;
    on(SIGUSR1, handler, SA_ONSTACK), on(SIGUSR2, handler, 0);
    pthread_attr_init(&a);
    CHECK(pthread_attr_setstacksize(&a, sysconf(_SC_THREAD_STACK_MIN) > 16384 ? (size_t)sysconf(_SC_THREAD_STACK_MIN) : 16384) == 0);
    pthread_create(&t, &a, body, NULL), pthread_join(t, NULL);
    out("handled %d\n", n);
    stack_t s = {.ss_sp = malloc(65536), .ss_size = 65536};
    struct rlimit r = {1 << 20, RLIM_INFINITY};
    setrlimit(RLIMIT_STACK, &r);
    sigaltstack(&s, NULL);
    on(SIGSEGV, overflow, SA_ONSTACK);
    for (volatile int k = 0; k < 3; k++)
        if (sigsetjmp(env, 1) == 0) {
            char c = 1;
            deep(&c);
        } else {
            out("overflow caught\n");
        }
    return 0;
}
