/* while (!flag) select(...) without a timeout; pselect() was invented for it. */
#include <sys/select.h>

#define BLOCK() select(0, NULL, NULL, NULL, NULL)
#include "wait_race.h"
