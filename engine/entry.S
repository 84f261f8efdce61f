/* context: handler
 *
 * The two functions that the kernel enters: the stub of every caught signal, and that of the relays.
 *
 * A frame of ours is in one of three states, and a second one on top of it must know which (frame.c):
 *   not begun       up to the label `begun`: its signal and context are still where the kernel put them, in registers.
 *                   The second signal is handled on top of it, with the masks that it would have natively, or held.
 *   at work         `busy` is raised: the second signal is held. The note in `recheck` says that something came,
 *                   perhaps after the first frame settled.
 *   on its way out  from the label `leaving` on, up to and including libc's sigreturn: it looks at nothing any more. The
 *                   second frame takes its place: it works on the context that the first one is about to return to.
 */
#include "engine/offsets.h"
#include "sf_stub.h"

SF_FUNC_HIDDEN(sf_stub)
    SF_ENTRY_BODY(sf_stub_begun, sf_stub_run, sf_frame_again, sf_stub_leaving, sf_stub_left)
SF_END(sf_stub)

SF_FUNC_HIDDEN(sf_relay)
    SF_ENTRY_BODY(sf_relay_begun, sf_relay_run, sf_frame_again, sf_relay_leaving, sf_relay_left)
SF_END(sf_relay)

SF_NOTES
