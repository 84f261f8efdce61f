/* finds: unsafe-call called=strtok handler=on_alarm signal=SIGALRM */
#include "common.h"

static volatile char word;

static void on_alarm(int signo)
{
#ifdef CLEAN
    char text[] = "a b", *rest;
    word = *strtok_r(text, " ", &rest);
#else
    char text[] = "a b";
    word = *strtok(text, " ");
#endif
    handled = 1;
}

int main(void)
{
    catch_signal(SIGALRM, on_alarm, SA_RESTART, 0);
    later(SIGALRM, 1000, 0);
    wait_until(&handled, 1);
    return 0;
}
