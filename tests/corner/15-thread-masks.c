/* Case 15: masks are per thread, inherited at creation, or set by pthread_attr_setsigmask_np. */
#include "common.h"
static void handler(int sig) {}
static void *body(void *arg)
{
    out("%s: %llx\n", (char *)arg, (unsigned long long)my_mask());
    block(SIGINT), unblock(SIGHUP);
    out("%s then: %llx\n", (char *)arg, (unsigned long long)my_mask());
    show_status(arg);
    return NULL;
}
static void *blank(void *arg)
{
    out("%s: %llx\n", (char *)arg, (unsigned long long)my_mask());
    return NULL;
}
int main(void)
{
    pthread_t t;
    pthread_attr_t a;
    sigset_t s = set_of(SIGTERM, SIGUSR2, 0), back;
    on(SIGHUP, handler, 0), on(SIGUSR1, handler, 0), on(SIGTERM, handler, 0);
    block(SIGALRM);
    pthread_create(&t, NULL, blank, "inherit"), pthread_join(t, NULL);
    block(SIGHUP), block(SIGUSR1);
    pthread_create(&t, NULL, blank, "inherit more"), pthread_join(t, NULL);
    pthread_attr_init(&a);
    out("no mask %d\n", pthread_attr_getsigmask_np(&a, &back) == PTHREAD_ATTR_NO_SIGMASK_NP);
    pthread_attr_setsigmask_np(&a, &s);
    CHECK(pthread_attr_getsigmask_np(&a, &back) == 0);
    out("attr %llx\n", (unsigned long long)bits(&back));
    pthread_create(&t, &a, blank, "attr"), pthread_join(t, NULL);
    unblock(SIGHUP), unblock(SIGUSR1), unblock(SIGALRM);
    on(SIGHUP, SIG_IGN, 0), on(SIGUSR1, SIG_DFL, 0), on(SIGTERM, SIG_DFL, 0);
    pthread_create(&t, NULL, body, "uncaught"), pthread_join(t, NULL);
    out("main: %llx\n", (unsigned long long)my_mask());
    return 0;
}
