/* Case 1: a socket with SO_RCVTIMEO: read, recv and accept are never restarted. */
#include "eintr.h"
#include <sys/socket.h>
#include <sys/un.h>
static int s[2], listener;
static const struct timeval long_ = {15, 0};
static void pair(void)
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
        _exit(9);
    setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &long_, sizeof long_);
}
static void listen_(void)
{
    struct sockaddr_un any = {AF_UNIX, ""};
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &long_, sizeof long_);
    if (bind(listener, (struct sockaddr *)&any, sizeof(sa_family_t)) || listen(listener, 3))
        _exit(9);
}
static long do_accept(void) { return accept(listener, NULL, NULL); }
static long do_recv(void) { char c[4]; return recv(s[0], c, 4, 0); }
static long do_read(void) { char c[4]; return read(s[0], c, 4); }
int main(void)
{
    static const struct blocking_call calls[] = {
        {"accept", do_accept, NULL, listen_}, {"recv", do_recv, NULL, pair}, {"read", do_read, NULL, pair}};
    EINTR_TABLE(calls);
    return 0;
}
