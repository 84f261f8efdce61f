/* Case 4: setjmp, _setjmp, sigsetjmp(0/1) with longjmp, _longjmp, siglongjmp: which of them restore the mask. */
/* not: helper */
#include "longjmp_names.h"
