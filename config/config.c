/* context: setup
 *
 * The order of the sources, and how one is laid over the other (layer.h).
 */
#include <config/layer.h>

#include <base/text.h>
#include <errno.h>

enum { LONGEST_PATH = 4096, LONGEST_ITEM = 200 };

static const struct sf_signal_config unset = { SF_ROUTE_UNSET, SF_REPLAY_UNSET, -1, -1 };

void sf_config_defaults(struct sf_config *c)
{
    static const struct sf_config blank;

    *c = blank;
    c->all.route = SF_ROUTE_AUTO;
    c->all.patience_ns = 20 * INT64_C(1000000);
    c->all.limit_ns = INT64_C(1000000000);
    c->guard = 1;
    c->records = 32768;
    c->slow_ns = 100000000;
    for (int s = 0; s < SF_NSIG; s++)
        c->signal[s] = unset;
}

void sf_config_report(struct sf_config *c, const char *file, int line, const char *text)
{
    struct sf_text t;
    unsigned length = 0;

    if (c->error_count++)
        return;
    /* Of a long path the end tells more than the beginning. */
    while (file[length])
        length++;
    if (length >= sizeof c->first_error.file)
        file += length - (sizeof c->first_error.file - 1);
    sf_text_start(&t, c->first_error.file, sizeof c->first_error.file);
    sf_text_add(&t, file);
    sf_text_start(&t, c->first_error.text, sizeof c->first_error.text);
    sf_text_add(&t, text);
    c->first_error.line = line;
}

void sf_layer_clear(struct sf_layer *layer)
{
    layer->all = unset;
    for (int s = 0; s < SF_NSIG; s++)
        layer->signal[s] = unset;
    layer->wakeup = layer->guard = layer->trace = layer->records = layer->check = layer->fault = -1;
    layer->slow_ns = -1;
}

/* What is unset above lets through what is below. */
static void lay_signal(struct sf_signal_config *below, const struct sf_signal_config *top)
{
    if (top->route != SF_ROUTE_UNSET)
        below->route = top->route;
    if (top->replay != SF_REPLAY_UNSET)
        below->replay = top->replay;
    if (top->patience_ns >= 0)
        below->patience_ns = top->patience_ns;
    if (top->limit_ns >= 0)
        below->limit_ns = top->limit_ns;
}

/* A higher layer's word for all signals also covers those that a lower layer names. */
static void uncover(struct sf_signal_config *s, const struct sf_signal_config *top)
{
    if (top->route != SF_ROUTE_UNSET)
        s->route = SF_ROUTE_UNSET;
    if (top->replay != SF_REPLAY_UNSET)
        s->replay = SF_REPLAY_UNSET;
    if (top->patience_ns >= 0)
        s->patience_ns = -1;
    if (top->limit_ns >= 0)
        s->limit_ns = -1;
}

/* One layer over the rest. Without `covers` only what it names is changed (sf_config_set). */
static void lay(struct sf_config *c, const struct sf_layer *top, int covers)
{
    lay_signal(&c->all, &top->all);
    for (int s = 1; s < SF_NSIG; s++) {
        if (covers)
            uncover(&c->signal[s], &top->all);
        lay_signal(&c->signal[s], &top->signal[s]);
    }
    if (top->wakeup >= 0)
        c->wakeup = (enum sf_wakeup)top->wakeup;
    if (top->guard >= 0)
        c->guard = top->guard;
    if (top->trace >= 0)
        c->trace = top->trace;
    if (top->records >= 0)
        c->records = (uint32_t)top->records;
    if (top->check >= 0)
        c->check = (enum sf_check)top->check;
    if (top->slow_ns >= 0)
        c->slow_ns = top->slow_ns;
    if (top->fault >= 0)
        c->fault = (enum sf_fault)top->fault;
}

int sf_config_set(struct sf_config *c, const char *key, const char *value, char *why, unsigned n)
{
    struct sf_layer layer;
    struct sf_text t;
    int err;

    sf_text_start(&t, why, n);
    sf_layer_clear(&layer);
    err = sf_layer_set(&layer, 0, key, value, &t);
    if (!err)
        lay(c, &layer, 0);
    return err;
}

struct sf_signal_config sf_config_signal(const struct sf_config *c, int signo)
{
    struct sf_signal_config s = c->all;

    if (signo > 0 && signo < SF_NSIG)
        lay_signal(&s, &c->signal[signo]);
    return s;
}

/* ------------------------------------------------------------------------------------ the environment */

/* getenv reads the global environ, which the program may have replaced; this reads the one we were given. */
static const char *lookup(char *const *envp, const char *name)
{
    for (; envp && *envp; envp++) {
        const char *e = *envp, *n = name;

        while (*n && *e == *n)
            e++, n++;
        if (!*n && *e == '=')
            return e + 1;
    }
    return 0;
}

/* One "key=value", in a buffer that may be written to. */
static void set_item(struct sf_config *c, struct sf_layer *layer, int number, char *item)
{
    char text[sizeof c->first_error.text];
    struct sf_text why;
    char *value = item;
    int err;

    sf_text_start(&why, text, sizeof text);
    while (*value && *value != '=')
        value++;
    if (*value) {
        *value++ = 0;
        err = sf_layer_set(layer, 0, item, value, &why);
    } else {
        sf_text_quote(&why, item);
        sf_text_add(&why, " is not key=value; settings are separated by colons: route=auto:replay=safe-point");
        err = -EINVAL;
    }
    if (err)
        sf_config_report(c, "SIGFERRY", number, text);
}

/* The variable's settings, numbered from 1 for the messages. */
static void read_variable(struct sf_config *c, struct sf_layer *layer, const char *text)
{
    char item[LONGEST_ITEM];

    for (int number = 1; *text; number++) {
        unsigned n = 0;

        for (; *text && *text != ':'; text++, n++)
            if (n < sizeof item - 1)
                item[n] = *text;
        if (*text)
            text++;
        if (n >= sizeof item) {
            sf_config_report(c, "SIGFERRY", number, "setting longer than 199 characters");
        } else if (n) {
            item[n] = 0;
            set_item(c, layer, number, item);
        }
    }
}

/* ------------------------------------------------------------------------------------------- the files */

struct search {
    struct sf_config *c;
    const char *program;
    struct sf_layer *general, *special;
};

static void report_unreadable(struct sf_config *c, const char *path, int err)
{
    char text[80];
    struct sf_text t;

    sf_text_start(&t, text, sizeof text);
    sf_text_add(&t, "cannot be read: ");
    if (err == -ENOENT || err == -ENOTDIR) {
        sf_text_add(&t, "no such file");
    } else if (err == -EACCES || err == -EPERM) {
        sf_text_add(&t, "permission denied");
    } else {
        sf_text_add(&t, "error ");
        sf_text_number(&t, -err);
    }
    sf_config_report(c, path, 0, text);
}

/* A file below somebody's home. Whatever keeps us from opening it (none there; a home that this user may not
 * enter, after privileges were dropped) means that it is not meant for this process. 1: read. */
static int try_home(const struct search *s, const char *home, const char *rest)
{
    char path[LONGEST_PATH];
    struct sf_text t;

    if (!home || home[0] != '/')
        return 0;
    sf_text_start(&t, path, sizeof path);
    sf_text_add(&t, home);
    sf_text_add(&t, rest);
    if (t.used + 1 >= t.size)
        return 0;
    return sf_config_read(s->c, path, s->program, s->general, s->special) == 0;
}

static void read_files(const struct search *s, char *const *envp)
{
    static const char system_file[] = "/etc/sigferry.conf";
    const char *named = lookup(envp, "SIGFERRY_CONFIG"), *xdg = lookup(envp, "XDG_CONFIG_HOME");
    int err;

    if (named && *named) {
        /* Somebody asked for just this file: to fall back on another would be worse than an error. */
        err = sf_config_read(s->c, named, s->program, s->general, s->special);
        if (err)
            report_unreadable(s->c, named, err);
        return;
    }
    if (xdg && *xdg ? try_home(s, xdg, "/sigferry/config")
                    : try_home(s, lookup(envp, "HOME"), "/.config/sigferry/config"))
        return;
    err = sf_config_read(s->c, system_file, s->program, s->general, s->special);
    if (err && err != -ENOENT && err != -ENOTDIR)
        report_unreadable(s->c, system_file, err);
}

/* A directory for the ring's file. What is relative, or does not fit, is as if it were not there. */
static void take_directory(char *to, unsigned size, const char *from)
{
    struct sf_text t;
    unsigned length = 0;

    while (from && from[length])
        length++;
    if (!length || from[0] != '/' || length >= size)
        return;
    sf_text_start(&t, to, size);
    sf_text_add(&t, from);
}

void sf_config_load(struct sf_config *c, char *const *envp, const char *program, int secure)
{
    struct sf_layer general, special;
    struct search s = { c, program ? program : "", &general, &special };
    const char *variable;

    sf_config_defaults(c);
    /* The environment of a privileged program belongs to somebody less privileged. */
    if (secure)
        return;
    take_directory(c->rings, sizeof c->rings, lookup(envp, "SIGFERRY_RINGS"));
    take_directory(c->runtime, sizeof c->runtime, lookup(envp, "XDG_RUNTIME_DIR"));
    variable = lookup(envp, "SIGFERRY_PROVOKE");
    if (variable)
        sf_provoke_parse(&c->provoke, variable);
    sf_layer_clear(&general);
    sf_layer_clear(&special);
    read_files(&s, envp);
    lay(c, &general, 1);
    lay(c, &special, 1);
    variable = lookup(envp, "SIGFERRY");
    if (variable) {
        sf_layer_clear(&general);
        read_variable(c, &general, variable);
        lay(c, &general, 1);
    }
}
