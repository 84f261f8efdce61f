/* A thread that only naps, for signals that are aimed at it. */
#ifndef NAPPING_H
#define NAPPING_H
#include "common.h"
static volatile pid_t napping; /* its thread id */
static volatile int napping_stop;
static void *nap_body(void *arg)
{
    napping = gettid_();
    while (!napping_stop)
        usleep(500);
    return NULL;
}
static pthread_t napping_thread(void)
{
    pthread_t t;
    CHECK(pthread_create(&t, NULL, nap_body, NULL) == 0);
    CHECK(AWAIT(napping));
    return t;
}
static void napping_ends(pthread_t t)
{
    napping_stop = 1;
    pthread_join(t, NULL);
}
#endif
