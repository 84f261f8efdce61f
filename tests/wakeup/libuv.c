/* flags: -luv */
#include <signal.h>
#include <unistd.h>
#include <uv.h>

static void hup(uv_signal_t *handle, int signo)
{
    (void)handle, (void)signo;
    if (write(1, "hup\n", 4) != 4)
        _exit(1);
}

int main(void)
{
    uv_signal_t handle;
    uv_signal_init(uv_default_loop(), &handle);
    uv_signal_start(&handle, hup, SIGHUP);
    if (write(1, "up\n", 3) != 3)
        return 1;
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
