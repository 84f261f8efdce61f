/* ask KIND ROUNDS RATE SIGNO WHERE:PID[,PID] ...: requests to several servers of one kind in turn, some milliseconds each.
 *
 * So short a turn, because what the machine does beside changes within a second, and then falls on one of them alone. A line
 * for each round: nanoseconds, and nanoseconds of processor of the server and the PIDs, for a request, of one server after the
 * other. KIND is redis, http or postgres; WHERE a socket's path or a port of 127.0.0.1. RATE signals SIGNO a second go to
 * who is asked: the last PID, or what answers for PostgreSQL. */
#include "bench.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { SERVERS = 4, CONNECTIONS = 8, PIDS = CONNECTIONS + 4, REQUESTS = 200 };

struct kind {
    const char *name;
    int connections;
    const char *hello;
    int hello_size;
    const char *request;
    int request_size;
};
#define SIZED(text) text, sizeof(text) - 1

static const struct kind kinds[] = {
    { "redis", CONNECTIONS, SIZED(""), SIZED("GET nothing\r\n") },
    { "http", CONNECTIONS, SIZED(""), SIZED("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") },
    { "postgres", 2, SIZED("\0\0\0\51\0\3\0\0user\0postgres\0database\0postgres\0\0"),
      SIZED("Q\0\0\0\70SELECT abalance FROM pgbench_accounts WHERE aid = 1\0") },
};

struct server {
    int fd[CONNECTIONS];
    int connections, reply; /* octets of a reply: always the same */
    int pids, takers;       /* the last of pid[] take signals */
    pid_t pid[PIDS];
};

static struct server servers[SERVERS];
static const struct kind *kind;
static long rate;
static int signo;

static void fail(const char *what)
{
    fprintf(stderr, "ask: %s: %s\n", what, strerror(errno));
    exit(2);
}

static int connect_to(const char *where)
{
    struct sockaddr_un local = { AF_UNIX, "" };
    struct sockaddr_in port = { AF_INET, htons((uint16_t)atoi(where)), { htonl(INADDR_LOOPBACK) }, "" };
    int fd = socket(*where == '/' ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

    strncpy(local.sun_path, where, sizeof local.sun_path - 1);
    if (*where == '/' ? connect(fd, (struct sockaddr *)&local, sizeof local) : connect(fd, (struct sockaddr *)&port, sizeof port))
        fail(where);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

/* All that comes until nothing has come for a while. */
static int listen_to_end(int fd, char *answer, int size)
{
    struct pollfd p = { fd, POLLIN, 0 };
    int got = 0;
    for (ssize_t n; got < size && poll(&p, 1, got ? 200 : 10000) == 1; got += (int)n)
        if ((n = read(fd, answer + got, (size_t)(size - got))) <= 0)
            fail("the server ends the connection");
    return got;
}

/* PostgreSQL's BackendKeyData says which process answers. */
static pid_t backend(const char *answer, int size)
{
    uint32_t length, pid;
    for (int at = 0; at + 9 <= size; at += 1 + (int)ntohl(length)) {
        memcpy(&length, answer + at + 1, sizeof length);
        memcpy(&pid, answer + at + 5, sizeof pid);
        if (answer[at] == 'K')
            return (pid_t)ntohl(pid);
    }
    errno = EPROTO;
    fail("no key of the backend");
    return 0;
}

static void put(int fd, const char *data, int size)
{
    if (write(fd, data, (size_t)size) != size)
        fail("cannot ask");
}

static void meet(struct server *s, char *argument)
{
    char answer[8192], *pids = strchr(argument, ':');
    if (!pids)
        exit(2);
    *pids++ = 0;
    s->takers = 1;
    for (char *p = strtok(pids, ","); p && s->pids < PIDS - CONNECTIONS; p = strtok(NULL, ","))
        s->pid[s->pids++] = (pid_t)atoi(p);
    for (; s->connections < kind->connections; s->connections++) {
        int fd = s->fd[s->connections] = connect_to(argument);
        if (kind->hello_size) {
            put(fd, kind->hello, kind->hello_size);
            s->pid[s->pids++] = backend(answer, listen_to_end(fd, answer, sizeof answer));
            s->takers = s->connections + 1;
        }
        put(fd, kind->request, kind->request_size);
        s->reply = listen_to_end(fd, answer, sizeof answer);
    }
}

static int64_t used(const struct server *s)
{
    int64_t sum = 0;
    for (int i = 0; i < s->pids; i++) {
        struct timespec t;
        clockid_t clock;
        if (clock_getcpuclockid(s->pid[i], &clock) == 0 && clock_gettime(clock, &t) == 0)
            sum += t.tv_sec * 1000000000LL + t.tv_nsec;
    }
    return sum;
}

static void signals_due(const struct server *s, int64_t now)
{
    static int64_t sent;
    static int turn;
    if (rate && now - sent >= 1000000000 / rate) {
        kill(s->pid[s->pids - 1 - turn++ % s->takers], signo);
        sent = now;
    }
}

static void ask(const struct server *s)
{
    char answer[8192];
    for (int n = 0; n < REQUESTS; n += s->connections) {
        for (int i = 0; i < s->connections; i++)
            put(s->fd[i], kind->request, kind->request_size);
        for (int i = 0; i < s->connections; i++)
            if (recv(s->fd[i], answer, (size_t)s->reply, MSG_WAITALL) != s->reply)
                fail("the reply is cut");
        signals_due(s, now_ns());
    }
}

int main(int argc, char **argv)
{
    int count = argc - 5;
    for (size_t i = 0; count >= 1 && i < sizeof kinds / sizeof kinds[0]; i++)
        if (!strcmp(kinds[i].name, argv[1]))
            kind = &kinds[i];
    if (!kind || count > SERVERS)
        return 2;
    rate = atol(argv[3]);
    signo = atoi(argv[4]);
    for (int i = 0; i < count; i++)
        meet(&servers[i], argv[5 + i]);
    for (long round = atol(argv[2]); round > 0; round--) {
        double time[SERVERS], processor[SERVERS];
        for (int i = 0; i < count; i++) {
            int at = (int)(((long)i + round) % count);
            int64_t began = now_ns(), had = used(&servers[at]);
            ask(&servers[at]);
            time[at] = (double)(now_ns() - began) / REQUESTS;
            processor[at] = (double)(used(&servers[at]) - had) / REQUESTS;
        }
        for (int i = 0; i < count; i++)
            printf("%.1f %.1f%c", time[i], processor[i], i + 1 < count ? ' ' : '\n');
    }
    return 0;
}
