/* Stands in for libsigferry.so where the command alone is tested: it has the record, and does nothing. */
#include <trace/format.h>
#include <unistd.h>

struct sf_status sigferry_status = { .magic = SF_FORMAT_MAGIC };

#ifndef VERSION
#define VERSION SF_FORMAT_VERSION
#endif

__attribute__((constructor)) static void begin(void)
{
    sigferry_status.version = VERSION;
    sigferry_status.size = sizeof sigferry_status;
    sigferry_status.pid = getpid();
    for (int s = 0; s < 65; s++)
        sigferry_status.row[s].wakeup_fd = -1;
}
