/* context: handler
 * USDT probes (sys/sdt.h): a no-operation in the code and a note that tells debuggers, bpftrace and perf where it is.
 * `readelf -n build/libsigferry.so` lists them; doc/signals.bt uses them. */
#ifndef SF_ENGINE_PROBE_H
#define SF_ENGINE_PROBE_H

#if __has_include(<sys/sdt.h>)
#include <sys/sdt.h>
#define SF_PROBE3(name, a, b, c) DTRACE_PROBE3(sigferry, name, a, b, c)
#define SF_PROBE4(name, a, b, c, d) DTRACE_PROBE4(sigferry, name, a, b, c, d)
#else
#define SF_PROBE3(name, a, b, c) ((void)(a), (void)(b), (void)(c))
#define SF_PROBE4(name, a, b, c, d) ((void)(a), (void)(b), (void)(c), (void)(d))
#endif

#endif
