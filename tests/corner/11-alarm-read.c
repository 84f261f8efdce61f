/* Case 11: siglongjmp out of an alarm handler around a blocking read: the classic time limit, three times; then
 * the same signals go on as usual. */
#include "common.h"
static sigjmp_buf env;
static volatile sig_atomic_t n;
static void handler(int sig) { n++; siglongjmp(env, 1); }
int main(void)
{
    int p[2];
    char c;
    CHECK(pipe(p) == 0);
    on(SIGALRM, handler, SA_RESTART);
    struct itimerval it = {{0, 0}, {0, 30000}};
    for (int k = 0; k < 5; k++) {
        if (sigsetjmp(env, 1) == 0) {
            setitimer(ITIMER_REAL, &it, NULL);
            ssize_t r = read(p[0], &c, 1);
            out("FAIL read %zd\n", r);
        } else {
            out("timed out %d mask %llx\n", (int)n, (unsigned long long)my_mask());
        }
    }
    CHECK(write(p[1], "x", 1) == 1);
    CHECK(read(p[0], &c, 1) == 1);
    return 0;
}
