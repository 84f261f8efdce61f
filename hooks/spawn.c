/* context: thread
 *
 * posix_spawn, system and popen: libc copies the calling thread's mask into the child from inside, so the child must
 * be told the virtual one.
 */
#include "hooks/hook.h"
#include "engine/check.h"
#include "libc/libc.h"

/* What the program says itself is meant so. */
static void look_at(struct sf_lane *lane, const posix_spawnattr_t *attr, short flags)
{
    sigset_t defaults;
    sf_set clean = 0;
    if ((flags & POSIX_SPAWN_SETSIGDEF) && SF_LAZY(posix_spawnattr_getsigdefault)(attr, &defaults) == 0)
        clean = sf_set_get(&defaults);
    sf_check_exec(lane, flags & POSIX_SPAWN_SETSIGMASK ? 0 : lane->vmask, clean);
}

/* The caller's attributes, with the mask said aloud if it is not already. */
static const posix_spawnattr_t *with_mask(struct sf_lane *lane, const posix_spawnattr_t *attr, posix_spawnattr_t *own)
{
    short flags = 0;
    sigset_t mask;
    if (attr) {
        SF_LAZY(posix_spawnattr_getflags)(attr, &flags);
        if (sf_checking())
            look_at(lane, attr, flags);
        if (flags & POSIX_SPAWN_SETSIGMASK)
            return attr;
        *own = *attr;
    } else {
        SF_LAZY(posix_spawnattr_init)(own);
        if (sf_checking())
            sf_check_exec(lane, lane->vmask, 0);
    }
    sf_set_put(&mask, lane->vmask);
    SF_LAZY(posix_spawnattr_setsigmask)(own, &mask);
    SF_LAZY(posix_spawnattr_setflags)(own, (short)(flags | POSIX_SPAWN_SETSIGMASK));
    return own;
}

SF_API int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *fa, const posix_spawnattr_t *attr,
                       char *const argv[], char *const envp[])
{
    struct sf_lane *lane = sf_lane_self();
    posix_spawnattr_t own;
    return REAL(posix_spawn)(pid, path, fa, lane ? with_mask(lane, attr, &own) : attr, argv, envp);
}

SF_API int posix_spawnp(pid_t *pid, const char *path, const posix_spawn_file_actions_t *fa, const posix_spawnattr_t *attr,
                        char *const argv[], char *const envp[])
{
    struct sf_lane *lane = sf_lane_self();
    posix_spawnattr_t own;
    return REAL(posix_spawnp)(pid, path, fa, lane ? with_mask(lane, attr, &own) : attr, argv, envp);
}

/* ---- calls without attributes ---- */

SF_API FILE *popen(const char *command, const char *type)
{
    struct sf_lane *lane = sf_lane_self();
    FILE *f;
    if (!lane)
        return REAL(popen)(command, type);
    sf_copy_begin(lane);
    f = REAL(popen)(command, type);
    sf_copy_end(lane);
    return f;
}

/* $(commands) run in a shell that libc starts from inside. */
SF_API int wordexp(const char *words, wordexp_t *result, int flags)
{
    struct sf_lane *lane = sf_lane_self();
    int r;
    if (!lane)
        return REAL(wordexp)(words, result, flags);
    sf_copy_begin(lane);
    r = REAL(wordexp)(words, result, flags);
    sf_copy_end(lane);
    return r;
}

/* ---- system ---- */

/* SIGINT and SIGQUIT are ignored, for the whole process, while any system() runs. Past the table, as libc does
 * it: the program's actions come back untouched. */
static struct {
    uint32_t lock;
    int users;
    struct sigaction was[2];
} ignoring;
static const int keys[2] = {SIGINT, SIGQUIT};

static void ignore_begin(sigset_t *defaults)
{
    struct sigaction ign;
    sf_set set = 0;
    memset(&ign, 0, sizeof ign);
    ign.sa_handler = SIG_IGN;
    sf_lock(&ignoring.lock);
    for (int i = 0; i < 2; i++) {
        if (ignoring.users == 0)
            sf_libc.sigaction(keys[i], &ign, &ignoring.was[i]);
        if (ignoring.was[i].sa_handler != SIG_IGN)
            set |= SF_BIT(keys[i]);
    }
    ignoring.users++;
    /* In threads that block them for us the kernel queues them all the same: the listener is to drop them. */
    SF_STORE(&sf_process.ignored, SF_BIT(SIGINT) | SF_BIT(SIGQUIT));
    sf_unlock(&ignoring.lock);
    sf_set_put(defaults, set);
}

static void ignore_end(void)
{
    sf_lock(&ignoring.lock);
    if (--ignoring.users == 0) {
        SF_STORE(&sf_process.ignored, 0);
        for (int i = 0; i < 2; i++)
            sf_libc.sigaction(keys[i], &ignoring.was[i], NULL);
    }
    sf_unlock(&ignoring.lock);
}

struct running {
    pid_t pid;
    sigset_t mask;
};

/* Also when the caller is cancelled in the wait: then the shell must go. */
static void finish(void *arg)
{
    struct running *r = arg;
    int saved = errno;
    if (r->pid > 0) {
        SF_SYS(SYS_kill, r->pid, SIGKILL, 0, 0, 0, 0);
        while (SF_SYS(SYS_wait4, r->pid, NULL, 0, NULL, 0, 0) == -EINTR)
            ;
    }
    ignore_end();
    sigprocmask(SIG_SETMASK, &r->mask, NULL);
    errno = saved;
}

static int shell(const char *command)
{
    struct running r = {.pid = 0};
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)(uintptr_t)command, NULL};
    posix_spawnattr_t attr;
    sigset_t defaults, child;
    int status = -1, err;
    pid_t pid;

    sf_set_put(&child, SF_BIT(SIGCHLD));
    ignore_begin(&defaults);
    sigprocmask(SIG_BLOCK, &child, &r.mask);
    SF_LAZY(posix_spawnattr_init)(&attr);
    SF_LAZY(posix_spawnattr_setsigmask)(&attr, &r.mask);
    SF_LAZY(posix_spawnattr_setsigdefault)(&attr, &defaults);
    SF_LAZY(posix_spawnattr_setflags)(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    err = REAL(posix_spawn)(&pid, "/bin/sh", NULL, &attr, argv, environ);
    SF_LAZY(posix_spawnattr_destroy)(&attr);
    if (err != 0) {
        finish(&r);
        return 127 << 8; /* as if the shell could not be executed */
    }
    r.pid = pid;
    pthread_cleanup_push(finish, &r);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) {
            status = -1;
            break;
        }
    r.pid = 0;
    pthread_cleanup_pop(1);
    return status;
}

SF_API int system(const char *command)
{
    if (!sf_lane_self())
        return REAL(system)(command);
    return command ? shell(command) : shell("exit 0") == 0;
}
