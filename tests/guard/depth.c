/* Every family of guarded call, its errors too: the mark is gone afterwards, was set inside, errno and the
 * result are libc's. Prints "ok" or one line for each thing that is wrong. */
#include "tests/guard/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <libintl.h>
#include <locale.h>
#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

static int wrong;
static unsigned inside_seen, flags_seen;

static void bad(const char *what, const char *why)
{
    wrong++;
    dprintf(1, "%s: %s (inside %s flags %u errno %d)\n", what, why, stub_name(sigferry_guard->inside),
            sigferry_guard->flags, errno);
}

/* The call, with work waiting: it must be taken up exactly once, when the outermost call is left. */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        int leaves = stub_leaves;                                                                                      \
        sigferry_guard->work = SF_WORK_SAFE | SF_WORK_POINT;                                                           \
        call;                                                                                                          \
        if (sigferry_guard->inside || sigferry_guard->flags)                                                           \
            bad(#call, "mark left behind");                                                                            \
        if (stub_leaves != leaves + 1 || sigferry_guard->work != SF_WORK_POINT)                                        \
            bad(#call, "held work not taken up once");                                                                 \
    } while (0)
#define FAILS(call, error)                                                                                             \
    do {                                                                                                               \
        errno = 0;                                                                                                     \
        TRY(call);                                                                                                     \
        if (errno != (error))                                                                                          \
            bad(#call, "errno is not " #error);                                                                        \
    } while (0)

/* A stream whose operations look at the mark from inside a guarded call. */
static void look(void)
{
    inside_seen = sigferry_guard->inside;
    flags_seen = sigferry_guard->flags;
    free(malloc(10)); /* nested */
    if (sigferry_guard->inside != inside_seen || sigferry_guard->flags != flags_seen)
        bad("nested malloc", "changed the outer mark");
}

static ssize_t cookie_read(void *c, char *buf, size_t n)
{
    look();
    memset(buf, '\n', n);
    return n;
}

static ssize_t cookie_write(void *c, const char *buf, size_t n)
{
    look();
    return n;
}

static void expect(const char *what, const char *name, unsigned flags)
{
    if (strcmp(stub_name(inside_seen), name) || flags_seen != flags)
        bad(what, "not marked as expected inside");
    inside_seen = flags_seen = 99;
}

static void cookies(void)
{
    char line[10];
    FILE *f;
    TRY(f = fopencookie(NULL, "r+", (cookie_io_functions_t){.read = cookie_read, .write = cookie_write}));
    TRY(setvbuf(f, NULL, _IONBF, 0));
    TRY(fgets(line, sizeof line, f));
    expect("fgets", "fgets", SF_GUARD_INPUT);
    TRY(fputs("x", f));
    expect("fputs", "fputs", 0);
    TRY(fprintf(f, "%d", 1));
    expect("fprintf", "vfprintf", 0);
    /* A mark that somebody else has set is kept, and the held work is theirs to take up. */
    int leaves = stub_leaves;
    sigferry_guard->inside = 3;
    sigferry_guard->work = SF_WORK_SAFE;
    fputs("x", f);
    if (sigferry_guard->inside != 3 || stub_leaves != leaves)
        bad("fputs", "disturbed an outer mark");
    sigferry_guard->inside = 0;
    TRY(fclose(f));
}

static void allocation(void)
{
    void *volatile p;
    char *s;
    TRY(p = malloc(100));
    TRY(p = realloc(p, 200));
    TRY(free(p));
    TRY(p = calloc(10, 10));
    errno = EXDEV;
    TRY(free(p));
    if (errno != EXDEV)
        bad("free", "changed errno");
    FAILS(p = malloc((size_t)-1 - 4096), ENOMEM);
    FAILS(p = calloc((size_t)-1, 16), ENOMEM);
    FAILS(p = reallocarray(NULL, (size_t)-1, 16), ENOMEM);
    TRY(if (posix_memalign((void **)&p, 3, 8) != EINVAL) bad("posix_memalign", "result"));
    TRY(p = aligned_alloc(64, 64));
    TRY(malloc_usable_size(p));
    TRY(free(p));
    TRY(s = strdup("abc"));
    TRY(free(s));
    TRY(if (asprintf(&s, "%s-%d", "abc", 7) != 5 || strcmp(s, "abc-7")) bad("asprintf", "result"));
    TRY(free(s));
    struct mallinfo2 mi;
    TRY(mi = mallinfo2());
    if (!mi.arena)
        bad("mallinfo2", "empty");
}

static void streams(void)
{
    char buf[100];
    int a = 0, b = 0;
    double d = 0;
    FILE *f;
    FAILS(f = fopen("/nonexistent/x", "r"), ENOENT);
    FAILS(f = fdopen(-1, "r"), EBADF);
    TRY(f = tmpfile());
    TRY(fprintf(f, "%d %s %.2f %Lg\n", 12, "34", 0.5, 2.5L));
    TRY(fwprintf(f, L"x"));
    TRY(rewind(f));
    TRY(a = fscanf(f, "%d %d %lf", &a, &b, &d));
    if (a != 3 || b != 34 || d != 0.5)
        bad("fscanf", "result");
    TRY(a = fgetc(f));
    TRY(ungetc(a, f));
    TRY(ftello(f));
    TRY(fread(buf, 1, sizeof buf, f));
    TRY(if (!feof(f)) bad("feof", "result"));
    TRY(fclose(f));
    TRY(f = fopen("/dev/null", "r"));
    FAILS(fputc('x', f), EBADF);
    TRY(fclose(f));
    TRY(snprintf(buf, sizeof buf, "%a %s %d %d %d %d %d", 1.5, "s", 1, 2, 3, 4, 5));
    if (strcmp(buf, "0x1.8p+0 s 1 2 3 4 5"))
        bad("snprintf", buf);
    TRY(a = sscanf("7 8", "%d%d", &a, &b));
    if (a != 2 || b != 8)
        bad("sscanf", "result");
    wchar_t wide[20];
    TRY(swprintf(wide, 20, L"%d", 42));
    if (wcscmp(wide, L"42"))
        bad("swprintf", "result");
    TRY(f = open_memstream(&(char *){NULL}, &(size_t){0}));
    TRY(fclose(f));
}

static void others(void)
{
    time_t t = 86400;
    struct tm tm = {.tm_year = 1};
    char buf[100];
    TRY(tzset());
    TRY(localtime(&t));
    TRY(gmtime_r(&t, &tm));
    if (tm.tm_mday != 2)
        bad("gmtime_r", "result");
    FAILS(gmtime(&(time_t){(time_t)1 << 62}), EOVERFLOW);
    TRY(mktime(&tm));
    TRY(strftime(buf, sizeof buf, "%c", &tm));
    TRY(ctime(&t));
    TRY(strptime("12:30", "%H:%M", &tm));
    TRY(setlocale(LC_ALL, "C"));
    TRY(if (setlocale(LC_ALL, "none_such")) bad("setlocale", "result"));
    FAILS(newlocale(LC_ALL_MASK, "none_such", NULL), ENOENT);
    TRY(nl_langinfo(CODESET));
    TRY(gettext("x"));
    TRY(textdomain(NULL));
    TRY(strerror(1));
    TRY(openlog("x", 0, LOG_USER));
    TRY(setlogmask(1)); /* nothing gets through, so that the next is silent */
    TRY(syslog(LOG_DEBUG, "%s", "x"));
    TRY(closelog());
    pthread_mutex_t m = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
    pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
    pthread_spinlock_t sp;
    TRY(pthread_mutex_lock(&m));
    TRY(if (pthread_mutex_lock(&m) != EDEADLK) bad("pthread_mutex_lock", "result"));
    TRY(if (pthread_mutex_trylock(&m) != EBUSY) bad("pthread_mutex_trylock", "result"));
    TRY(pthread_mutex_unlock(&m));
    TRY(if (pthread_mutex_unlock(&m) != EPERM) bad("pthread_mutex_unlock", "result"));
    TRY(pthread_rwlock_rdlock(&rw));
    TRY(pthread_rwlock_unlock(&rw));
    TRY(pthread_spin_init(&sp, 0));
    TRY(pthread_spin_lock(&sp));
    TRY(pthread_spin_unlock(&sp));
}

static void at_exit(void)
{
    /* exit is never left, and what it runs is inside. */
    if (strcmp(stub_name(sigferry_guard->inside), "exit"))
        bad("exit", "its handlers are not inside");
    dprintf(1, wrong ? "%d wrong\n" : "ok\n", wrong);
    _exit(wrong != 0);
}

int main(void)
{
    sigferry_guard->work = 0;
    allocation();
    streams();
    cookies();
    others();
    TRY(atexit(at_exit));
    exit(3);
}
