/* The single-stepper's options:
 *
 *   -l  LD_PRELOAD for the program
 *   -k  through which door: process-directed (the default) or to the thread
 *   -s  which signals (default SIGUSR1); all are sent at the same instruction
 *   -q  send them with sigqueue and the values 1, 2, ...
 *   -w  before the program goes on, wait until the listener has seen to what it can
 *   -W  before the program goes on, let so many ms pass: what the listener times comes due right there
 *   -d  the program must go on waiting after the handler, until a byte comes
 *   -m  how long (ms) a program may take before it counts as lost; by default longer than any thread of it waits for a
 *       processor on a machine with too much to do
 *   -x  end after so many losses
 *   -e  at every Eth instruction only
 *   -r  another thing (delivery.c): send the first signal; at every instruction from the NTH delivery on, until the
 *       program is back in its own code, comes the second
 *   -j  of further signals each comes up to JITTER instructions after the one before (from a seed, -S)
 *   -b  without the processor's breakpoints */
#ifndef TESTS_RACE_OPTIONS_H
#define TESTS_RACE_OPTIONS_H

struct options {
    int thread, queue, drain, stay, data, deadline, max_lost, nth, every, jitter, stepping, signals;
    unsigned seed;
    int signo[8];
};
extern struct options opt;

char **options(int argc, char **argv, const char **preload);

#endif
