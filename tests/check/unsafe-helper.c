/* finds: unsafe-call called=fprintf handler=on_alarm signal=SIGALRM */
/* The call stands three functions below the handler. */
#include "common.h"

static __attribute__((noinline)) void write_line(const char *text)
{
    IF_DEFECT(fprintf(stderr, "%s\n", text), say(text));
}

static __attribute__((noinline)) void log_event(int signo)
{
    write_line(signo == SIGALRM ? "alarm" : "other");
}

static void on_alarm(int signo)
{
    log_event(signo);
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
