#include <cli/put.h>

#include <time.h>

void sf_put_digits(FILE *out, uint64_t number, int least)
{
    char digits[20];
    int n = 0;

    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    for (; least > n; least--)
        sf_put_char(out, '0');
    while (n)
        sf_put_char(out, digits[--n]);
}

void sf_put_number(FILE *out, int64_t number)
{
    if (number < 0)
        sf_put_char(out, '-');
    sf_put_digits(out, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 1);
}

void sf_put_hex(FILE *out, uint64_t number)
{
    int shift = 60;

    sf_put(out, "0x");
    while (shift && !(number >> shift))
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        sf_put_char(out, "0123456789abcdef"[(number >> shift) & 15]);
}

/* But for the last part it is the same for a whole second. */
void sf_put_time(FILE *out, int64_t real_ns)
{
    static time_t known = -1;
    static char text[16];
    time_t seconds = (time_t)(real_ns / 1000000000);
    struct tm tm;

    if (seconds != known) {
        localtime_r(&seconds, &tm);
        strftime(text, sizeof text, "%H:%M:%S.", &tm);
        known = seconds;
    }
    sf_put(out, text);
    sf_put_digits(out, (uint64_t)(real_ns % 1000000000 / 1000), 6);
}
