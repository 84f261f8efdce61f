/* Case 28: traps in sh and bash, background jobs and wait, a pipeline that dies of SIGPIPE, all below this program. */
/* needs: prog=bash */
#include "common.h"
static void run(const char *shell, const char *text)
{
    char b[40];
    pid_t p = child();
    if (p == 0) {
        execlp(shell, shell, "-c", text, (char *)NULL);
        _exit(9);
    }
    out("%s\n", ended(reap(p), b));
}
int main(void)
{
    static const char *const shells[] = {"sh", "bash"};
    for (int i = 0; i < 2; i++) {
        run(shells[i], "trap 'echo usr1' USR1; kill -USR1 $$; echo after; exit 3");
        run(shells[i], "trap 'echo term; exit 4' TERM; (while ! kill -TERM $$; do :; done) & wait; wait; echo no");
        run(shells[i], "trap 'echo bye' EXIT; kill -TERM $$; echo no");
        run(shells[i], "sleep 30 & p=$!; kill -TERM $p; wait $p; echo $?");
        run(shells[i], "yes | head -n 1; (trap '' PIPE; echo ignored) | cat");
        run(shells[i], "trap 'echo int' INT; kill -INT $$; trap - INT; kill -INT $$; echo no");
    }
    return 0;
}
