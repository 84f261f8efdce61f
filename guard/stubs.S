/* context: handler
 *
 * SEEN functions and those of LOADER: passed on by a jump, so that their return address, their frames and their registers
 * are as without us. QUICK functions: what the compiler makes of guard/wrap.c, in fewer instructions. And the way from a
 * wrapper into the engine, which must keep what the real function returned.
 */
#include "sf_quick.h"
#include "sf_stub.h"

#define OFFSET_FLAGS 4 /* struct sf_guard; names.c asserts these */
#define OFFSET_WORK 8
#define WATCH 2
#define WORK_SAFE 2

.set sf_number, 0

#define ENTRY(...) .set sf_number, sf_number + 1
#define PASSED_ON(name, ...) \
    .set sf_number, sf_number + 1; \
    .local sf_slot_##name; .comm sf_slot_##name, 8, 8; \
    SF_FUNC_EXPORT(name); \
    __VA_ARGS__; \
    SF_END(name)
#define SEEN(family, ret, name, ...) \
    PASSED_ON(name, SF_SEEN_BODY(sigferry_guard, OFFSET_FLAGS, WATCH, sf_slot_##name, sf_number, sf_guard_seen))
#define LOADER(family, ret, name, ...) PASSED_ON(name, SF_ASKING_BODY(sf_slot_##name, sf_number, sf_guard_load))
#define QUICK(family, ret, name, ...) \
    .set sf_number, sf_number + 1; \
    SF_FUNC_EXPORT(name); \
    .cfi_personality 0x1b, sf_guard_personality; \
    SF_QUICK_BODY(sigferry_guard, OFFSET_FLAGS, WATCH, OFFSET_WORK, WORK_SAFE, real_##name, sf_number, body_##name, sf_guard_left); \
    SF_END(name)
#define QUICK_VOID QUICK
#include "hooks/unsafe.def"

SF_FUNC_HIDDEN(sf_guard_left)
    SF_KEEPING_BODY(sigferry_guard_leave)
SF_END(sf_guard_left)

SF_NOTES
