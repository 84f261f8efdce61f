/* Inside config/ only: one source of settings, before it is laid over the others.
 *
 * context: setup
 *
 * The layers, lowest first: built-in defaults, the file's general sections, its sections for this program, the
 * variable SIGFERRY. A layer wins over all that lies below it: replay=now for a program also covers the signals
 * for which the general part says something else. Within a layer a signal's own setting wins over the layer's
 * general one, and the later line over the earlier.
 */
#ifndef SF_CONFIG_LAYER_H
#define SF_CONFIG_LAYER_H

#include <config/config.h>

struct sf_text;

struct sf_layer {
    struct sf_signal_config all; /* unset fields: the enumerators *_UNSET, -1 for the times */
    struct sf_signal_config signal[SF_NSIG];
    int wakeup, guard, trace, records, check, fault; /* -1 unset */
    int64_t slow_ns;
};

void sf_layer_clear(struct sf_layer *layer);

/* One setting for signal `signo`, or for all (0); then `key` may also be "SIGHUP.replay".
 * 0, or -EINVAL with a reason in *why. */
int sf_layer_set(struct sf_layer *layer, int signo, const char *key, const char *value, struct sf_text *why);

/* May this signal be given settings at all? 0, or -EINVAL with a reason. `name` as it was written. */
int sf_layer_signal(const char *name, int *signo, struct sf_text *why);

/* Add one error to the record in *c. */
void sf_config_report(struct sf_config *c, const char *file, int line, const char *text);

/* Read `path` into the two layers. 0, or -errno where it cannot be opened (nothing is reported then). */
int sf_config_read(struct sf_config *c, const char *path, const char *program, struct sf_layer *general,
                   struct sf_layer *special);

#endif
