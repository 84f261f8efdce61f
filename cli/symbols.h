/* Names of a live process's functions, by elfutils: nothing is looked up in the process itself. */
#ifndef SF_CLI_SYMBOLS_H
#define SF_CLI_SYMBOLS_H

#include <stdint.h>
#include <sys/types.h>

struct sf_symbols;

/* NULL where its modules cannot be listed; names are then bare addresses. */
struct sf_symbols *sf_symbols_open(pid_t pid);
void sf_symbols_close(struct sf_symbols *s);

/* "on_hup (daemon)", or "daemon+0x1139" without a symbol, or "0x55d0c0de". `s` may be NULL. Returns `buf`. */
const char *sf_symbol(struct sf_symbols *s, uint64_t address, char *buf, unsigned size);

#endif
