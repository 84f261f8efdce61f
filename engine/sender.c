/* context: handler (asking), listener (answering)
 *
 * Who was that? A sender is often gone a millisecond after it sent, so its name is taken at arrival. Only the listener
 * may open files (its descriptors are its own): a thread that a signal was delivered to directly asks it to.
 */
#include "engine/event.h"
#include "engine/task.h"

#define KNOWN 64
#define KNOWN_MS 100 /* process numbers are not used again so soon */

static struct {
    volatile int pid;
    volatile uint32_t ms;
} known[KNOWN];
static volatile int asked[16];

/* Has it been asked a moment ago? If not, it is so now. */
static int is_known(int pid, uint64_t now_ns)
{
    uint32_t now = (uint32_t)(now_ns / 1000000);
    unsigned i = (unsigned)pid % KNOWN;
    if (known[i].pid == pid && now - known[i].ms < KNOWN_MS)
        return 1;
    known[i].pid = pid;
    known[i].ms = now;
    return 0;
}

void sf_sender_ask(int pid, uint64_t now, int listener)
{
    if (pid <= 0 || pid == sf_process.pid || is_known(pid, now))
        return;
    for (unsigned i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        int none = 0;
        if (asked[i] == 0 && __atomic_compare_exchange_n(&asked[i], &none, pid, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
            break;
    }
    if (!listener)
        sf_listener_poke();
}

/* /proc/PID/NAME in one line, zero bytes as blanks. Its length, 0 if it is gone. */
static unsigned read_line(int pid, const char *name, char *text, unsigned size)
{
    long n = sf_task_of_process(pid, name, text, size);
    while (n > 0 && (text[n - 1] == 0 || text[n - 1] == '\n'))
        n--;
    for (long i = 0; i < n; i++)
        if (!text[i])
            text[i] = ' ';
    return (unsigned)n;
}

static void put(enum sf_event event, int pid, uint32_t piece, const char *text, unsigned n)
{
    struct sf_record *r = sf_record_open(event, 0, 0, sf_now());
    if (!r)
        return;
    r->text.pid = pid;
    r->text.piece = piece;
    memset(r->text.text, 0, sizeof r->text.text);
    memcpy(r->text.text, text, n < sizeof r->text.text ? n : sizeof r->text.text);
    sf_record_close(r);
}

static void look_up(int pid)
{
    enum { PIECE = sizeof ((struct sf_record *)0)->text.text };
    char text[4 * PIECE + 1];
    unsigned n = read_line(pid, "/comm", text, PIECE + 1);
    if (!n) {
        put(SF_EV_COMM, pid, SF_SENDER_GONE, "", 0);
        return;
    }
    put(SF_EV_COMM, pid, 0, text, n);
    n = read_line(pid, "/cmdline", text, sizeof text);
    for (unsigned at = 0; at < n; at += PIECE)
        put(SF_EV_CMDLINE, pid, at / PIECE, text + at, n - at < PIECE ? n - at : PIECE);
}

void sf_sender_answer(void)
{
    for (unsigned i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        int pid = __atomic_exchange_n(&asked[i], 0, __ATOMIC_ACQUIRE);
        if (pid && sf_tracing())
            look_up(pid);
    }
}
