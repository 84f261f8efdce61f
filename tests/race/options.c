#include "tests/race/options.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options opt = {.deadline = 5000, .max_lost = 1 << 30, .every = 1};

/* Returns the program and its arguments. */
char **options(int argc, char **argv, const char **preload)
{
    int c;
    while ((c = getopt(argc, argv, "+l:k:s:qwW:dm:x:r:e:j:S:b")) != -1) {
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
        case 'j': opt.jitter = atoi(optarg); break;
        case 'S': opt.seed = (unsigned)atoi(optarg); break;
        case 'b': opt.stepping = 1; break;
        default: exit(2);
        }
    }
    if (!opt.signals)
        opt.signo[opt.signals++] = SIGUSR1;
    if (!argv[optind])
        exit(2);
    return argv + optind;
}
