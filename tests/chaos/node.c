/* One process of the tree: `node LEDGER SLOT DEPTH`. Its main thread forks, execs, makes threads and is interrupted. */
#include "node.h"

#define CHILDREN 8
#define THREADS 4

static const char *ledger_path;
static int depth;
static struct {
    pthread_t thread;
    volatile int state; /* 0 free, 1 runs, 2 has ended and is to be joined */
} threads[THREADS];
static volatile int end_threads, detached;
static pid_t children[CHILDREN];
extern char **environ;

/* ---- threads ---- */

static void become(int slot, int is_main)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    self.slot = slot;
    self.is_main = is_main;
    self.sending = self.critical = self.armed = 0;
    self.random = (uint32_t)(t.tv_nsec ^ raw_tid() << 8 ^ ledger->seed) | 1;
    self.handler_random = self.random * 7 + 2;
    self.handler_random |= 1;
}

static void use_alternate_stack(void *memory, size_t size)
{
    stack_t s = {.ss_sp = memory, .ss_size = size, .ss_flags = memory ? 0 : SS_DISABLE};
    sigaltstack(&s, NULL);
}

struct start {
    int slot, place;
};

static void *thread_main(void *arg)
{
    static const size_t size = 65536;
    struct start s = *(struct start *)arg;
    sigset_t mask;
    void *stack = malloc(size);
    free(arg);
    become(s.slot, 0);
    use_alternate_stack(stack, size);
    sigemptyset(&mask); /* of the process's signals only those that any thread takes */
    for (int k = 0; k < FIRST_Q; k++)
        sigaddset(&mask, kind_signal(k));
    sigaddset(&mask, SIGALRM);
    open_target(s.slot, 0);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    for (unsigned n = 20 + below(400); n > 0 && !ledger->stop && !end_threads; n--)
        act();
    close_target(s.slot);
    use_alternate_stack(NULL, 0);
    free(stack);
    if (s.place < 0)
        ADD(&detached, -1);
    else
        STORE(&threads[s.place].state, 2);
    return NULL;
}

static void make_thread(void)
{
    int place = below(3) ? (int)below(THREADS) : -1, slot;
    struct start *s;
    pthread_attr_t attr;
    pthread_t t;
    sigset_t old;
    if (place >= 0 ? threads[place].state != 0 : detached > 2)
        return;
    slot = reserve_target();
    if (slot < 0)
        return;
    s = malloc(sizeof *s);
    *s = (struct start){slot, place};
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 256 * 1024);
    if (place < 0)
        pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED), ADD(&detached, 1);
    else
        threads[place].state = 1;
    block_all(&old);
    if (pthread_create(place < 0 ? &t : &threads[place].thread, &attr, thread_main, s) != 0)
        fail("pthread_create: %s", strerror(errno));
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    ADD(&ledger->threads, 1);
}

static void join_threads(int all)
{
    int64_t end = now_ms() + 30000;
    for (int i = 0; i < THREADS; i++)
        if (threads[i].state == 2 || (all && threads[i].state)) {
            pthread_join(threads[i].thread, NULL);
            threads[i].state = 0;
        }
    while (all && detached && now_ms() < end)
        nap_us(300);
}

static int alone(void)
{
    for (int i = 0; i < THREADS; i++)
        if (threads[i].state)
            return 0;
    return !detached;
}

static void end_all_threads(void)
{
    phase(JOIN);
    end_threads = 1;
    join_threads(1);
    end_threads = 0;
}

/* ---- processes ---- */

static void open_pipe(void)
{
    if (pipe2(wake_pipe, O_NONBLOCK | O_CLOEXEC) != 0)
        fail("pipe2: %s", strerror(errno));
}

void new_process(int slot)
{
    for (int i = 0; i < THREADS; i++)
        threads[i].state = 0;
    detached = end_threads = 0;
    memset(children, 0, sizeof children);
    process_slot = slot;
    become(slot, 1);
    open_target(slot, 1);
}

static void fork_node(void)
{
    int slot, place = (int)below(CHILDREN);
    pid_t pid;
    if (depth >= 4 || children[place])
        return;
    slot = reserve_target();
    if (slot < 0)
        return;
    pid = alone() && below(2) ? _Fork() : fork(); /* in the child of the bare one other threads' locks stay taken */
    if (pid == 0) {
        int old[2] = {wake_pipe[0], wake_pipe[1]};
        depth++;
        if (below(2)) {
            closefrom(3);
            open_pipe();
        } else {
            open_pipe();
            close(old[0]), close(old[1]);
        }
        new_process(slot);
        return;
    }
    if (pid < 0) {
        fail("fork: %s", strerror(errno));
        STORE(&ledger->target[slot].state, FREE);
        return;
    }
    ADD(&ledger->forks, 1);
    children[place] = pid;
}

static void reap(int block)
{
    int status;
    phase(REAP);
    for (int i = 0; i < CHILDREN; i++) {
        pid_t got;
        if (!children[i])
            continue;
        while ((got = waitpid(children[i], &status, block ? 0 : WNOHANG)) < 0 && errno == EINTR)
            ;
        if (got == 0)
            continue;
        if (got < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
            fail("child %d: waitpid %d, status %x", children[i], got, status);
        children[i] = 0;
        ADD(&ledger->waited, 1);
    }
}

/* A program that looks at its mask and what it ignores, started in each way there is. */
static void spawn_some(void)
{
    char self_path[200], *argv[] = {self_path, (char *)"--look", NULL}, command[250];
    ssize_t n = readlink("/proc/self/exe", self_path, sizeof self_path - 1);
    int status = -1;
    pid_t pid = -1;
    self_path[n > 0 ? n : 0] = 0;
    switch (below(4)) {
    case 0:
        if ((pid = fork()) == 0) {
            execv(self_path, argv);
            _exit(9);
        }
        break;
    case 1:
        if ((pid = vfork()) == 0) {
            execve(self_path, argv, environ);
            _exit(9);
        }
        break;
    case 2:
        if (posix_spawn(&pid, self_path, NULL, NULL, argv, environ) != 0)
            fail("posix_spawn");
        break;
    case 3:
        snprintf(command, sizeof command, "exec %s --look", self_path);
        status = system(command);
        break;
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (status != 0)
        fail("a started program: status %x", status);
    ADD(&ledger->spawns, 1);
}

/* In the started program: the mask of main is empty, and nothing is ignored. */
static int look(void)
{
    char line[200];
    FILE *f = fopen("/proc/self/status", "r");
    int status = 0;
    while (f && fgets(line, sizeof line, f))
        if ((!strncmp(line, "SigBlk:", 7) || !strncmp(line, "SigIgn:", 7)) && 
            (strtoull(line + 7, NULL, 16) & ~(3ull << 31)) != 0) /* 32 and 33 are libc's */
            status = 3;
    return status;
}

/* What is sent meanwhile stays pending: this process remains a target. */
static void exec_self(void)
{
    char path[200], slot[20], deep[20];
    char *argv[] = {path, (char *)(uintptr_t)ledger_path, slot, deep, NULL};
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    sigset_t old;
    end_all_threads();
    reap(1);
    phase(EXEC);
    path[n > 0 ? n : 0] = 0;
    snprintf(slot, sizeof slot, "%d", self.slot);
    snprintf(deep, sizeof deep, "%d", depth);
    block_all(&old);
    execv(path, argv);
    fail("execv: %s", strerror(errno));
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void failed_exec(void)
{
    char *argv[] = {(char *)"x", NULL};
    sigset_t before, after;
    sigemptyset(&before), sigemptyset(&after);
    sigprocmask(SIG_SETMASK, NULL, &before);
    if (below(2))
        execv("/nowhere/x", argv);
    else
        execvp("no-such-program", argv);
    sigprocmask(SIG_SETMASK, NULL, &after);
    if (memcmp(&before, &after, 8) != 0)
        fail("a failed exec changed the mask");
}

static void tick(void)
{
    struct itimerval t = {{0, 0}, {0, 1 + below(2000)}};
    sigset_t one, old;
    sigemptyset(&one), sigaddset(&one, SIGALRM);
    sigprocmask(SIG_BLOCK, &one, &old);
    setitimer(ITIMER_REAL, &t, NULL);
    if (below(2))
        nap_us(below(3000));
    sigsuspend(&old);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static void live(int is_root)
{
    unsigned life = 300 + below(2500);
    for (; (is_root || life > 0) && !ledger->stop; life--) {
        unsigned n = below(1000);
        if (n < 40)
            phase(MAKE_THREAD), make_thread();
        else if (n < 60)
            phase(FORK), fork_node();
        else if (n < 66)
            phase(SPAWN), spawn_some();
        else if (n < 67)
            exec_self();
        else if (n < 72)
            phase(FAILED_EXEC), failed_exec();
        else if (n < 90)
            phase(SUSPEND), tick();
        else if (n < 120)
            join_threads(0), reap(0);
        else
            act();
    }
}

int main(int argc, char **argv)
{
    static char stack[65536];
    sigset_t none;
    if (argc > 1 && !strcmp(argv[1], "--look"))
        return look();
    if (argc != 4 || map_ledger(argv[1], 0) != 0)
        return 2;
    ledger_path = argv[1];
    depth = atoi(argv[3]);
    process_slot = atoi(argv[2]);
    if (dlsym(RTLD_DEFAULT, "sigferry_status"))
        ADD(&ledger->ferried, 1);
    open_pipe();
    use_alternate_stack(stack, sizeof stack);
    install_handlers();
    if (ledger->target[process_slot].state == RESERVED)
        new_process(process_slot);
    else
        become(process_slot, 1), ADD(&ledger->execs, 1);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    live(depth == 0);
    end_all_threads();
    phase(CHILD_WAIT);
    reap(1);
    close_target(process_slot);
    return 0;
}
