/* What the corner-case programs share: output by write(2) alone (handlers use it, too), conditions with a
 * deadline, children that act once their parent sleeps. Everything static: each program is one file. */
#ifndef CORNER_COMMON_H
#define CORNER_COMMON_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define DEADLINE_MS 8000
#define UNUSED __attribute__((unused)) static

UNUSED void out(const char *format, ...)
{
    char buf[1024];
    int saved = errno, n;
    va_list ap;
    va_start(ap, format);
    n = vsnprintf(buf, sizeof buf, format, ap);
    va_end(ap);
    for (int at = 0; at < n;) {
        ssize_t w = write(1, buf + at, (size_t)(n - at));
        if (w > 0)
            at += (int)w;
        else if (errno != EINTR)
            _exit(99);
    }
    errno = saved;
}

#define CHECK(cond) ((cond) ? 1 : (out("FAIL line %d: %s (errno %d)\n", __LINE__, #cond, errno), 0))
#define SKIP(why) do { out("skip: %s\n", why); _exit(77); } while (0)

UNUSED int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}
UNUSED int64_t now_ms(void) { return now_ns() / 1000000; }

/* The condition, awaited in sleeps of 1 ms (interruption points) or in a loop that calls nothing but the clock. */
#define AWAIT(cond) ({ int64_t end_ = now_ms() + DEADLINE_MS; int ok_; \
    while (!(ok_ = !!(cond)) && now_ms() < end_) { struct timespec ms_ = {0, 1000000}; nanosleep(&ms_, NULL); } ok_; })
#define SPIN(cond) ({ int64_t end_ = now_ms() + DEADLINE_MS; int ok_; \
    for (unsigned n_ = 1; !(ok_ = !!(cond)) && (n_ % 1024 || now_ms() < end_); n_++) { \
        __asm__ volatile("pause" ::: "memory"); } ok_; })

UNUSED void on(int sig, void (*handler)(int), int flags)
{
    struct sigaction a;
    memset(&a, 0, sizeof a);
    a.sa_handler = handler;
    a.sa_flags = flags;
    CHECK(sigaction(sig, &a, NULL) == 0);
}
UNUSED void on_info(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction a;
    memset(&a, 0, sizeof a);
    a.sa_sigaction = handler;
    a.sa_flags = flags | SA_SIGINFO;
    CHECK(sigaction(sig, &a, NULL) == 0);
}

UNUSED sigset_t set_of(int first, ...)
{
    sigset_t s;
    va_list ap;
    sigemptyset(&s);
    va_start(ap, first);
    for (int sig = first; sig > 0; sig = va_arg(ap, int))
        sigaddset(&s, sig);
    va_end(ap);
    return s;
}
UNUSED void block(int sig) { sigset_t s = set_of(sig, 0); sigprocmask(SIG_BLOCK, &s, NULL); }
UNUSED void unblock(int sig) { sigset_t s = set_of(sig, 0); sigprocmask(SIG_UNBLOCK, &s, NULL); }

/* The set as hex, bits 1..61: the last real-time signals are not for programs to look at. */
UNUSED uint64_t bits(const sigset_t *s)
{
    uint64_t b = 0;
    for (int sig = 1; sig < 62; sig++)
        if (sig != 32 && sig != 33 && sigismember(s, sig) == 1)
            b |= 1ull << (sig - 1);
    return b;
}
UNUSED uint64_t my_mask(void)
{
    sigset_t s;
    sigemptyset(&s);
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &s) == 0);
    return bits(&s);
}
UNUSED uint64_t my_pending(void)
{
    sigset_t s;
    sigemptyset(&s);
    CHECK(sigpending(&s) == 0);
    return bits(&s);
}

UNUSED pid_t gettid_(void) { return (pid_t)syscall(SYS_gettid); }

/* 'S' and friends of a thread, 0 when it is gone. */
UNUSED char state_of(pid_t pid, pid_t tid)
{
    char path[64], buf[512], *p;
    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)pid, (int)tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, buf, sizeof buf - 1);
    close(fd);
    if (n <= 0)
        return 0;
    buf[n] = 0;
    p = strrchr(buf, ')');
    return p ? p[2] : 0;
}
/* How often in a row a thread must be seen asleep where it now is: more often in a futex, which may be a lock or a new
 * thread only, not yet what is meant; 0, never, in SYS_nanosleep: libc does not use it, engine/jitter.c naps in it. */
UNUSED int sights(pid_t pid, pid_t tid)
{
    char path[64], buf[8] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%d/syscall", (int)pid, (int)tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 4;
    ssize_t n = read(fd, buf, sizeof buf - 1);
    close(fd);
    int nr = n > 0 ? atoi(buf) : -1;
    return nr == SYS_futex ? 25 : nr == SYS_nanosleep ? 0 : 4;
}
/* True once the thread has been seen asleep a few times in a row. */
UNUSED int asleep(pid_t pid, pid_t tid)
{
    int64_t end = now_ms() + DEADLINE_MS;
    for (int seen = 0; now_ms() < end;) {
        struct timespec ms = {0, 2000000};
        int enough = sights(pid, tid);
        seen = enough && state_of(pid, tid) == 'S' ? seen + 1 : 0;
        if (enough && seen >= enough)
            return 1;
        nanosleep(&ms, NULL);
    }
    return 0;
}

/* A fork that does not outlive its parent. It succeeds or ends the test: to send to process -1 is to send to all. */
UNUSED pid_t child(void)
{
    pid_t parent = getpid(), pid = fork();
    if (pid < 0) {
        out("FAIL fork (errno %d)\n", errno);
        _exit(98);
    }
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(0);
    }
    return pid;
}
UNUSED int reap(pid_t pid)
{
    int st = -1;
    while (waitpid(pid, &st, 0) < 0)
        if (errno != EINTR)
            return -1;
    return st;
}
/* How a child ended, as text that is the same natively and elsewhere. */
UNUSED const char *ended(int st, char *buf)
{
    if (WIFEXITED(st))
        sprintf(buf, "exit %d", WEXITSTATUS(st));
    else if (WIFSIGNALED(st))
        sprintf(buf, "signal %d", WTERMSIG(st));
    else
        sprintf(buf, "status %x", st);
    return buf;
}
/* A child that waits until the calling thread sleeps, then sends it (its process) `sig`. */
UNUSED pid_t kill_when_asleep(int sig)
{
    pid_t me = getpid(), tid = gettid_(), pid = child();
    if (pid == 0)
        _exit(asleep(me, tid) && kill(me, sig) == 0 ? 0 : 1);
    return pid;
}

UNUSED void *shared(size_t n)
{
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

/* The kernel's own words about this process: SigBlk, SigIgn and SigCgt without the reserved signals. */
UNUSED void read_status(uint64_t v[3])
{
    char buf[4096], *p;
    int fd = open("/proc/thread-self/status", O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, buf, sizeof buf - 1);
    static const char *const key[3] = {"SigBlk:", "SigIgn:", "SigCgt:"};
    close(fd);
    buf[n > 0 ? n : 0] = 0;
    for (int i = 0; i < 3; i++) {
        p = strstr(buf, key[i]);
        v[i] = p ? strtoull(p + 7, NULL, 16) & 0x1fffffffffffffffull & ~(3ull << 31) : 0;
    }
}
UNUSED void show_status(const char *who)
{
    uint64_t v[3];
    read_status(v);
    out("%s: blocked %llx ignored %llx caught %llx\n", who, (unsigned long long)v[0], (unsigned long long)v[1],
        (unsigned long long)v[2]);
}
/* The same of a process that has handlers: what it catches may be kept blocked for it, so its mask is what it
 * reads itself. */
UNUSED void show_own(const char *who)
{
    uint64_t v[3];
    read_status(v);
    out("%s: mask %llx ignored %llx caught %llx\n", who, (unsigned long long)my_mask(), (unsigned long long)v[1],
        (unsigned long long)v[2]);
}
/* The master of a new pseudo-terminal, whose other side is `name`. */
UNUSED int open_pty(char *name, size_t size)
{
    int m = posix_openpt(O_RDWR | O_NOCTTY);
    if (m < 0 || grantpt(m) || unlockpt(m) || ptsname_r(m, name, size))
        SKIP("no pty");
    return m;
}
UNUSED char *self(void)
{
    static char path[512];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    return path;
}
/* First in main of programs that run themselves as the child to be looked at. */
#define STATUS_CHILD(argc, argv) do { if ((argc) > 1 && !strcmp((argv)[1], "--status")) { \
    show_status((argc) > 2 ? (argv)[2] : "child"); _exit(0); } } while (0)

#endif
