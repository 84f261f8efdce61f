/* Both main and the handler print to one stream. Stdio's lock is recursive: no deadlock, but the handler finds
 * the buffer half changed, and lines are lost, doubled or torn. */
#include "legacy.h"

#define TARGET 300
#define LINE 200

static FILE *out;
static unsigned ticks;

static void on_signal(int signo)
{
    fprintf(out, "tick %u\n", ticks++);
    count_handled();
}

/* Every line that was printed must be there once, whole and in order. */
static const char *check(unsigned lines)
{
    char line[2 * LINE];
    unsigned next_line = 0, next_tick = 0, n;

    rewind(out);
    while (fgets(line, sizeof line, out)) {
        if (sscanf(line, "tick %u", &n) == 1 && n == next_tick && strchr(line, '\n'))
            next_tick++;
        else if (sscanf(line, "line %u", &n) == 1 && n == next_line && strlen(line) == LINE + 1)
            next_line++;
        else
            return "a line is torn, doubled or out of order";
    }
    return next_line == lines && next_tick == ticks ? NULL : "lines are missing";
}

int main(void)
{
    unsigned lines = 0;

    sender_start(SIGUSR1, 100, 100000, STORM);
    out = tmpfile();
    if (!out)
        return 2;
    catch_signal(SIGUSR1, on_signal, SA_RESTART);
    sender_go();
    while (handled() < TARGET)
        fprintf(out, "line %010u %*s\n", lines++, LINE - 16, "x");
    atomic_store(&counters->stop, 1);
    signal(SIGUSR1, SIG_IGN);
    return verdict(check(lines), TARGET);
}
