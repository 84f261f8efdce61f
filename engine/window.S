/* context: thread
 *
 * The window through which every interruption point is entered, and clone for the helper threads.
 *
 * sf_window(call):
 *   begin    point = 1 (a full barrier), then look at work. Whoever hands us a signal does it the other way round
 *            (work, barrier, look at point), so one of us sees the other: the relay comes, or we do not sleep.
 *   ...      open the gate: kernel mask = virtual mask. What is pending is delivered right here.
 *   syscall  the call itself. A handler that runs anywhere from `begin` to here has its stub move the program
 *            counter to `eintr`: as if the signal had come an instant later.
 *   after    close the gate, point = 0 (a full barrier again: see rest.c), in this order: what arrives before the mask is closed still finds the
 *            thread parked and is handled at once, not held.
 *
 * The struct stays in rbx throughout: the stub reads it out of the interrupted context.
 */
#include "sf_stub.h"

SF_FUNC_HIDDEN(sf_window)
    SF_WINDOW_BODY
SF_END(sf_window)

SF_FUNC_HIDDEN(sf_clone)
    SF_CLONE_BODY
SF_END(sf_clone)

SF_FUNC_HIDDEN(sf_registers)
    SF_REGISTERS_BODY
SF_END(sf_registers)

SF_NOTES
