/* Prints the configuration as the library would see it: config_dump PROGRAM [KEY=VALUE]...
 * Runs with sanitizers under tests/test_config.py. */
#include <base/names.h>
#include <base/text.h>
#include <config/config.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static void print_times(const struct sf_signal_config *s)
{
    char patience[24];
    char limit[24];

    printf("patience=%s limit=%s\n", s->patience_ns < 0 ? "unset" : sf_format_duration(s->patience_ns, patience),
           s->limit_ns < 0                 ? "unset"
           : s->limit_ns == SF_LIMIT_NEVER ? "never"
                                           : sf_format_duration(s->limit_ns, limit));
}

static int names(void)
{
    char buf[16];

    for (int s = 0; s < SF_NSIG + 2; s++) {
        const char *name = sf_signal_name(s, buf);

        printf("%d %s %d\n", s, name, sf_signal_number(name));
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct sf_config c;
    char why[160];

    if (argc < 2)
        return 2;
    if (!strcmp(argv[1], "--names"))
        return names();
    if (!strcmp(argv[1], "--number"))
        return printf("%d\n", sf_signal_number(argv[2])) < 0;
    errno = 77;
    sf_config_load(&c, environ, argv[1], getenv("DUMP_SECURE") != NULL);
    if (errno != 77)
        puts("errno changed");
    for (int i = 2; i < argc; i++) {
        char *value = strchr(argv[i], '=');

        *value++ = 0;
        if (sf_config_set(&c, argv[i], value, why, sizeof why))
            printf("set: %s\n", why);
    }
    if (c.error_count)
        printf("error: %u %s:%d: %s\n", c.error_count, c.first_error.file, c.first_error.line, c.first_error.text);
    if (c.trace || c.records != 32768)
        printf("trace=%d records=%u\n", c.trace, c.records);
    if (c.check || c.slow_ns != 100000000)
        printf("check=%d slow=%lld\n", (int)c.check, (long long)c.slow_ns);
    printf("wakeup=%s guard=%d fault=%d\n", c.wakeup == SF_WAKEUP_AUTO ? "auto" : "off", c.guard, (int)c.fault);
    printf("all route=%s replay=%s ", sf_route_name(c.all.route), sf_replay_name(c.all.replay));
    print_times(&c.all);
    for (int s = 1; s < SF_NSIG; s++) {
        struct sf_signal_config e = sf_config_signal(&c, s);
        char name[16];

        if (memcmp(&e, &c.all, sizeof e) == 0)
            continue;
        printf("%s route=%s replay=%s ", sf_signal_name(s, name), sf_route_name(e.route), sf_replay_name(e.replay));
        print_times(&e);
    }
    return 0;
}
