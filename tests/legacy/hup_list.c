/* A daemon that reloads its configuration in the SIGHUP handler, which frees the list that the main loop walks.
 * No library can see that list: what keeps it whole is that the handler waits for the loop's next call that
 * may block, here poll(). */
#include <poll.h>

#include "legacy.h"

#define TARGET 60
#define NODES 400

struct node {
    struct node *next;
    unsigned value;
};

static struct node *list;

static void load(void)
{
    for (unsigned i = 0; i < NODES; i++) {
        struct node *n = malloc(sizeof *n);
        if (!n)
            _exit(2);
        n->next = list;
        n->value = 7;
        list = n;
    }
}

static void on_hup(int signo)
{
    while (list) {
        struct node *n = list;
        list = n->next;
        memset(n, 0x5a, sizeof *n); /* a debug allocator's habit: whoever still holds the node notices */
        free(n);
    }
    load();
    count_handled();
}

int main(void)
{
    const char *broken = NULL;

    sender_start(SIGHUP, 500, 100000, ACKED);
    load();
    catch_signal(SIGHUP, on_hup, SA_RESTART);
    sender_go();
    while (!broken && handled() < TARGET) {
        for (int pass = 0; pass < 50; pass++) {
            unsigned sum = 0;
            for (struct node *n = list; n; n = n->next)
                sum += n->value;
            if (sum != 7 * NODES)
                broken = "the list changed under the walker";
        }
        poll(NULL, 0, 0);
    }
    return verdict(broken, TARGET);
}
