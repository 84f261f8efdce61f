/* Case 1: read, readv, write and writev on pipes, open of a FIFO. */
#include "eintr.h"
#include <sys/uio.h>
static int r[2], w[2];
static char path[] = "fifo-XXXXXX";
static char big[1 << 17];
static void empty(void) { if (pipe(r)) _exit(9); }
static void full(void)
{
    if (pipe(w) || fcntl(w[1], F_SETFL, O_NONBLOCK))
        _exit(9);
    while (write(w[1], big, 4096) > 0)
        ;
    fcntl(w[1], F_SETFL, 0);
}
static void give(void) { if (write(r[1], "x", 1) != 1) _exit(9); }
static void take(void) { if (read(w[0], big, sizeof big) <= 0) _exit(9); }
static long do_read(void) { char c[4]; return read(r[0], c, 4); }
static long do_readv(void) { char c[4]; struct iovec v = {c, 4}; return readv(r[0], &v, 1); }
static long do_write(void) { return write(w[1], "y", 1); }
static long do_writev(void) { struct iovec v = {"y", 1}; return writev(w[1], &v, 1); }
static void fifo(void) { unlink(path); if (mkfifo(path, 0600)) _exit(9); }
static long do_open(void) { int fd = open(path, O_RDONLY); if (fd >= 0) close(fd); return fd >= 0 ? 0 : -1; }
static void peer(void) { int fd = open(path, O_WRONLY); close(fd); }
int main(void)
{
    static const struct blocking_call calls[] = {
        {"read", do_read, give, empty}, {"readv", do_readv, give, empty}, {"write", do_write, take, full},
        {"writev", do_writev, take, full}, {"open fifo", do_open, peer, fifo}};
    EINTR_TABLE(calls);
    unlink(path);
    return 0;
}
