/* Functions of a traced process, by address: looked up once, then remembered. */
#ifndef SF_CLI_NAMING_H
#define SF_CLI_NAMING_H

#include <cli/places.h>
#include <cli/session.h>

/* Look at what is mapped now: where a process was not traced from its beginning, and has ended by the time that a name is
 * wanted, nobody could tell. */
void sf_naming_begin(struct sf_traced *t);

/* `caller`: the address is one to return to. Never NULL; without a symbol or an object where these are not known. Valid
 * until the next call. */
const struct sf_place *sf_naming_find(struct sf_traced *t, uint64_t address, int caller);

/* "on_hup (daemon)", "daemon+0x1139" without a symbol, "0x55d0c0de" without an object; "default" and "ignored" for the
 * two that are no addresses. Valid until the next call. */
const char *sf_naming_text(struct sf_traced *t, uint64_t address, int caller);

void sf_naming_end(struct sf_traced *t);

#endif
