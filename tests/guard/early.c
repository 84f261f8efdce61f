/* A library whose constructor runs before the guard library's would, and uses guarded functions at once. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

char early_text[64];

__attribute__((constructor)) static void early(void)
{
    char *p = malloc(10);
    time_t t = 0;
    struct tm tm;
    p = realloc(p, 1000);
    free(p);
    FILE *f = fopen("/dev/null", "w");
    fprintf(f, "%d", 1);
    fclose(f);
    gmtime_r(&t, &tm);
    snprintf(early_text, sizeof early_text, "%d", tm.tm_year);
}
