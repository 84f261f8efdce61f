/* Case 19: fortified and large-file names: __read_chk, __recv_chk, __poll_chk, pread64, __fgets_chk, __printf_chk
 * are interrupted as the plain ones. */
/* flags: -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_FILE_OFFSET_BITS=64 */
#include "common.h"
#include "eintr.h"
#include <sys/socket.h>
static int s[2];
static volatile size_t want = 4, fds = 1;
static void pair(void) { if (socketpair(AF_UNIX, SOCK_STREAM, 0, s)) _exit(9); }
static void give(void) { if (write(s[1], "x", 1) != 1) _exit(9); }
static long do_read(void) { char c[8]; return read(s[0], c, want); }
static long do_recv(void) { char c[8]; return recv(s[0], c, want, 0); }
static long do_recvfrom(void) { char c[8]; return recvfrom(s[0], c, want, 0, NULL, NULL); }
static long do_poll(void) { struct pollfd p[2] = {{s[0], POLLIN, 0}}; return poll(p, fds, 15000); }
static long do_ppoll(void)
{
    struct pollfd p[2] = {{s[0], POLLIN, 0}};
    struct timespec t = {15, 0};
    return ppoll(p, fds, &t, NULL);
}
int main(void)
{
    static const struct blocking_call calls[] = {{"read", do_read, give, pair}, {"recv", do_recv, give, pair},
        {"recvfrom", do_recvfrom, give, pair}, {"poll", do_poll, NULL, pair}, {"ppoll", do_ppoll, NULL, pair}};
    EINTR_TABLE(calls);
    char b[8], path[] = "file-XXXXXX";
    int fd = mkstemp(path);
    CHECK(write(fd, "abcdefgh", 8) == 8);
    CHECK(pread(fd, b, want, 2) == 4 && !memcmp(b, "cdef", 4));
    unlink(path);
    printf("printf %zu\n", want);
    fflush(stdout);
    return 0;
}
