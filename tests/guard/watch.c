/* A handler runs: the engine is told of each guarded call from outside, of none inside; SEEN functions are told of and
 * passed on untouched; and what a function returns survives the way into the engine. */
#include "tests/guard/probe.h"

#include <dlfcn.h>
#include <err.h>
#include <execinfo.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int wrong;

static void check(int good, const char *what)
{
    if (!good) {
        dprintf(1, "%s\n", what);
        wrong++;
    }
}

static void told(const char *name, uintptr_t argument, int times)
{
    Dl_info info;
    if (strcmp(stub_name(stub_watched), name) || stub_argument != argument || stub_watches != times ||
        sigferry_guard->inside || sigferry_guard->flags != SF_GUARD_WATCH) {
        dprintf(1, "%s: told %d times, last %s(%#lx), then inside %u flags %u\n", name, stub_watches,
                stub_name(stub_watched), (unsigned long)stub_argument, sigferry_guard->inside, sigferry_guard->flags);
        wrong++;
    }
    check(dladdr((void *)stub_caller, &info) && strstr(info.dli_fname, "watch"), "told of another caller");
    stub_watches = 0;
}

static ssize_t cookie_write(void *c, const char *buf, size_t n)
{
    free(malloc(10)); /* nested */
    check(sigferry_guard->inside && sigferry_guard->flags == SF_GUARD_WATCH, "cookie: not marked inside");
    return n;
}

static void watched(void)
{
    char text[100], *p;
    FILE *f = fopencookie(NULL, "w", (cookie_io_functions_t){.write = cookie_write});
    setvbuf(f, NULL, _IONBF, 0);
    sigferry_guard->flags = SF_GUARD_WATCH;
    stub_watches = 0;
    p = malloc(123);
    told("malloc", 123, 1);
    free(p);
    told("free", (uintptr_t)p, 1);
    fputs("x", f);
    told("fputs", (uintptr_t)"x", 1);
    check(stub_nested == 2, "nested calls not told as such");
    snprintf(text, sizeof text, "%d %g", 7, 1.5);
    told("snprintf", (uintptr_t)text, 1);
    check(!strcmp(text, "7 1.5"), "snprintf: result");
    getenv("HOME");
    stub_watches = 0;
    sigferry_guard->flags = 0;
    free(malloc(3));
    check(!stub_watches, "told although nobody asked");
    fclose(f);
}

static int depth_by_us(void)
{
    void *frame[30];
    int n = backtrace(frame, 30), ours = 0;
    Dl_info info;
    for (int i = 0; i < n; i++)
        ours += dladdr(frame[i], &info) && strstr(info.dli_fname, "sigferry") != NULL;
    return n ? ours : -1;
}

static void seen(void)
{
    void *direct = dlsym(RTLD_NEXT, "puts"), *own;
    Dl_info info;
    FILE *old = stderr;
    char *text;
    size_t n;
    check(direct && dladdr(direct, &info) && strstr(info.dli_fname, "sigferry"), "RTLD_NEXT asked for us, not for the caller");
    check(depth_by_us() == 0, "backtrace shows a frame of ours");
    stderr = open_memstream(&text, &n);
    sigferry_guard->flags = SF_GUARD_WATCH;
    stub_watches = 0;
    own = dlsym(RTLD_DEFAULT, "main");
    told("dlsym", (uintptr_t)RTLD_DEFAULT, 1);
    static const char format[] = "%d %d %d %d %d %d %g %g %s";
    warnx(format, 1, 2, 3, 4, 5, 6, 7.5, 8.5, "nine");
    told("warnx", (uintptr_t)format, 1);
    sigferry_guard->flags = 0;
    fclose(stderr);
    stderr = old;
    check(strstr(text, "1 2 3 4 5 6 7.5 8.5 nine") != NULL, "warnx: arguments");
    (void)own;
}

/* Something waits, so that each call goes into the engine on its way out. */
static void results(void)
{
    srand48(1);
    double expected = drand48();
    srand48(1);
    sigferry_guard->work = SF_WORK_SAFE;
    int leaves = stub_leaves;
    double got = drand48();
    check(got == expected && stub_leaves == leaves + 1, "drand48: result");
    void *p = malloc(5000);
    sigferry_guard->work = SF_WORK_SAFE;
    struct mallinfo2 m = mallinfo2();
    check(m.arena > 5000 && m.uordblks > 5000, "mallinfo2: result");
    free(p);
}

static void *ends(void *arg)
{
    static struct sf_guard own;
    sigferry_guard = &own;
    pthread_exit(arg);
}

int main(void)
{
    pthread_t t;
    void *value = NULL;
    watched();
    seen();
    results();
    pthread_create(&t, NULL, ends, &t);
    pthread_join(t, &value);
    check(value == &t, "pthread_exit: value");
    dprintf(1, wrong ? "%d wrong\n" : "ok\n", wrong);
    return wrong;
}
