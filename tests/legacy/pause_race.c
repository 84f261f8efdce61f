/* while (!flag) pause(); */
#include <unistd.h>

#define BLOCK() pause()
#include "wait_race.h"
