/* Case 7: F_SETOWN_EX with F_OWNER_TID and F_SETSIG: the signal arrives in that thread with si_fd and si_band. */
/* not: helper */
#include "napping.h"
static volatile int hits, wrong, rfd;
static void handler(int sig, siginfo_t *si, void *u)
{
    if (gettid_() != napping || si->si_fd != rfd || si->si_code != POLL_IN)
        wrong++;
    hits++;
}
int main(void)
{
    pthread_t t;
    int p[2];
    char c;
    on_info(SIGRTMIN + 7, handler, 0);
    CHECK(pipe(p) == 0);
    rfd = p[0];
    t = napping_thread();
    struct f_owner_ex o = {F_OWNER_TID, napping};
    CHECK(fcntl(p[0], F_SETOWN_EX, &o) == 0);
    CHECK(fcntl(p[0], F_SETSIG, SIGRTMIN + 7) == 0);
    CHECK(fcntl(p[0], F_SETFL, O_ASYNC | O_NONBLOCK) == 0);
    for (int k = 1; k <= 10; k++) {
        CHECK(write(p[1], "x", 1) == 1);
        CHECK(AWAIT(hits == k));
        CHECK(read(p[0], &c, 1) == 1);
    }
    napping_ends(t);
    out("hits %d wrong %d\n", hits, wrong);
    return 0;
}
