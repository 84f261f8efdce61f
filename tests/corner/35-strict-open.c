/* Case 35: a thread under strict seccomp (read, write, exit, sigreturn alone) computes while signals come to the
 * process, which main handles; the thread leaves the signal unblocked, too, and is not killed by a system call of somebody else's code in it. */
/* not: helper-concurrent */
#include "strict_seccomp.h"
int main(void)
{
    sigemptyset(&sandbox_mask);
    return strict_seccomp();
}
