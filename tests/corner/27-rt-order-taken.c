/* Case 27: real-time signals keep their order where some are handled and some taken by sigtimedwait, or let in by sigsuspend,
 * and they come just as the thread blocks them and begins to wait. */
#include "common.h"
#define ROUNDS 3000
static volatile int last, wrong, handled, taken, round_now, over;
static pthread_t receiver;
static void got(int number)
{
    if (number != last + 1)
        wrong++;
    last = number;
}
static void handler(int sig, siginfo_t *info, void *uc)
{
    handled++;
    got(info->si_value.sival_int);
}
static void *receive(void *arg)
{
    struct timespec t = {2, 0};
    sigset_t one, open;
    siginfo_t info;
    sigemptyset(&one), sigaddset(&one, SIGRTMIN);
    pthread_sigmask(SIG_SETMASK, NULL, &open);
    for (int k = 1; k <= ROUNDS && !over; k++) {
        round_now = k;
        pthread_sigmask(SIG_BLOCK, &one, NULL);
        if (k % 4 == 0 && last < 2 * k)
            sigsuspend(&open); /* the second one, or both */
        while (last < 2 * k && !over)
            if (sigtimedwait(&one, &info, &t) == SIGRTMIN) {
                taken++;
                got(info.si_value.sival_int);
            }
        pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    }
    return NULL;
}
static void pause_for(unsigned n)
{
    for (volatile unsigned i = 0; i < n; i++)
        ;
}
int main(void)
{
    struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    unsigned random = 1;
    sigset_t one;
    sigaction(SIGRTMIN, &a, NULL);
    CHECK(pthread_create(&receiver, NULL, receive, NULL) == 0);
    sigemptyset(&one), sigaddset(&one, SIGRTMIN);
    pthread_sigmask(SIG_BLOCK, &one, NULL);
    for (int k = 1; k <= ROUNDS; k++) {
        int64_t end = now_ms() + DEADLINE_MS;
        while (round_now < k && now_ms() < end)
            ;
        for (int i = 0; i < 2; i++) {
            union sigval v = {.sival_int = 2 * k - 1 + i};
            pause_for((random = random * 1103515245 + 12345) >> 16 & 0x3ff);
            CHECK(pthread_sigqueue(receiver, SIGRTMIN, v) == 0);
        }
    }
    AWAIT(last >= 2 * ROUNDS);
    over = 1;
    pthread_join(receiver, NULL);
    out("%d received, %d out of order, both ways %d\n", last, wrong, handled > 100 && taken > 100);
    return 0;
}
