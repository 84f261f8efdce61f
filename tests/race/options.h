/* The single-stepper's options:
 *
 *   -l  LD_PRELOAD for the program
 *   -k  through which door: process-directed (the default) or to the thread
 *   -s  which signals (default SIGUSR1); all are sent at the same instruction
 *   -q  send them with sigqueue and the values 1, 2, ...
 *   -w  before the program goes on, wait until the listener has seen to what it can
 *   -W  before the program goes on, let so many ms pass: what the listener times comes due right there
 *   -d  the program must go on waiting after the handler, until a byte comes
 *   -m  how long a program may take before it counts as lost
 *   -x  end after so many losses
 *   -e  at every Eth instruction only
 *   -r  another thing: send the first signal, and step through the NTH delivery and all that follows it; the
 *       second signal comes at every instruction there */
#ifndef TESTS_RACE_OPTIONS_H
#define TESTS_RACE_OPTIONS_H

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    int thread, queue, drain, stay, data, deadline, max_lost, nth, every, signals;
    int signo[8];
} opt = {.deadline = 2000, .max_lost = 1 << 30, .every = 1};

static char **options(int argc, char **argv, const char **preload)
{
    int c;
    while ((c = getopt(argc, argv, "+l:k:s:qwW:dm:x:r:e:")) != -1) {
        switch (c) {
        case 'l': *preload = optarg; break;
        case 'k': opt.thread = !strcmp(optarg, "tgkill"); break;
        case 's': opt.signo[opt.signals++ & 7] = atoi(optarg); break;
        case 'q': opt.queue = 1; break;
        case 'w': opt.drain = 1; break;
        case 'W': opt.stay = atoi(optarg); break;
        case 'd': opt.data = 1; break;
        case 'm': opt.deadline = atoi(optarg); break;
        case 'e': opt.every = atoi(optarg); break;
        case 'x': opt.max_lost = atoi(optarg); break;
        case 'r': opt.nth = atoi(optarg); break;
        default: exit(2);
        }
    }
    if (!opt.signals)
        opt.signo[opt.signals++] = SIGUSR1;
    if (!argv[optind])
        exit(2);
    return argv + optind;
}

#endif
