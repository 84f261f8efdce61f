/* Case 1: accept, accept4, recv, recvfrom, recvmsg, send on a full socket, read of a socket. */
#include "eintr.h"
#include <sys/socket.h>
#include <sys/un.h>
static int s[2], listener;
static struct sockaddr_un addr = {AF_UNIX, ""};
static socklen_t addr_len;
static char big[1 << 16];
static void pair(void) { if (socketpair(AF_UNIX, SOCK_STREAM, 0, s)) _exit(9); }
static void full(void)
{
    pair();
    while (send(s[0], big, sizeof big, MSG_DONTWAIT) > 0)
        ;
}
static void give(void) { if (write(s[1], "x", 1) != 1) _exit(9); }
static void take(void) { while (recv(s[1], big, sizeof big, MSG_DONTWAIT) > 0) ; }
static void connect_(void)
{
    int c = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(c, (struct sockaddr *)&addr, addr_len))
        _exit(9);
}
static void listen_(void)
{
    struct sockaddr_un any = {AF_UNIX, ""};
    addr_len = sizeof addr;
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&any, sizeof(sa_family_t)) || listen(listener, 3) ||
        getsockname(listener, (struct sockaddr *)&addr, &addr_len))
        _exit(9);
}
static long ok(int fd) { return fd >= 0 ? 0 : -1; }
static long do_accept(void) { return ok(accept(listener, NULL, NULL)); }
static long do_accept4(void) { return ok(accept4(listener, NULL, NULL, SOCK_CLOEXEC)); }
static long do_recv(void) { char c[4]; return recv(s[0], c, 4, 0); }
static long do_recvfrom(void) { char c[4]; return recvfrom(s[0], c, 4, 0, NULL, NULL); }
static long do_recvmsg(void)
{
    char c[4];
    struct iovec v = {c, 4};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
    return recvmsg(s[0], &m, 0);
}
static long do_read(void) { char c[4]; return read(s[0], c, 4); }
static long do_send(void) { return send(s[0], "y", 1, 0); }
static long do_sendmsg(void)
{
    struct iovec v = {"y", 1};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
    return sendmsg(s[0], &m, 0);
}
int main(void)
{
    static const struct blocking_call calls[] = {
        {"accept", do_accept, connect_, listen_}, {"accept4", do_accept4, connect_, listen_},
        {"recv", do_recv, give, pair}, {"recvfrom", do_recvfrom, give, pair}, {"recvmsg", do_recvmsg, give, pair},
        {"read", do_read, give, pair}, {"send", do_send, take, full}, {"sendmsg", do_sendmsg, take, full}};
    EINTR_TABLE(calls);
    return 0;
}
