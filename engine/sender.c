/* context: handler (asking), listener (answering)
 *
 * Who was that? A sender is often gone a millisecond after it sent, so its name is taken at arrival. Only the listener
 * may open files (its descriptors are its own): a thread that a signal was delivered to directly asks it to.
 */
#include <fcntl.h>

#include "base/text.h"
#include "engine/event.h"

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

/* /proc/PID/NAME into text, zero bytes as blanks. Its length, 0 if it is gone. */
static unsigned read_file(int pid, const char *name, char *text, unsigned size)
{
    char path[48];
    struct sf_text line;
    long fd, n;
    sf_text_start(&line, path, sizeof path);
    sf_text_add(&line, "/proc/");
    sf_text_number(&line, pid);
    sf_text_add(&line, name);
    fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    n = sys_read((int)fd, text, size);
    sys_close((int)fd);
    while (n > 0 && (text[n - 1] == 0 || text[n - 1] == '\n'))
        n--;
    for (long i = 0; i < n; i++)
        if (!text[i])
            text[i] = ' ';
    return n > 0 ? (unsigned)n : 0;
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
    char text[4 * PIECE];
    unsigned n = read_file(pid, "/comm", text, PIECE);
    if (!n) {
        put(SF_EV_COMM, pid, SF_SENDER_GONE, "", 0);
        return;
    }
    put(SF_EV_COMM, pid, 0, text, n);
    n = read_file(pid, "/cmdline", text, sizeof text);
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
