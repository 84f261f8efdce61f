/* sigferry.h: signals as something to read.
 *
 * A descriptor that becomes readable when one of the trapped signals has come, and a function that takes them
 * out one by one. No handler to write, nothing that is called at a bad moment, nothing to lose. Link with
 * -lsigferry-client (pkg-config sigferry-client). Works alone; in a program that was started by `sigferry run`
 * (or with libsigferry.so in LD_PRELOAD) a handler that the program has for a trapped signal runs as well.
 *
 *   int fd = sigferry_pipe_init(0);
 *   sigferry_pipe_trap(SIGTERM);
 *   ... poll for POLLIN on fd, then
 *   while ((signo = sigferry_pipe_read()) > 0)
 *       ...
 *   sigferry_pipe_finish();
 *
 * There is one such descriptor in a process. Every function has a page in section 3 of the manual; doc/selfpipe.md
 * tells the whole. Unless it says otherwise, a function returns -1 with errno set when it fails, leaves errno
 * alone when it succeeds, may be called from any thread, and must not be called in a signal handler.
 */
#ifndef SIGFERRY_H
#define SIGFERRY_H

#include <signal.h>

#ifdef __cplusplus
extern "C" {
#endif

/* For sigferry_pipe_init: leave all masks alone. Trapped signals are taken by a handler of the library in
 * whatever thread gets them. For programs that start others (a blocked signal stays blocked across exec), and for
 * threads that are made while signals are trapped. The price is EINTR, as with any handler. */
#define SIGFERRY_PIPE_UNMASKED 1

/* Makes the descriptor: non-blocking, closed on exec, good for poll, select, epoll, and inside other epolls.
 * Returns it. EBUSY there is one; EINVAL unknown flags; EMFILE, ENFILE, ENOMEM. */
int sigferry_pipe_init(int flags);

/* The descriptor; -1 with EBADF when there is none. Also in handlers. */
int sigferry_pipe_fd(void);

/* From now on `signo` goes to the descriptor. Blocks it in the calling thread (unless SIGFERRY_PIPE_UNMASKED), so
 * the best place is main(), before other threads are made. Again for the same signal: 0.
 * 0, or -1: EBADF no descriptor; EINVAL no signal, or one that cannot be trapped; EBUSY trapped by another copy of
 * this library (under libsigferry.so only). */
int sigferry_pipe_trap(int signo);

/* The opposite: handler and mask (of the calling thread) are what they were. What had come and was not read is
 * delivered as if it came now. A signal that is not trapped: 0.
 * 0, or -1: EBADF no descriptor; EINVAL no signal. */
int sigferry_pipe_untrap(int signo);

/* Traps what is in `set` and is not trapped, untraps what is trapped and not in `set`. Signals that cannot be
 * trapped are passed over, as in sigprocmask(2). 0, or -1: EBADF no descriptor; EFAULT `set` is NULL; EBUSY. */
int sigferry_pipe_trapset(const sigset_t *set);

/* Takes out one signal, without waiting: its number, 0 when there is none. Real-time signals come in the order in
 * which they were queued, lower numbers first. Also in handlers, and in several threads at once.
 * -1: EBADF no descriptor; EOVERFLOW (once) there was no memory to keep them all. */
int sigferry_pipe_read(void);

/* The same, and fills *info with all that the kernel told. NULL will do. */
int sigferry_pipe_read_info(siginfo_t *info);

/* Untraps everything and closes the descriptor. In a forked child that is going to exec: so that the new program
 * starts with the masks that were. 0, or -1: EBADF no descriptor. */
int sigferry_pipe_finish(void);

/* 1 when libsigferry.so is in the process, else 0. Also in handlers. Always succeeds. */
int sigferry_ferried(void);

#ifdef __cplusplus
}
#endif

#endif
