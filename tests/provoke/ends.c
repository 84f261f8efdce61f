/* SIGTERM ends it: by exit, by _exit, or by a jump to the end, as the argument says. Nobody sends one here. */
#include "tests/check/common.h"

static jmp_buf at_end;
static const char *how;

static void on_term(int signo)
{
    puts("told to end");
    if (!strcmp(how, "exit"))
        exit(7);
    if (!strcmp(how, "jump"))
        longjmp(at_end, 1);
    _exit(7);
}

static void on_usr1(int signo)
{
    handled++;
}

int main(int argc, char **argv)
{
    time_t t = 0;

    setvbuf(stdout, NULL, _IONBF, 0);
    how = argc > 1 ? argv[1] : "exit";
    if (setjmp(at_end))
        return 7;
    catch_signal(SIGTERM, on_term, 0, 0);
    catch_signal(SIGUSR1, on_usr1, SA_RESTART, 0);
    for (int i = 0; i < 5; i++) {
        char *text = malloc(100);
        snprintf(text, 100, "%d", i);
        free(text);
        localtime(&t);
        usleep(1000);
    }
    puts("end");
    return 0;
}
