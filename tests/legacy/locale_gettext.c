/* The handler looks up a translated message and switches the locale for it; so does main. The locale's lock is
 * held while the tables change. */
#include <libintl.h>
#include <locale.h>

#include "legacy.h"

#define TARGET 300

static void on_signal(int signo)
{
    char text[64];

    setlocale(LC_ALL, "C.UTF-8");
    snprintf(text, sizeof text, "%s", gettext("reloaded"));
    setlocale(LC_ALL, "C");
    count_handled();
}

int main(void)
{
    const char *broken = NULL;

    sender_start(SIGUSR1, 100, 100000, STORM);
    bindtextdomain("legacy", "/nonexistent");
    textdomain("legacy");
    catch_signal(SIGUSR1, on_signal, SA_RESTART);
    sender_go();
    while (!broken && handled() < TARGET) {
        setlocale(LC_ALL, "C.UTF-8");
        if (strcmp(gettext("ready"), "ready") != 0)
            broken = "a message is wrong";
        setlocale(LC_ALL, "C");
    }
    return verdict(broken, TARGET);
}
