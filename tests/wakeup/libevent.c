/* flags: -levent_core */
#include <event2/event.h>
#include <signal.h>
#include <unistd.h>

static void hup(evutil_socket_t signo, short what, void *arg)
{
    (void)signo, (void)what, (void)arg;
    if (write(1, "hup\n", 4) != 4)
        _exit(1);
}

int main(void)
{
    struct event_base *base = event_base_new();
    struct event *e = evsignal_new(base, SIGHUP, hup, NULL);
    event_add(e, NULL);
    if (write(1, "up\n", 3) != 3)
        return 1;
    return event_base_dispatch(base);
}
