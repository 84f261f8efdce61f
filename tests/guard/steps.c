/* A signal at every single instruction of a guarded call. With the trap flag set the processor stops after each
 * one; at the chosen one the handler does what the engine would: outside a guarded function it uses guarded
 * functions itself, inside it leaves work behind. Whatever the instruction, inner calls are marked for what
 * they are, work is taken up once when the call is left, and the mark is gone. */
#include "tests/guard/probe.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#define TRAP_FLAG 0x100
#define START_STEPPING() __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" ::: "memory", "cc")

static FILE *cookie;
static volatile int chosen, step, held, seen, wrong, outside;

static void look(unsigned input)
{
    seen++;
    if (!sigferry_guard->inside || sigferry_guard->flags != input)
        wrong++;
}

static ssize_t cookie_read(void *c, char *buf, size_t n)
{
    if (outside)
        look(1);
    buf[0] = '\n';
    return 1;
}

static ssize_t cookie_write(void *c, const char *buf, size_t n)
{
    if (outside)
        look(0);
    return n;
}

static void trap(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    char line[8];
    if (++step < chosen)
        return;
    uc->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
    if (sigferry_guard->inside) {
        sigferry_guard->work |= SF_WORK_SAFE;
        held = 1;
        return;
    }
    unsigned flags = sigferry_guard->flags;
    outside = 1;
    fgets(line, sizeof line, cookie);
    fputs("x", cookie);
    free(malloc(100));
    outside = 0;
    if (flags || sigferry_guard->inside || sigferry_guard->flags)
        wrong++;
}

static void call(int which, FILE *f)
{
    char line[8];
    START_STEPPING();
    switch (which) {
    case 0: free(malloc(40)); break;
    case 1: fgets(line, sizeof line, f); break;
    case 2: fprintf(f, "%s", "x"); break;
    }
    /* The handler ends the stepping, or this does when the call is shorter. */
    __asm__ volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::: "memory", "cc");
}

int main(void)
{
    cookie_io_functions_t io = {.read = cookie_read, .write = cookie_write};
    struct sigaction act = {.sa_sigaction = trap, .sa_flags = SA_SIGINFO};
    int steps[3] = {0}, inside = 0;
    sigaction(SIGTRAP, &act, NULL);
    FILE *f = fopencookie(NULL, "r+", io);
    cookie = fopencookie(NULL, "r+", io);
    setvbuf(f, NULL, _IONBF, 0);
    setvbuf(cookie, NULL, _IONBF, 0);
    free(malloc(100));
    fgets((char[8]){0}, 8, cookie);
    fputs("x", cookie);
    for (int which = 0; which < 3; which++) {
        chosen = 1 << 30;
        call(which, f); /* once as it is, so that everything has been found */
        for (chosen = 1;; chosen++) {
            int leaves = stub_leaves;
            step = held = 0;
            call(which, f);
            if (step < chosen)
                break;
            steps[which]++;
            inside += held;
            if (sigferry_guard->inside || sigferry_guard->flags || sigferry_guard->work || stub_leaves != leaves + held) {
                wrong++;
                sigferry_guard->inside = sigferry_guard->work = 0;
            }
        }
    }
    int enough = steps[0] > 50 && steps[1] > 100 && steps[2] > 100 && inside > 100 && seen > 50;
    if (wrong || !enough)
        dprintf(1, "%d wrong; steps %d %d %d, inside %d, looks %d\n", wrong, steps[0], steps[1], steps[2], inside, seen);
    else
        dprintf(1, "ok\n");
    return wrong || !enough;
}
