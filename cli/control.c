/* The controls of a running process: written through its file, or into its memory where it has none. Then its
 * listener is poked, with the relay that the library's own threads use for that; a process without a listener looks at
 * them whenever it has to anyway. */
#include <cli/ring.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int put(struct sf_ring *r, uint64_t offset, const void *from, size_t size)
{
    struct iovec here = { (void *)(uintptr_t)from, size }, there = { (void *)(r->address + offset), size };
    ssize_t n = r->fd >= 0 ? pwrite(r->fd, from, size, (off_t)offset) : process_vm_writev(r->pid, &here, 1, &there, 1, 0);

    return n < 0 ? (errno == EBADF ? -EACCES : -errno) : (size_t)n == size ? 0 : -EFAULT;
}

/* Last: whoever sees the new generation sees what was written before it. */
static int tell(struct sf_ring *r)
{
    uint32_t generation;
    int err = sf_ring_refresh(r);

    /* The numbers in a file may be anybody's: only a process that has it mapped is sent a signal. */
    if (!err && sf_ring_over(r))
        err = -ESRCH;
    generation = r->status->control.generation + 1;
    if (!err)
        err = put(r, offsetof(struct sf_status, control.generation), &generation, sizeof generation);
    if (!err && r->status->listener_tid > 0 && r->status->relay[0] >= 34 && r->status->relay[0] < 65)
        syscall(SYS_tgkill, r->outer, r->status->listener_tid, r->status->relay[0]);
    return err;
}

int sf_ring_trace(struct sf_ring *r, int on)
{
    uint32_t value = on != 0;
    int err = put(r, offsetof(struct sf_status, control.trace), &value, sizeof value);

    return err ? err : tell(r);
}

int sf_ring_replay(struct sf_ring *r, int signo, unsigned replay)
{
    uint8_t value = (uint8_t)replay;
    int err = put(r, offsetof(struct sf_status, control.replay) + (size_t)signo, &value, sizeof value);

    return err ? err : tell(r);
}
