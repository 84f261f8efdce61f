/* context: setup
 *
 * What inih refers to and never calls here: we feed it line by line (config/file.c), with its buffer on the stack. Defined in
 * the library, hidden, they are not looked up in every process; and nothing in it gets at the program's heap by mistake.
 */
#include <stdio.h>
#include <stdlib.h>

void *malloc(size_t size)
{
    return NULL;
}

void *realloc(void *p, size_t size)
{
    return NULL;
}

void free(void *p)
{
}

FILE *fopen64(const char *path, const char *mode)
{
    return NULL;
}

int fclose(FILE *f)
{
    return EOF;
}

char *fgets(char *to, int size, FILE *f)
{
    return NULL;
}
