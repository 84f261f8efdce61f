/* sigferry signals PID: look into a live process, and where that is impossible say why in one line. */
#include <base/text.h>
#include <cli/cli.h>
#include <cli/view.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int help(void)
{
    puts("Usage: sigferry signals [OPTION]... PID\n\n"
         "Show what a running process has installed, routed, blocked and pending.\n\n"
         "  -a, --all   all signals, not just those about which there is something to say\n"
         "  -j, --json  one JSON object\n"
         "  -h, --help  print this text\n\n"
         "Exit status: 0; 1 there is no such process, it may not be looked into, or the library is not in it;\n"
         "125 wrong options.");
    return fflush(stdout) ? SF_EXIT_FAILED : 0;
}

/* The kernel says no more than EPERM. Where yama is in force, being the same user does not help: say what does. */
static int fail_permission(const struct sf_proc *p)
{
    int scope = sf_proc_restriction();

    if (scope == 3)
        return sf_fail(SF_EXIT_NONE, "%d (%s): this machine lets nobody look into a process "
                       "(kernel.yama.ptrace_scope = 3, until it is started anew)", (int)p->pid, p->comm);
    if (scope)
        return sf_fail(SF_EXIT_NONE, "%d (%s): not permitted; kernel.yama.ptrace_scope is %d: use sudo sigferry signals "
                       "%d", (int)p->pid, p->comm, scope, (int)p->pid);
    return sf_fail(SF_EXIT_NONE, "%d (%s): not permitted; run this as the user of that process, or as root",
                   (int)p->pid, p->comm);
}

/* The process is there, the library is not. Somebody who had asked for it wants to know what became of it. */
static int fail_absent(const struct sf_proc *p)
{
    char exe[64], unused[8];

    snprintf(exe, sizeof exe, "/proc/%d/exe", (int)p->pid);
    if (p->state == 'Z')
        return sf_fail(SF_EXIT_NONE, "%d (%s): has ended and waits for its parent to notice", (int)p->pid, p->comm);
    if (readlink(exe, unused, sizeof unused) < 0 && errno == ENOENT)
        return sf_fail(SF_EXIT_NONE, "%d (%s): is a thread of the kernel, or ends just now", (int)p->pid, p->comm);
    if (sf_proc_preloads(p->pid, "libsigferry.so") > 0)
        return sf_fail(SF_EXIT_NONE, "%d (%s): LD_PRELOAD names libsigferry.so, but it is not loaded there; "
                       "sigferry run says why", (int)p->pid, p->comm);
    return sf_fail(SF_EXIT_NONE, "%d (%s): runs without libsigferry.so; start it with sigferry run", (int)p->pid,
                   p->comm);
}

/* Each way in which the record cannot be had, with what to do about it. */
static int fail_status(const struct sf_view *v, int err)
{
    int pid = (int)v->proc.pid;

    switch (err) {
    case -ESRCH:
        return sf_fail(SF_EXIT_NONE, "%d (%s): has ended just now", pid, v->proc.comm);
    case -EPERM:
    case -EACCES:
        return fail_permission(&v->proc);
    case -ENOENT:
        return fail_absent(&v->proc);
    case -EAGAIN:
        return sf_fail(SF_EXIT_NONE, "%d (%s): libsigferry.so is loaded but has not begun yet; try again", pid,
                       v->proc.comm);
    case -EPROTO:
        return sf_fail(SF_EXIT_NONE, "%d (%s): its libsigferry.so speaks format %u, this command %u; use the sigferry "
                       "that belongs to it", pid, v->proc.comm, v->status.version, SF_FORMAT_VERSION);
    case -EFAULT:
        return sf_fail(SF_EXIT_NONE, "%d (%s): its memory changed while it was read (exec?); try again", pid,
                       v->proc.comm);
    }
    return sf_fail(SF_EXIT_NONE, "%d (%s): its libsigferry.so cannot be read: %s", pid, v->proc.comm, strerror(-err));
}

static int show(pid_t pid, struct sf_view *v, int json)
{
    int err = sf_proc_read(pid, &v->proc);

    if (err == -ESRCH)
        return sf_fail(SF_EXIT_NONE, "%d: no such process", (int)pid);
    if (err)
        return sf_fail(SF_EXIT_NONE, "%d: cannot be looked into: %s", (int)pid, strerror(-err));
    err = sf_status_read(pid, &v->status);
    if (err)
        return fail_status(v, err);
    /* Without symbols there are addresses. */
    v->symbols = sf_symbols_open(pid);
    sf_signalfds_read(&v->proc, v->status.listener_tid, &v->signalfds);
    if (json)
        sf_json_print(v);
    else
        sf_table_print(v);
    sf_symbols_close(v->symbols);
    return fflush(stdout) || ferror(stdout) ? sf_fail(SF_EXIT_FAILED, "cannot write: %s", strerror(errno)) : 0;
}

int sf_signals(int argc, char **argv)
{
    static const struct option known[] = { { "all", no_argument, NULL, 'a' },
                                           { "json", no_argument, NULL, 'j' },
                                           { "help", no_argument, NULL, 'h' },
                                           { NULL, 0, NULL, 0 } };
    static struct sf_view view;
    uint64_t pid;
    int c, json = 0;

    opterr = 0;
    while ((c = getopt_long(argc, argv, ":ajh", known, NULL)) != -1) {
        if (c == 'a')
            view.all = 1;
        else if (c == 'j')
            json = 1;
        else if (c == 'h')
            return help();
        else
            return sf_fail_option("signals", c, argv);
    }
    if (argc - optind != 1)
        return sf_fail(SF_EXIT_FAILED, "signals: which process? For example: sigferry signals 1234");
    if (sf_parse_number(argv[optind], INT_MAX, &pid) || !pid)
        return sf_fail(SF_EXIT_FAILED, "signals: %s is no process id", argv[optind]);
    return show((pid_t)pid, &view, json);
}
