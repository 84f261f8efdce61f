/* finds: unsafe-call called=opendir handler=on_alarm signal=SIGALRM */
#include "common.h"
#include <dirent.h>

static void on_alarm(int signo)
{
#ifdef CLEAN
    close(open("/", O_RDONLY));
#else
    DIR *d = opendir("/");
    if (d)
        closedir(d);
#endif
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
