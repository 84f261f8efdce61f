/* Only the main thread of the program is traced: the library's own threads run free, as in life. */
#include "tests/race/trace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Starts the program; it stops at its exec. */
int tracee_start(struct tracee *t, char **argv)
{
    int status;
    if (pipe2(t->data, O_CLOEXEC))
        return -1;
    t->pid = fork();
    if (t->pid < 0)
        return -1;
    if (t->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(t->data[0], RACE_DATA_FD);
        if (t->preload)
            setenv("LD_PRELOAD", t->preload, 1);
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        execv(argv[0], argv);
        _exit(127);
    }
    return waitpid(t->pid, &status, 0) == t->pid && WIFSTOPPED(status) ? 0 : -1;
}

/* The traced thread and the caller share a processor from now on; the library's threads are as free as before. */
void tracee_pin(const struct tracee *t)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((unsigned)sched_getcpu(), &one);
    if (sched_setaffinity(0, sizeof one, &one) || sched_setaffinity(t->pid, sizeof one, &one))
        perror("sched_setaffinity");
}

void tracee_kill(struct tracee *t)
{
    int status;
    kill(t->pid, SIGKILL);
    while (waitpid(t->pid, &status, __WALL) == t->pid && !WIFEXITED(status) && !WIFSIGNALED(status))
        ;
}

/* Stop whenever the instruction at `pc` is about to be executed (0: no more), by the processor's own means: unlike an
 * int3 it stops this thread alone. 0 where there are none. The thread must be stopped; only "no more" can wait until it
 * is. */
int tracee_break(struct tracee *t, uint64_t pc)
{
    const size_t at = offsetof(struct user, u_debugreg);
    t->unbreak = !pc && t->running;
    if (t->unbreak)
        return 1;
    if (ptrace(PTRACE_POKEUSER, t->pid, at + 7 * sizeof(long), 0) || ptrace(PTRACE_POKEUSER, t->pid, at, pc))
        return 0;
    return !pc || !ptrace(PTRACE_POKEUSER, t->pid, at + 7 * sizeof(long), 1);
}

void tracee_resume(struct tracee *t, int step)
{
    long sig = t->inject;
    if (t->running)
        return;
    if (t->unbreak)
        tracee_break(t, 0);
    t->running = 1;
    t->inject = 0;
    ptrace(step ? PTRACE_SINGLESTEP : PTRACE_CONT, t->pid, 0, sig);
}

int tracee_registers(const struct tracee *t, struct user_regs_struct *regs)
{
    return (int)ptrace(PTRACE_GETREGS, t->pid, 0, regs);
}

uint64_t tracee_pc(const struct tracee *t)
{
    return (uint64_t)ptrace(PTRACE_PEEKUSER, t->pid, offsetof(struct user_regs_struct, rip), 0);
}

/* What a stop means. A mark is an int3; every other trap is the end of a single step. */
static enum stop classify(struct tracee *t, int status)
{
    struct user_regs_struct regs;
    siginfo_t info;
    t->running = 0;
    if (WIFEXITED(status) || WIFSIGNALED(status))
        return STOP_GONE;
    if (WSTOPSIG(status) != SIGTRAP) {
        t->inject = WSTOPSIG(status);
        return STOP_SIGNAL;
    }
    if (ptrace(PTRACE_GETSIGINFO, t->pid, 0, &info) || info.si_code != SI_KERNEL)
        return STOP_STEP;
    tracee_registers(t, &regs);
    t->race = regs.rsi;
    t->mark = (enum mark)regs.rdi;
    return t->mark == MARK_START ? STOP_START : STOP_DONE;
}

/* The next stop. First a few quick looks: most stops are microseconds away. */
enum stop tracee_wait(struct tracee *t, int deadline_ms)
{
    uint64_t end = now_us() + (uint64_t)deadline_ms * 1000;
    int status;
    for (int tries = 0;; tries++) {
        pid_t pid = waitpid(t->pid, &status, __WALL | WNOHANG);
        if (pid == t->pid)
            return classify(t, status);
        if (pid < 0 && errno != EINTR)
            return STOP_GONE;
        if (now_us() >= end)
            return STOP_TIMEOUT;
        if (tries < 100)
            sched_yield();
        else
            usleep(50);
    }
}

/* Until the next mark, with every signal delivered as it comes. */
enum stop tracee_run(struct tracee *t, int deadline_ms)
{
    for (;;) {
        enum stop s;
        tracee_resume(t, 0);
        s = tracee_wait(t, deadline_ms);
        if (s != STOP_SIGNAL && s != STOP_STEP)
            return s;
    }
}

/* One instruction, or the entry of a handler. Never used on an instruction that sleeps for long. */
enum stop tracee_step(struct tracee *t)
{
    int status;
    tracee_resume(t, 1);
    if (waitpid(t->pid, &status, __WALL) != t->pid)
        return STOP_GONE;
    return classify(t, status);
}

void tracee_race(const struct tracee *t, struct race *race)
{
    struct iovec here = {race, sizeof *race}, there = {(void *)t->race, sizeof *race};
    if (process_vm_readv(t->pid, &here, 1, &there, 1, 0) != sizeof *race)
        memset(race, 0, sizeof *race);
}

void tracee_write(const struct tracee *t, uint64_t address, const void *data, size_t n)
{
    struct iovec here = {(void *)data, n}, there = {(void *)address, n};
    if (process_vm_writev(t->pid, &here, 1, &there, 1, 0) != (ssize_t)n)
        perror("process_vm_writev");
}

/* A mask out of the thread's own status. */
uint64_t tracee_mask(const struct tracee *t, const char *field)
{
    char path[64], line[256];
    uint64_t mask = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/status", t->pid, t->pid);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, field, strlen(field)))
            mask = strtoull(line + strlen(field) + 1, NULL, 16);
    if (f)
        fclose(f);
    return mask;
}

static size_t read_file(const char *path, char *text, size_t n)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, text, n - 1);
    if (fd >= 0)
        close(fd);
    text[got > 0 ? got : 0] = 0;
    return got > 0 ? (size_t)got : 0;
}

/* Is the next instruction one of these system calls? */
int tracee_at_call(const struct tracee *t, const int nr[4])
{
    struct user_regs_struct regs;
    long code;
    if (tracee_registers(t, &regs))
        return 0;
    errno = 0;
    code = ptrace(PTRACE_PEEKTEXT, t->pid, regs.rip, 0);
    if (errno || (code & 0xffff) != 0x050f)
        return 0;
    for (int i = 0; i < 4 && nr[i] >= 0; i++)
        if ((int)regs.rax == nr[i])
            return 1;
    return 0;
}

int tracee_sleeps_in(const struct tracee *t, const int nr[4])
{
    char path[64], text[256];
    snprintf(path, sizeof path, "/proc/%d/syscall", t->pid);
    if (!read_file(path, text, sizeof text) || text[0] < '0' || text[0] > '9')
        return 0;
    for (int i = 0; i < 4 && nr[i] >= 0; i++)
        if (atoi(text) == nr[i])
            return tracee_thread_asleep(t, t->pid);
    return 0;
}

int tracee_thread_asleep(const struct tracee *t, int tid)
{
    char path[64], text[512], *state;
    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", t->pid, tid);
    if (!read_file(path, text, sizeof text) || !(state = strrchr(text, ')')))
        return 0;
    return state[2] == 'S';
}

/* "file+0xoffset" of an address, the offset as in the file's own addresses. */
void tracee_where(const struct tracee *t, uint64_t pc, char *text, size_t n)
{
    char path[64], line[512], name[256], base_name[256] = "";
    unsigned long low, high, base = 0;
    snprintf(path, sizeof path, "/proc/%d/maps", t->pid);
    FILE *f = fopen(path, "re");
    snprintf(text, n, "?+%#lx", (unsigned long)pc);
    while (f && fgets(line, sizeof line, f)) {
        name[0] = 0;
        if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %255s", &low, &high, name) < 2)
            continue;
        if (strcmp(name, base_name)) {
            snprintf(base_name, sizeof base_name, "%s", name);
            base = low;
        }
        if (pc >= low && pc < high) {
            char *slash = strrchr(name, '/');
            snprintf(text, n, "%s+%#lx", slash ? slash + 1 : name, (unsigned long)pc - base);
            break;
        }
    }
    if (f)
        fclose(f);
}

/* The library's listener; 0 if there is none. */
int tracee_listener(const struct tracee *t)
{
    char path[64], text[64];
    struct dirent *e;
    int tid = 0;
    snprintf(path, sizeof path, "/proc/%d/task", t->pid);
    DIR *d = opendir(path);
    while (d && !tid && (e = readdir(d))) {
        snprintf(path, sizeof path, "/proc/%d/task/%.10s/comm", t->pid, e->d_name);
        if (read_file(path, text, sizeof text) && !strcmp(text, "sigferry\n"))
            tid = atoi(e->d_name);
    }
    if (d)
        closedir(d);
    return tid;
}
