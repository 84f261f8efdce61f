/* context: handler
 *
 * libc's own definitions of everything we hook; see REAL in hooks/hook.h.
 */
#include "hooks/hook.h"

struct sf_real sf_real;
