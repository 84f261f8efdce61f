/* The program's parent. It shares the program's process group, so the terminal's keys reach the program without us; we
 * ignore them. What another process sends us is meant for the program: a supervisor knows no other process id. */
#include <cli/beside.h>

#include <cli/cli.h>
#include <cli/launch.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const int passed_on[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGCONT, SIGPIPE, SIGIO,
                                 SIGPWR, SIGURG, SIGPROF, SIGVTALRM, SIGXCPU, SIGXFSZ, SIGTRAP, SIGSYS };
enum { PASSED_ON = sizeof passed_on / sizeof passed_on[0] };

static volatile sig_atomic_t program, told_to_stop, interrupted;

/* Has it ended, whether or not we have noticed? */
static int is_over(void)
{
    siginfo_t end;

    end.si_pid = 0;
    return program <= 0 || waitid(P_PID, (id_t)program, &end, WEXITED | WNOHANG | WNOWAIT) || end.si_pid;
}

/* What is sent to us is for the program while it lives, and for us afterwards. The border is its end, not the moment at
 * which we have heard of it: what came in between would be nobody's. A key is different: that reached both, and may be
 * what the program has just died of. */
static void pass_on(int signo, siginfo_t *info, void *context)
{
    int saved = errno, sent = info->si_code <= 0, over;

    if (sent && info->si_pid == program)
        return; /* its own word to its parent */
    over = sent ? is_over() : program <= 0;
    if (signo == SIGINT || signo == SIGTERM || signo == SIGHUP || signo == SIGQUIT) {
        interrupted = 1;
        told_to_stop |= over && signo != SIGQUIT;
    }
    if (sent && !over)
        kill((pid_t)program, signo);
    errno = saved;
}

int sf_beside_interrupted(void)
{
    return interrupted;
}

int sf_beside_told_to_stop(void)
{
    return told_to_stop;
}

int sf_beside_start(const struct sf_program *p, char **argv, int argc, pid_t *child)
{
    static struct sigaction old[PASSED_ON], old_child;
    static int before;
    struct sigaction act;
    sigset_t all, mask;

    memset(&act, 0, sizeof act);
    act.sa_sigaction = pass_on;
    act.sa_flags = SA_SIGINFO | SA_RESTART;
    sigfillset(&all);
    /* Blocked until `program` is known: what comes between is passed on, too. */
    sigprocmask(SIG_SETMASK, &all, &mask);
    for (int i = 0; i < PASSED_ON; i++) {
        if (!before)
            sigaction(passed_on[i], NULL, &old[i]);
        sigaction(passed_on[i], &act, NULL);
    }
    memset(&act, 0, sizeof act);
    act.sa_handler = SIG_DFL; /* ignored, it would reap the child for us */
    sigaction(SIGCHLD, &act, before ? NULL : &old_child);
    before = 1;
    *child = fork();
    if (*child == 0) {
        for (int i = 0; i < PASSED_ON; i++)
            sigaction(passed_on[i], &old[i], NULL);
        sigaction(SIGCHLD, &old_child, NULL);
        sigprocmask(SIG_SETMASK, &mask, NULL);
        _exit(sf_launch_execute(p, argv, argc));
    }
    program = *child;
    sigprocmask(SIG_SETMASK, &mask, NULL);
    if (*child < 0)
        return sf_fail(SF_EXIT_FAILED, "no process can be made for the program: %s", strerror(errno));
    return 0;
}

/* The shell stops and continues the whole job; a program that stops alone takes us with it, so that the shell notices. */
static void stop_with_it(int signo)
{
    struct sigaction dfl, old;

    memset(&dfl, 0, sizeof dfl);
    dfl.sa_handler = SIG_DFL;
    signo = signo == SIGTTIN || signo == SIGTTOU || signo == SIGTSTP ? signo : SIGSTOP;
    if (signo != SIGSTOP)
        sigaction(signo, &dfl, &old);
    raise(signo);
    if (signo != SIGSTOP)
        sigaction(signo, &old, NULL);
    kill((pid_t)program, SIGCONT);
}

int sf_beside_wait(pid_t child)
{
    int status;

    for (;;) {
        pid_t got = waitpid(child, &status, WUNTRACED);

        if (got < 0 && errno != EINTR)
            return -1;
        if (got == child && WIFSTOPPED(status))
            stop_with_it(WSTOPSIG(status));
        else if (got == child)
            break;
    }
    program = 0;
    return status;
}

int sf_beside_end(int status)
{
    struct rlimit none = { 0, 0 };
    struct sigaction dfl;
    sigset_t only;

    if (!WIFSIGNALED(status))
        return WIFEXITED(status) ? WEXITSTATUS(status) : SF_EXIT_FAILED;
    setrlimit(RLIMIT_CORE, &none); /* the program has left one, if it was to */
    prctl(PR_SET_DUMPABLE, 0);
    memset(&dfl, 0, sizeof dfl);
    dfl.sa_handler = SIG_DFL;
    sigaction(WTERMSIG(status), &dfl, NULL);
    sigemptyset(&only);
    sigaddset(&only, WTERMSIG(status));
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    raise(WTERMSIG(status));
    return 128 + WTERMSIG(status);
}
