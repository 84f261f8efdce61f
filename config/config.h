/* The configuration: parsed once before there are threads, then read-only (the control page of a running
 * process changes copies that the engine keeps, never this).
 *
 * context: setup
 */
#ifndef SF_CONFIG_CONFIG_H
#define SF_CONFIG_CONFIG_H

#include <stdint.h>

#include "config/provoke.h"

#define SF_NSIG 65 /* signals 1..64; index 0 unused */
#define SF_LIMIT_NEVER INT64_MAX /* limit = never */

enum sf_route { SF_ROUTE_UNSET, SF_ROUTE_AUTO, SF_ROUTE_SIGNALFD, SF_ROUTE_DIRECT };

enum sf_replay {
    SF_REPLAY_UNSET, /* nobody said: the engine chooses by the class of the signal (DESIGN.md, "what arrived") */
    SF_REPLAY_POINT, /* interruption-point */
    SF_REPLAY_SAFE,  /* safe-point */
    SF_REPLAY_HELPER,
    SF_REPLAY_CONCURRENT, /* helper-concurrent */
    SF_REPLAY_NOW
};

enum sf_wakeup { SF_WAKEUP_AUTO, SF_WAKEUP_OFF };

/* Look for bugs of the program's handlers. */
enum sf_check { SF_CHECK_OFF, SF_CHECK_ON, SF_CHECK_NATIVE /* and replay at once, as without us */ };

/* A fault to provoke, for the tests of our own failure paths only. */
enum sf_fault { SF_FAULT_NONE, SF_FAULT_CLONE, SF_FAULT_SIGNALFD, SF_FAULT_DEATH };

struct sf_signal_config {
    enum sf_route route;
    enum sf_replay replay;
    int64_t patience_ns; /* -1: unset (the default section's) */
    int64_t limit_ns;
};

struct sf_config_error {
    char file[200]; /* "" none; "SIGFERRY" for the environment variable */
    int line;
    char text[160]; /* one line, names the key or value and what would be right */
};

struct sf_config {
    struct sf_signal_config all;              /* what [default] says; fully set after sf_config_load */
    struct sf_signal_config signal[SF_NSIG];  /* unset fields inherit from `all` at use: sf_config_signal() */
    enum sf_wakeup wakeup;
    int guard; /* load the guard library: 1 yes (default), 0 no; used by the command alone */
    int trace;         /* write records: 1 yes, 0 no (default), 2 also of signals that kill by default; `sigferry ctl`
                        * changes it in a running process */
    uint32_t records;  /* places of the ring: a power of two */
    enum sf_check check;
    int64_t slow_ns;   /* a handler that runs for longer is a finding */
    struct sf_provoke provoke; /* from SIGFERRY_PROVOKE */
    char rings[192];   /* directory of the ring's file, from SIGFERRY_RINGS; "" the usual one */
    char runtime[128]; /* XDG_RUNTIME_DIR as it was at the start; "" none, or none that is absolute */
    enum sf_fault fault;
    unsigned error_count;
    struct sf_config_error first_error; /* the first thing that was wrong; later ones are only counted */
};

/* Fill *c with the built-in defaults: route auto, replay unset, patience 20 ms, limit 1 s. No system call. */
void sf_config_defaults(struct sf_config *c);

/* Defaults, then the first file found of $SIGFERRY_CONFIG, $XDG_CONFIG_HOME/sigferry/config (or
 * $HOME/.config/sigferry/config), /etc/sigferry.conf; then the variable SIGFERRY over it.
 * `envp` is the environment, `program` the basename whose [program NAME] sections apply.
 * Uses raw system calls and the stack only: no heap, no stdio, errno kept. Never fails: what is wrong keeps
 * its default and is described in *c (error_count, first_error). Ignored altogether when AT_SECURE is set
 * (`secure` != 0). */
void sf_config_load(struct sf_config *c, char *const *envp, const char *program, int secure);

/* Apply one "key=value" (also "SIGHUP.replay=now", as in the variable and in --signal). 0, or -EINVAL with
 * `why` (size `n`) filled with one line. */
int sf_config_set(struct sf_config *c, const char *key, const char *value, char *why, unsigned n);

/* The effective settings of one signal: its own where set, else those of `all`. */
struct sf_signal_config sf_config_signal(const struct sf_config *c, int signo);

const char *sf_route_name(enum sf_route r);
const char *sf_replay_name(enum sf_replay r);

#endif
