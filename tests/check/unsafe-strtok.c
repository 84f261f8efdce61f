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
    return one_alarm(on_alarm);
}
