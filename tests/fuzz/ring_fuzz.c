/* libFuzzer: whatever stands in a ring's file, the reader and all formats come to an end and stay within their memory.
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -I. -Iarch/x86_64 -D_GNU_SOURCE -DSF_VERSION='"fuzz"' -o build/ring_fuzz \
 *       tests/fuzz/ring_fuzz.c (the files that tests/test_trace_fuzz.py lists) -ldw -lelf
 *   build/ring_fuzz -max_total_time=60 tests/fuzz/rings
 *
 * A file has five megabytes, mostly zeros: the input is a list of changes to a sound one, each a 32-bit place (of the head's
 * first pages, of the tables, or of the ring), an 8-bit length and so many bytes. If its first byte is odd, the file is the
 * rest of the input itself.
 */
#include <cli/hist.h>
#include <cli/naming.h>
#include <cli/writer.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORDS = 1024, WRITTEN = 48 };

static const struct sf_writer_format *const formats[] = { &sf_writer_text, &sf_writer_json, &sf_writer_chrome, &sf_writer_ctf };

static void put(int fd, uint64_t at, const void *from, size_t size)
{
    if (pwrite(fd, from, size, (off_t)at) < 0)
        abort();
}

/* A sound file with one record of each kind. */
static int make_sound(void)
{
    static struct sf_status s;
    int fd = memfd_create("ring", 0);

    if (fd < 0 || ftruncate(fd, sizeof s + RECORDS * sizeof(struct sf_record)))
        abort();
    memcpy(s.magic, SF_FORMAT_MAGIC, sizeof s.magic);
    s.version = SF_FORMAT_VERSION;
    s.size = sizeof s;
    s.record_size = sizeof(struct sf_record);
    s.records = RECORDS;
    s.in_file = 1;
    s.pid = 1 << 30;
    s.next = WRITTEN;
    memcpy(s.comm, "fuzz", 5);
    put(fd, 0, &s, offsetof(struct sf_status, module));
    for (uint64_t n = 0; n < WRITTEN; n++) {
        struct sf_record r = { .seq = 2 * n + 2, .time_ns = n, .tid = 5, .event = (uint8_t)(n % SF_EV_END_OF_LIST), .signo = (uint8_t)n };
        put(fd, sizeof s + n * sizeof r, &r, sizeof r);
    }
    return fd;
}

/* Places are folded to where something stands. */
static void change(int fd, const uint8_t *data, size_t size)
{
    static const uint64_t base[] = { 0, offsetof(struct sf_status, next), offsetof(struct sf_status, module),
                                     offsetof(struct sf_status, stat) + SF_STATS_HANDLERS * sizeof(struct sf_stat),
                                     offsetof(struct sf_status, finding), sizeof(struct sf_status), sizeof(struct sf_status),
                                     sizeof(struct sf_status) };

    while (size > 5) {
        uint32_t at;
        size_t n = data[4];

        memcpy(&at, data, sizeof at);
        data += 5;
        size -= 5;
        n = n < size ? n : size;
        put(fd, base[at >> 29] + at % 4096, data, n);
        data += n;
        size -= n;
    }
}

static void show(struct sf_ring *ring, const struct sf_writer_format *format, FILE *out)
{
    struct sf_traced t = { .ring = *ring };
    struct sf_writer w = { .format = format, .out = out, .path = "ctf" }; /* in the working directory */
    struct sf_sender_name name = { .pid = 3, .comm = "x" };
    struct sf_record batch[64];
    long n, rounds = 0;

    t.ring.next = 0;
    if (format->begin && format->begin(&w))
        abort();
    while ((n = sf_ring_read(&t.ring, batch, 64, 1, 0)) > 0 && rounds++ < RECORDS)
        for (long i = 0; i < n; i++) {
            struct sf_happening h = { .process = &t, .record = &batch[i], .sender = i & 1 ? &name : NULL, .real_ns = i };
            format->event(&w, &h);
        }
    if (format->end)
        format->end(&w);
    if (format->directory)
        fclose(w.out);
    sf_naming_end(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *out;
    struct sf_ring ring;
    int fd, err;

    if (!out)
        out = fopen("/dev/null", "we");
    if (!size)
        return 0;
    if (data[0] & 1) {
        fd = memfd_create("ring", 0);
        put(fd, 0, data + 1, size - 1);
    } else {
        fd = make_sound();
        change(fd, data + 1, size - 1);
    }
    err = sf_ring_open_fd(fd, "ring", &ring);
    if (!err) {
        for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
            show(&ring, formats[i], out);
        if (!sf_ring_whole(&ring))
            for (int i = 0; i < SF_STATS; i++)
                if (sf_hist_quantile(&ring.status->stat[i].wait, 0.99) > UINT64_MAX / 2 && ring.status->stat[i].wait.max_ns < 1000)
                    abort();
    }
    sf_ring_close(&ring);
    rewind(out);
    return 0;
}
