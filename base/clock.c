/* context: any
 *
 * The clock, as quickly as it may be read.
 */
#include "base/syscall.h"

int (*volatile sf_clock)(long, struct timespec *);
