/* Names of signals as data: base/signals.def. Usable in any context (static tables, no locale, no allocation). */
#ifndef SF_BASE_NAMES_H
#define SF_BASE_NAMES_H

/* "SIGHUP", "SIGRTMIN+3" ... into buf (at least 16 bytes); returns buf. Unknown numbers become "SIG123". */
const char *sf_signal_name(int signo, char *buf);

/* "SIGHUP", "HUP", "hup", "1", "SIGRTMIN+3", "RTMAX-2"; -1 if it is none. RTMIN is 34 and RTMAX 64, the
 * kernel's numbers under glibc (the two relay signals are taken off the top by the library). */
int sf_signal_number(const char *text);

#endif
