/* libFuzzer: whatever stands in a file of suppressions, or among the findings and modules of a ring, check --read comes to an
 * end, in all formats.
 *
 * The first byte says which: even, the rest is a file of suppressions, laid over one sound finding. Odd, the rest changes a
 * sound ring: pairs of a 16-bit place within the first finding, or (highest bit set) within the first modules, and a byte.
 */
#include <cli/cli.h>
#include <cli/report.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char ring_path[64], text_path[64];
static int ring, text; /* descriptors */
static FILE *nowhere;
static struct sf_status *sound;

enum { MODULES = 4 };

/* A ring as this very process would leave it. */
static void make_sound(void)
{
    struct sf_finding *f;
    struct sf_module *m;

    sound = aligned_alloc(SF_PAGE, sizeof *sound);
    if (!sound)
        abort();
    memset(sound, 0, sizeof *sound);
    f = &sound->finding[0];
    m = &sound->module[0];
    memcpy(sound->magic, SF_FORMAT_MAGIC, sizeof sound->magic);
    sound->version = SF_FORMAT_VERSION;
    sound->size = sizeof *sound;
    sound->pid = 1 << 30;
    f->head.state = 2;
    f->head.kind = 1;
    f->head.signo = 14;
    f->head.count = 1;
    f->head.fd = -1;
    f->head.handler = (uint64_t)(uintptr_t)make_sound;
    f->head.called_pc = f->head.handler + 9;
    memcpy(f->head.called, "malloc", 7);
    f->handler_stack.regs = 17;
    f->handler_stack.reg[16] = f->head.handler + 4;
    f->handler_stack.reg[7] = f->handler_stack.raw_at = 0x7ffff000;
    f->handler_stack.raw_size = 512;
    f->inside_stack = f->handler_stack;
    m->begin = f->head.handler & ~(uint64_t)0xffffff;
    m->end = m->begin + 0x2000000;
    readlink("/proc/self/exe", m->path, sizeof m->path - 1);
}

static void begin(void)
{
    snprintf(ring_path, sizeof ring_path, "fuzz-%d.ring", (int)getpid());
    ring = open(ring_path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    text = memfd_create("text", 0);
    snprintf(text_path, sizeof text_path, "/proc/self/fd/%d", text);
    nowhere = fopen("/dev/null", "w");
    make_sound();
    if (!nowhere || ring < 0 || text < 0 || pwrite(ring, sound, sizeof *sound, 0) != (ssize_t)sizeof *sound)
        abort();
}

static void report(const struct sf_suppressions *s)
{
    struct sf_findings all = { NULL, 0, 0, 0, 0 };
    struct sf_report r = { &all, NULL, 0, 1, 0, 1 };

    sf_findings_read(&all, ring_path);
    if (s)
        sf_suppress(s, &all);
    sf_findings_sort(&all);
    sf_report_text(&r, nowhere);
    sf_report_json(&r, nowhere);
    sf_report_sarif(&r, nowhere);
    sf_findings_free(&all);
}

/* Only the parts that change. */
static void write_parts(const struct sf_finding *f, const struct sf_module *m)
{
    if (pwrite(ring, f, sizeof *f, (off_t)offsetof(struct sf_status, finding)) < 0 ||
        pwrite(ring, m, MODULES * sizeof *m, (off_t)offsetof(struct sf_status, module)) < 0)
        abort();
}

static void change(const uint8_t *data, size_t size)
{
    static struct sf_module m[MODULES];
    static struct sf_finding f;

    f = sound->finding[0];
    memcpy(m, sound->module, sizeof m);
    for (size_t i = 0; i + 2 < size; i += 3) {
        unsigned place = (unsigned)(data[i] | data[i + 1] << 8);

        if (place & 0x8000)
            ((uint8_t *)m)[(place & 0x7fff) % sizeof m] = data[i + 2];
        else
            ((uint8_t *)&f)[place % sizeof f] = data[i + 2];
    }
    write_parts(&f, m);
    report(NULL);
    write_parts(&sound->finding[0], sound->module);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sf_suppressions *s = NULL;

    if (!sound)
        begin();
    if (!size)
        return 0;
    if (data[0] % 2) {
        change(data + 1, size - 1);
        return 0;
    }
    if (ftruncate(text, 0) || pwrite(text, data + 1, size - 1, 0) != (ssize_t)size - 1)
        abort();
    if (sf_suppressions_read(&s, text_path) == 0)
        report(s);
    sf_suppressions_free(s);
    return 0;
}
