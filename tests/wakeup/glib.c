/* flags: pkg-config=glib-2.0 */
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

static gboolean hup(gpointer data)
{
    (void)data;
    if (write(1, "hup\n", 4) != 4)
        _exit(1);
    return G_SOURCE_CONTINUE;
}

int main(void)
{
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    g_unix_signal_add(SIGHUP, hup, NULL);
    if (write(1, "up\n", 3) != 3)
        return 1;
    g_main_loop_run(loop);
    return 0;
}
