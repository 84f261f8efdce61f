/* sigferry exporter: the numbers of all processes of this host for Prometheus, in OpenMetrics.
 *
 * Series are by program, not by process: numbers of a program that has ended stay in its sums, for counters must not fall. */
#include <base/names.h>
#include <cli/cli.h>
#include <cli/metrics.h>
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <microhttpd.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int help(void)
{
    puts("Usage: sigferry exporter [OPTION]...\n\n"
         "Serve the numbers of all processes that have libsigferry.so in them to Prometheus, at /metrics.\n\n"
         "      --listen ADDRESS:PORT  where (127.0.0.1:9845); [ADDRESS]:PORT for IPv6, :PORT for all addresses\n"
         "      --once                 write them to standard output, and end\n"
         "      --journal              write what is notable to the journal: forced handlers, lost records, findings\n"
         "  -h, --help                 print this text\n\n"
         "Exit status: 0 after SIGINT or SIGTERM; 125 a wrong option, or the address cannot be listened on.");
    return fflush(stdout) ? SF_EXIT_FAILED : 0;
}

static struct sf_metrics metrics;

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type, char *text, size_t size,
                              enum MHD_ResponseMemoryMode mode)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(size, text, mode);
    enum MHD_Result done;

    if (!r)
        return MHD_NO;
    MHD_add_response_header(r, "Content-Type", type);
    done = MHD_queue_response(connection, status, r);
    MHD_destroy_response(r);
    return done;
}

static enum MHD_Result serve(void *arg, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
                             const char *data, size_t *size, void **state)
{
    static const char other[] = "See /metrics\n", refused[] = "Only GET\n";
    char *text = NULL;
    size_t length = 0;
    FILE *f;

    if (strcmp(method, "GET") && strcmp(method, "HEAD"))
        return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain", (char *)(uintptr_t)refused, sizeof refused - 1,
                      MHD_RESPMEM_PERSISTENT);
    if (strcmp(url, "/metrics"))
        return answer(connection, MHD_HTTP_NOT_FOUND, "text/plain", (char *)(uintptr_t)other, sizeof other - 1, MHD_RESPMEM_PERSISTENT);
    f = open_memstream(&text, &length);
    if (!f)
        return MHD_NO;
    sf_metrics_look(&metrics);
    sf_metrics_write(&metrics, f);
    if (fclose(f)) {
        free(text);
        return MHD_NO;
    }
    return answer(connection, MHD_HTTP_OK, "application/openmetrics-text; version=1.0.0; charset=utf-8", text, length,
                  MHD_RESPMEM_MUST_FREE);
}

/* "127.0.0.1:9845", "[::1]:9845", ":9845". The first address that it stands for. */
static int resolve(const char *given, struct sockaddr_storage *to)
{
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM }, *found;
    char host[256];
    const char *colon = strrchr(given, ':');
    size_t n = colon ? (size_t)(colon - given) : 0;
    int err;

    if (!colon || !colon[1] || n >= sizeof host)
        return sf_fail(SF_EXIT_FAILED, "exporter: --listen %s is not ADDRESS:PORT; for example 127.0.0.1:9845", given);
    if (n > 1 && given[0] == '[' && given[n - 1] == ']')
        snprintf(host, sizeof host, "%.*s", (int)(n - 2), given + 1);
    else
        snprintf(host, sizeof host, "%.*s", (int)n, given);
    err = getaddrinfo(host[0] ? host : NULL, colon + 1, &hints, &found);
    if (err)
        return sf_fail(SF_EXIT_FAILED, "exporter: --listen %s: %s", given, gai_strerror(err));
    memcpy(to, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return 0;
}

/* Port 0 is for tests: which one it became. */
static void announce(struct MHD_Daemon *d)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT);

    fprintf(stderr, "sigferry: serving /metrics on port %u\n", info ? info->port : 0u);
}

static int run(const char *address, int journal)
{
    struct sockaddr_storage to;
    struct MHD_Daemon *d;
    sigset_t ends;
    struct timespec tick = { 1, 0 };
    int status = resolve(address, &to), got;

    if (status)
        return status;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    /* One thread of its own: requests come one after the other, and share what is kept between them. */
    d = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | (to.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0), 0, NULL, NULL, serve, NULL,
                         MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&to, MHD_OPTION_CONNECTION_TIMEOUT, 10u,
                         MHD_OPTION_CONNECTION_LIMIT, 64u, MHD_OPTION_END);
    if (!d)
        return sf_fail(SF_EXIT_FAILED, "exporter: %s cannot be listened on: %s", address, strerror(errno));
    announce(d);
    /* Between scrapes, too: a process that lives for less would never be counted. */
    while ((got = sigtimedwait(&ends, NULL, &tick)) < 0) {
        sf_metrics_look(&metrics);
        if (journal)
            sf_metrics_journal(&metrics);
    }
    MHD_stop_daemon(d);
    return 0;
}

int sf_exporter(int argc, char **argv)
{
    static const struct option known[] = { { "listen", required_argument, NULL, 'l' }, { "once", no_argument, NULL, '1' },
                                           { "journal", no_argument, NULL, 'J' }, { "help", no_argument, NULL, 'h' },
                                           { NULL, 0, NULL, 0 } };
    const char *address = "127.0.0.1:9845";
    int c, once = 0, journal = 0;

    opterr = 0;
    while ((c = getopt_long(argc, argv, ":h", known, NULL)) != -1) {
        if (c == 'l')
            address = optarg;
        else if (c == '1')
            once = 1;
        else if (c == 'J')
            journal = 1;
        else if (c == 'h')
            return help();
        else
            return sf_fail_option("exporter", c, argv);
    }
    if (optind < argc)
        return sf_fail(SF_EXIT_FAILED, "exporter: takes no arguments; it serves all processes");
    sf_metrics_begin(&metrics);
    if (!once)
        return run(address, journal);
    sf_metrics_look(&metrics);
    sf_metrics_write(&metrics, stdout);
    return fflush(stdout) || ferror(stdout) ? sf_fail(SF_EXIT_FAILED, "cannot write: %s", strerror(errno)) : 0;
}
