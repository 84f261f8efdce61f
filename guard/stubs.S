/* context: handler
 *
 * SEEN functions: passed on by a jump, so that their return address, their frames and their registers are as without
 * us. And the way from a wrapper into the engine, which must keep what the real function returned.
 */
#include "sf_stub.h"

#define OFFSET_FLAGS 4 /* struct sf_guard; names.c asserts both */
#define WATCH 2

.set sf_number, 0

#define ENTRY(...) .set sf_number, sf_number + 1
#define SEEN(family, ret, name, ...) \
    .set sf_number, sf_number + 1; \
    .local sf_slot_##name; .comm sf_slot_##name, 8, 8; \
    SF_FUNC_EXPORT(name); \
    SF_SEEN_BODY(sigferry_guard, OFFSET_FLAGS, WATCH, sf_slot_##name, sf_number, sf_guard_seen); \
    SF_END(name)
#include "hooks/unsafe.def"

SF_FUNC_HIDDEN(sf_guard_left)
    SF_KEEPING_BODY(sigferry_guard_leave)
SF_END(sf_guard_left)

SF_NOTES
