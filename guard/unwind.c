/* context: handler
 *
 * Leaving a guarded function without returning from it: cancellation (fclose, fread and many more are
 * cancellation points), pthread_exit in a handler of atexit, an exception thrown by a callback.
 *
 * The compiler's own way, __attribute__((cleanup)), would make us depend on libgcc_s, which most C programs
 * do not load. A wrapper needs no landing pad, though: all there is to do is to take the mark away, and a
 * personality routine can do that itself and let the unwinding go on.
 */
#include "guard/guard.h"

#include <unwind.h>

_Unwind_Reason_Code sf_guard_personality(int version, _Unwind_Action actions, _Unwind_Exception_Class kind,
                                         struct _Unwind_Exception *exception, struct _Unwind_Context *context)
    __attribute__((visibility("hidden"), used));

/* The frame is the outermost guarded one (nested wrappers jump, and leave no frame) and so the mark is its
 * own, or else it is on its way out, in sigferry_guard_leave, and the mark is gone already. Either way the
 * mark is not set afterwards. What was held is not replayed here, in the middle of the unwinding, but when
 * the next guarded function or interruption point is left, or its patience ends. */
_Unwind_Reason_Code sf_guard_personality(int version, _Unwind_Action actions, _Unwind_Exception_Class kind,
                                         struct _Unwind_Exception *exception, struct _Unwind_Context *context)
{
    (void)version, (void)kind, (void)exception, (void)context;
    if (actions & _UA_CLEANUP_PHASE) {
        struct sf_guard *g = sigferry_guard;
        sf_guard_set(g, sf_guard_get(g) & SF_MARK_WATCH);
    }
    return _URC_CONTINUE_UNWIND;
}
