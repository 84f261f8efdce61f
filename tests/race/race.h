/* What the single-stepper and the program under test share: the program stops at marks (int3) with the address of
 * this record in a register, and the stepper reads and writes it from outside. */
#ifndef TESTS_RACE_H
#define TESTS_RACE_H

#include <stdint.h>

#define RACE_DATA_FD 100 /* a byte written here ends what waits for data */

enum mark { MARK_START = 0x5a01, MARK_DONE, MARK_SKIP };

struct race {
    volatile int count[65];  /* handlers run, per signal */
    volatile struct {
        int signo, value;
    } order[16];             /* of queued signals, as they came: their sigval */
    volatile int queued;
    struct {
        int signo;           /* a handler that found a mask that is natively impossible; 0: none */
        uint64_t shown, own, around; /* uc_sigmask, the handler's own mask, that of the code around it */
    } wrong;
    volatile int go;         /* the stepper ends a spinning program with this */
    int need;                /* handlers that the program waits for */
    int nr[4];               /* system calls in which the program may sleep; -1 ends the list */
    int good;                /* the call under test returned what it must */
    uint64_t vmask;          /* the program's view of its mask, before START */
    uintptr_t spin_low, spin_high;
};

#endif
