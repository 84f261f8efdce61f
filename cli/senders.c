/* The library's listener names senders at arrival. Where there is none, or it came too late, we look ourselves when the
 * record is read, which is some milliseconds later. */
#include <cli/senders.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FRESH_NS 1000000000u /* process numbers are not used again within a second */

static struct sf_sender_name *slot_of(struct sf_senders *s, int pid)
{
    return &s->slot[(unsigned)pid % SF_SENDERS];
}

static void begin(struct sf_sender_name *e, int pid, uint64_t at_ns)
{
    memset(e, 0, sizeof *e);
    e->pid = pid;
    e->at_ns = at_ns;
}

/* Bytes of any kind, as they are; the printers make them harmless. */
static void copy_text(char *to, size_t size, const char *from, size_t n)
{
    n = strnlen(from, n);
    if (n > size - 1)
        n = size - 1;
    memcpy(to, from, n);
    to[n] = 0;
}

void sf_senders_told(struct sf_senders *s, const struct sf_record *r)
{
    struct sf_sender_name *e = slot_of(s, r->text.pid);
    size_t at = (size_t)r->text.piece * sizeof r->text.text;

    if (r->text.pid <= 0)
        return;
    if (r->event == SF_EV_COMM) {
        if (r->text.piece == SF_SENDER_GONE) {
            if (e->pid != r->text.pid || r->time_ns > e->at_ns + FRESH_NS) {
                begin(e, r->text.pid, r->time_ns);
                e->gone = 1;
            }
            return;
        }
        if (e->pid != r->text.pid || e->gone || r->time_ns > e->at_ns + FRESH_NS)
            begin(e, r->text.pid, r->time_ns);
        copy_text(e->comm, sizeof e->comm, r->text.text, sizeof r->text.text);
    } else if (e->pid == r->text.pid && r->text.piece < SF_CMDLINE / sizeof r->text.text) {
        if (!r->text.piece || strlen(e->cmdline) == at)
            copy_text(e->cmdline + at, SF_CMDLINE + 1 - at, r->text.text, sizeof r->text.text);
    }
}

static long read_file(int pid, const char *name, char *to, size_t size)
{
    char path[64];
    long n;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    n = read(fd, to, size - 1);
    close(fd);
    to[n > 0 ? n : 0] = 0;
    return n;
}

void sf_senders_look(struct sf_senders *s, int pid, uint64_t at_ns)
{
    struct sf_sender_name *e = slot_of(s, pid);
    long n;

    if (pid <= 0 || (e->pid == pid && at_ns < e->at_ns + FRESH_NS))
        return;
    begin(e, pid, at_ns);
    n = read_file(pid, "comm", e->comm, sizeof e->comm);
    if (n <= 0) {
        e->gone = 1;
        return;
    }
    e->comm[strcspn(e->comm, "\n")] = 0;
    n = read_file(pid, "cmdline", e->cmdline, sizeof e->cmdline);
    while (n > 0 && !e->cmdline[n - 1])
        n--;
    for (long i = 0; i < n; i++)
        if (!e->cmdline[i])
            e->cmdline[i] = ' ';
}

void sf_senders_know(struct sf_senders *s, int pid, const char *comm, uint64_t at_ns)
{
    struct sf_sender_name *e = slot_of(s, pid);

    if (pid <= 0 || (e->pid == pid && !strcmp(e->comm, comm)))
        return;
    begin(e, pid, at_ns);
    snprintf(e->comm, sizeof e->comm, "%s", comm);
}

const struct sf_sender_name *sf_senders_find(const struct sf_senders *s, int pid)
{
    const struct sf_sender_name *e = &s->slot[(unsigned)pid % SF_SENDERS];

    return pid > 0 && e->pid == pid ? e : NULL;
}
