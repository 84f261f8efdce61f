/* The handlers of a node, what they do inside, and what any of its threads does to be interrupted. */
#include "node.h"

__thread struct self self = {.slot = -1};
int process_slot, wake_pipe[2] = {-1, -1};

void block_all(sigset_t *old)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, old);
}

/* ---- handlers ---- */

static void inside(const ucontext_t *uc)
{
    uint32_t r;
    if (self.slot < 0)
        return; /* on a thread that is not of our making */
    r = next_random(&self.handler_random);
    switch (r % 40) {
    case 0: case 1: case 2:
        if (write(wake_pipe[1], "x", 1) < 0 && errno != EAGAIN)
            fail("write to the pipe: %s", strerror(errno));
        break;
    case 3: case 4:
        raise(standard[r / 64 % STANDARDS]);
        break;
    case 5: case 6: {
        sigset_t old;
        block_all(&old);
        for (volatile int i = 0; i < 500; i++)
            ;
        sigprocmask(SIG_SETMASK, &old, NULL);
        break;
    }
    case 7: case 8: case 9:
        if (!self.sending)
            send_some(2);
        break;
    case 10:
        for (volatile int i = 0; i < 20000; i++)
            ;
        break;
    case 11:
        if (r / 64 % 16 == 0) {
            pid_t pid = vfork();
            int status;
            if (pid == 0)
                _exit(5);
            while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
            if (pid > 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 5))
                fail("a vfork child out of a handler: status %x", status);
        }
        break;
    case 12: case 13:
        /* Only out of the section itself: a handler below us may not have begun, and would be forgotten. */
        if (self.armed && memcmp(&uc->uc_sigmask, &self.section, 8) == 0) {
            self.armed = 0;
            ADD(&ledger->jumps, 1);
            siglongjmp(self.env, 1);
        }
        break;
    }
}

/* For the test of the ledger itself: once in a process, keep the wrong book. */
static void spoil(const siginfo_t *info, int own_tid)
{
    static siginfo_t first;
    static volatile int n, owner;
    int turn;
    if (owner != raw_pid()) /* forked */
        owner = raw_pid(), n = 0, first.si_signo = 0;
    turn = ADD(&n, 1);
    if (turn == 200 && ledger->spoil == 'l')
        return;
    if (turn == 200 && ledger->spoil == 't')
        enter(info, self.slot, own_tid);
    if (ledger->spoil == 's' && info->si_signo == kind_signal(0) && turn >= 200 && !first.si_signo) {
        first = *info;
        return;
    }
    enter(info, self.slot, own_tid);
    if (first.si_signo == info->si_signo && first.si_code) {
        enter(&first, self.slot, own_tid);
        first.si_code = 0;
    }
}

static void on_counted(int signo, siginfo_t *info, void *context)
{
    int saved = errno;
    if (self.critical)
        fail("signal %d handled in a section that blocks it, pid %d", signo, raw_pid());
    if (ledger->spoil)
        spoil(info, raw_tid());
    else
        enter(info, self.slot, ledger->any_thread ? 0 : raw_tid());
    inside(context);
    errno = saved;
}

static void on_standard(int signo, siginfo_t *info, void *context)
{
    int saved = errno;
    uint64_t stamp = LOAD(&ledger->stamp);
    struct target *t = &ledger->target[process_slot];
    if (t->pid == raw_pid())
        for (int j = 0; j < STANDARDS; j++)
            if (standard[j] == signo)
                raise_to(&t->seen_stamp[j], stamp);
    if (signo == SIGUSR1)
        inside(context);
    errno = saved;
}

static void on_nothing(int signo) {}

void install_handlers(void)
{
    struct sigaction a;
    for (int k = 0; k <= KIND_K; k++) {
        memset(&a, 0, sizeof a);
        a.sa_sigaction = on_counted;
        a.sa_flags = SA_SIGINFO | (k & 1 ? SA_RESTART : 0) | (k % 3 == 2 ? SA_ONSTACK : 0);
        if (k % 4 == 3)
            sigfillset(&a.sa_mask);
        sigaction(kind_signal(k), &a, NULL);
    }
    for (int j = 0; j < STANDARDS; j++) {
        memset(&a, 0, sizeof a);
        a.sa_sigaction = on_standard;
        a.sa_flags = SA_SIGINFO | (j & 1 ? SA_RESTART : 0);
        sigaction(standard[j], &a, NULL);
    }
    memset(&a, 0, sizeof a);
    a.sa_handler = on_nothing;
    sigaction(SIGALRM, &a, NULL);
    a.sa_flags = SA_RESTART;
    sigaction(SIGCHLD, &a, NULL);
}

/* ---- sending ---- */

static int deliver(struct target *t, int to_thread, int signo, union sigval value)
{
    siginfo_t info;
    if (!to_thread)
        return sigqueue(t->pid, signo, value);
    if (t->tid == raw_tid() && (self.random & 1))
        return (errno = pthread_sigqueue(pthread_self(), signo, value)) ? -1 : 0;
    memset(&info, 0, sizeof info);
    info.si_signo = signo;
    info.si_code = SI_QUEUE;
    info.si_pid = raw_pid();
    info.si_value = value;
    return (int)syscall(SYS_rt_tgsigqueueinfo, t->pid, t->tid, signo, &info);
}

void send_some(int most)
{
    self.sending = 1;
    for (unsigned n = 1 + below((unsigned)most); n > 0; n--) {
        int target = (int)below(TARGETS);
        if (!hold_target(self.slot, target))
            continue;
        if (below(8) == 0)
            send_k(target);
        else if (!ledger->target[target].is_process) {
            if (ledger->target[target].pid == raw_pid())
                send_kind(self.slot, target, (int)(FIRST_T + below(KINDS - FIRST_T)), deliver);
        } else if (below(4) == 0)
            send_standard(target, (int)below(STANDARDS));
        else
            send_kind(self.slot, target, (int)below(KINDS), deliver);
        release_target(self.slot, target);
    }
    self.sending = 0;
}

/* ---- being interrupted ---- */

void compute(unsigned us)
{
    int64_t end = now_ms() + us / 1000 + 1;
    char text[64];
    for (unsigned i = 0; i < us; i++) {
        char *p = malloc(1 + i * 37 % 3000);
        snprintf(text, sizeof text, "%u %p", i, (void *)p);
        free(p);
        if (i % 64 == 0 && now_ms() > end)
            break;
    }
}

static void sleep_somehow(void)
{
    struct pollfd pfd = {wake_pipe[0], POLLIN, 0};
    struct timespec t = {0, (long)below(2000000)};
    struct timeval tv = {0, below(2000)};
    sigset_t few;
    fd_set set;
    char buf[64];
    sigemptyset(&few);
    sigaddset(&few, kind_signal(3)), sigaddset(&few, SIGHUP);
    FD_ZERO(&set);
    FD_SET(wake_pipe[0], &set);
    switch (below(6)) {
    case 0:
        nanosleep(&t, NULL);
        break;
    case 1:
        poll(&pfd, 1, (int)below(4));
        break;
    case 2:
        ppoll(&pfd, 1, &t, self.is_main && !self.critical ? &few : NULL);
        break;
    case 3:
        select(wake_pipe[0] + 1, &set, NULL, NULL, &tv);
        break;
    case 4:
        while (read(wake_pipe[0], buf, sizeof buf) > 0)
            ;
        break;
    case 5:
        sched_yield();
        break;
    }
}

static void critical(void)
{
    sigset_t old;
    block_all(&old);
    self.critical = 1;
    if (below(2))
        compute(below(300));
    else
        sleep_somehow();
    self.critical = 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void jump_section(void)
{
    sigemptyset(&self.section);
    pthread_sigmask(SIG_SETMASK, NULL, &self.section);
    if (sigsetjmp(self.env, 1) == 0) {
        self.armed = 1;
        for (volatile unsigned i = 0; i < 20000 && self.armed; i++)
            ;
        if (self.armed && below(4) == 0)
            nap_us(300);
    }
    self.armed = 0;
}

/* Take one out of the queue, as sigtimedwait does for programs without handlers. */
static void take(void)
{
    struct timespec t = {0, (long)below(1000000)};
    sigset_t set, old;
    siginfo_t info;
    sigemptyset(&set);
    for (int k = self.is_main ? 0 : FIRST_T; k < KINDS; k++)
        if (k < FIRST_Q || k >= FIRST_T)
            sigaddset(&set, kind_signal(k));
    block_all(&old);
    if (sigtimedwait(&set, &info, &t) > 0)
        enter(&info, self.slot, raw_tid());
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void act(void)
{
    unsigned n = below(100);
    if (n < 30)
        phase(COMPUTE), compute(below(1000));
    else if (n < 60)
        phase(SLEEP), sleep_somehow();
    else if (n < 68)
        phase(CRITICAL), critical();
    else if (n < 74)
        phase(JUMP), jump_section();
    else if (n < 80)
        phase(TAKE), take();
    else
        phase(SEND), send_some(12);
    phase(SPARE);
}

/* No more from now on; wait for what is on its way, and compare the books. 0, or -1 if they did not agree. */
int close_target(int slot)
{
    struct target *t = &ledger->target[slot];
    int64_t end = now_ms() + (ledger->spoil ? 1000 : 20000);
    int bad;
    phase(SETTLE);
    STORE(&t->state, CLOSING);
    while ((LOAD(&t->users) || !settled(slot)) && now_ms() < end) {
        if (below(2))
            compute(100);
        nap_us(500);
    }
    bad = LOAD(&t->users) || !settled(slot);
    for (int s = 0; t->users && s < SENDERS; s++)
        if (ledger->holds[s] == slot + 1) {
            struct target *by = &ledger->target[s < TARGETS ? s : slot];
            fail("target %d (pid %d): sender %d (pid %d tid %d, state %d, phase %d) is still sending", slot, t->pid, s, by->pid,
                 by->tid, by->state, by->phase);
        }
    if (t->users)
        fail("target %d (pid %d): held %d times", slot, t->pid, t->users);
    audit(slot);
    self.slot = -1;
    STORE(&t->state, FREE);
    return bad ? -1 : 0;
}
