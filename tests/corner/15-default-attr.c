/* Case 15: threads made without attributes, when the program has set what those are by default. */
#include "common.h"
#include <threads.h>
static void handler(int sig) { }
static void *show(void *what) { out("%s: mask %llx\n", (char *)what, (unsigned long long)my_mask()); return NULL; }
static int show_c11(void *what) { show(what); return 0; }

static void both(const char *when)
{
    pthread_t t;
    thrd_t c11;
    CHECK(pthread_create(&t, NULL, show, (void *)(uintptr_t)when) == 0 && pthread_join(t, NULL) == 0);
    CHECK(thrd_create(&c11, show_c11, (void *)(uintptr_t)when) == thrd_success && thrd_join(c11, NULL) == thrd_success);
}

int main(void)
{
    pthread_attr_t attr;
    sigset_t set = set_of(SIGHUP, SIGUSR2, 0);
    on(SIGHUP, handler, 0);
    block(SIGUSR1);
    both("inherited");
    CHECK(pthread_attr_init(&attr) == 0 && pthread_attr_setsigmask_np(&attr, &set) == 0);
    CHECK(pthread_setattr_default_np(&attr) == 0);
    both("by default");
    pthread_attr_destroy(&attr);
    CHECK(pthread_attr_init(&attr) == 0 && pthread_setattr_default_np(&attr) == 0);
    both("inherited again");
    return 0;
}
