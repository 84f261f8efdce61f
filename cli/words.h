/* Words for what stands in a record as a number. */
#ifndef SF_CLI_WORDS_H
#define SF_CLI_WORDS_H

#include <stdint.h>
#include <trace/format.h>

const char *sf_word_event(unsigned event);   /* "arrive" ...; "unknown" */
int sf_event_number(const char *word);       /* -1: there is none */
const char *sf_word_sender(unsigned class);  /* enum sf_sender: "kernel", "timer", "child", ... */
const char *sf_word_why(unsigned why);       /* enum sf_why: "blocked", ... */
const char *sf_word_at(unsigned at);         /* enum sf_counter of a kind of point: "point", ... */
const char *sf_word_send(unsigned kind);     /* enum sf_send: "kill", ... */
const char *sf_word_family(unsigned family); /* of functions: "alloc", ...; "" none that is known */
const char *sf_word_mode(unsigned mode);
const char *sf_word_event_payload(unsigned event); /* the union's member that is filled */

/* These fill `buf` where there is no name, and return it or the name. */
const char *sf_word_code(int signo, int code, char *buf, unsigned size); /* "SI_USER" */
const char *sf_word_error(int error, char *buf, unsigned size);          /* "EINTR"; "0" */
const char *sf_word_call(int number, char *buf, unsigned size);          /* "read" */
const char *sf_word_flags(uint32_t flags, char *buf, unsigned size);     /* "SA_RESTART|SA_SIGINFO"; "0" */
const char *sf_word_set(uint64_t set, char *buf, unsigned size);         /* "[HUP INT]", "~[USR1]" */
const char *sf_word_time(uint64_t ns, char *buf, unsigned size);         /* "3.4us" */

/* The class of a signal's sender, from a `signal` payload of process `pid`: enum sf_sender. */
unsigned sf_sender_of(const struct sf_record *r, int pid);

#endif
