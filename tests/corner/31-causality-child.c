/* Case 31: SIGCHLD's handler has run when waitpid, waitid or a read at the end of the child's pipe returns; also a
 * signal that the child sent before it ended. */
/* limit: 40 */
#include "common.h"
static volatile int chld, usr;
static void on_chld(int sig) { chld++; }
static void on_usr(int sig) { usr++; }
int main(void)
{
    int missed_chld = 0, missed_usr = 0;
    pid_t me = getpid();
    on(SIGCHLD, on_chld, SA_RESTART), on(SIGUSR1, on_usr, SA_RESTART);
    for (int k = 0; k < 100; k++) {
        int before = chld, before_usr = usr, st;
        siginfo_t si;
        pid_t p = fork();
        if (p == 0)
            _exit(kill(me, SIGUSR1));
        if (k % 3 == 1)
            usleep(200);
        if (k % 2)
            CHECK(waitpid(p, &st, 0) == p);
        else
            CHECK(waitid(P_PID, (id_t)p, &si, WEXITED) == 0);
        missed_chld += chld != before + 1;
        missed_usr += usr != before_usr + 1;
    }
    out("missed %d %d\n", missed_chld, missed_usr);
    return 0;
}
