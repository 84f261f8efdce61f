/* Part 3: SIGHUP means "read the configuration again". The handler frees the list that the main loop walks. */
#include <poll.h>

#include "demo.h"

#define SIGNALS 100
#define ENTRIES 500

struct entry {
    struct entry *next;
    int weight;
};

static struct entry *list;

static void load(void)
{
    for (int i = 0; i < ENTRIES; i++) {
        struct entry *e = malloc(sizeof *e);
        if (!e)
            _exit(2);
        *e = (struct entry){ list, 1 };
        list = e;
    }
}

static void on_hangup(int signo)
{
    while (list) {
        struct entry *e = list;
        list = e->next;
        memset(e, 0x5a, sizeof *e); /* as a debugging allocator marks what is free */
        free(e);
    }
    load();
    atomic_fetch_add(handled, 1);
}

int main(void)
{
    atomic_int *gate;

    load();
    operator_start(SIGHUP, SIGNALS, &gate);
    catch_signal(SIGHUP, on_hangup);
    atomic_store(gate, 1);
    while (atomic_load(handled) < SIGNALS) {
        for (int pass = 0; pass < 40; pass++) {
            int sum = 0;
            for (struct entry *e = list; e; e = e->next)
                sum += e->weight;
            if (sum != ENTRIES) {
                fprintf(stderr, "the list has fallen apart\n");
                return 1;
            }
        }
        poll(NULL, 0, 0); /* is there a request? */
    }
    printf("%u\n", atomic_load(handled));
    return 0;
}
