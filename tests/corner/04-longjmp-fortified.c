/* Case 4: fortified (__longjmp_chk): setjmp, _setjmp, sigsetjmp(0/1) with longjmp, _longjmp, siglongjmp: which of them restore the mask. */
/* not: helper */
/* flags: -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 */
#include "longjmp_names.h"
