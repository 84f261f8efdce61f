/* libFuzzer: whatever a configuration file and the variable hold, the result is complete and the message is one line.
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -I. -Iarch/x86_64 -D_GNU_SOURCE -o build/config_fuzz \
 *       tests/fuzz/config_fuzz.c config/[a-z]*.c base/text.c base/names.c -l:libinih.a
 *   build/config_fuzz -max_total_time=60 tests/fuzz/corpus
 *
 * The input up to the first zero byte is the variable SIGFERRY, the rest the file.
 */
#include <base/text.h>
#include <config/config.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(what) \
    do { \
        if (!(what)) { \
            fprintf(stderr, "broken: %s\n", #what); \
            abort(); \
        } \
    } while (0)

static int one_line(const char *text, size_t size)
{
    size_t n = strnlen(text, size);

    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < 32)
            return 0;
    return n < size;
}

static void check_signal(const struct sf_config *c, int signo)
{
    struct sf_signal_config s = sf_config_signal(c, signo);

    REQUIRE(s.route > SF_ROUTE_UNSET && s.route <= SF_ROUTE_DIRECT);
    REQUIRE(s.replay <= SF_REPLAY_NOW);
    REQUIRE(s.patience_ns >= 0 && s.patience_ns <= SF_DURATION_MAX_NS);
    REQUIRE(s.limit_ns >= 0 && (s.limit_ns <= SF_DURATION_MAX_NS || s.limit_ns == SF_LIMIT_NEVER));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sf_config c;
    static int fd = -1;
    static char path[64], variable[70000] = "SIGFERRY=";
    char *envp[] = { path, variable, NULL };
    size_t split = 0;

    if (fd < 0) {
        fd = memfd_create("config", 0);
        snprintf(path, sizeof path, "SIGFERRY_CONFIG=/proc/self/fd/%d", fd);
    }
    while (split < size && data[split])
        split++;
    if (split > sizeof variable - 16)
        return 0;
    memcpy(variable + 9, data, split);
    variable[9 + split] = 0;
    data += split + (split < size);
    size -= split + (split < size);
    if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    sf_config_load(&c, envp, "prog", 0);
    REQUIRE(!c.provoke.on);
    if (sf_provoke_parse(&c.provoke, variable + 9) == 0)
        REQUIRE(c.provoke.on && memchr(c.provoke.function, 0, sizeof c.provoke.function));
    REQUIRE(!c.error_count == !c.first_error.text[0]);
    REQUIRE(!c.error_count == !c.first_error.file[0]);
    REQUIRE(one_line(c.first_error.text, sizeof c.first_error.text));
    REQUIRE(c.wakeup == SF_WAKEUP_AUTO || c.wakeup == SF_WAKEUP_OFF);
    REQUIRE(c.guard == 0 || c.guard == 1);
    for (int s = 0; s < SF_NSIG; s++)
        check_signal(&c, s);
    return 0;
}
