/* flags: -lev */
#include <ev.h>
#include <signal.h>
#include <unistd.h>

static void hup(struct ev_loop *loop, ev_signal *w, int what)
{
    (void)loop, (void)w, (void)what;
    if (write(1, "hup\n", 4) != 4)
        _exit(1);
}

int main(void)
{
    struct ev_loop *loop = ev_default_loop(0);
    ev_signal w;
    ev_signal_init(&w, hup, SIGHUP);
    ev_signal_start(loop, &w);
    if (write(1, "up\n", 3) != 3)
        return 1;
    return ev_run(loop, 0);
}
