/* Case 30: a signal at a prompt in fgets, getline, scanf, getchar, on a pipe: promptly handled; with SA_RESTART the
 * line is read on, without it stdio reports the error. */
#include "common.h"
static volatile int *hits;
static void handler(int sig) { ++*hits; }
static long ask(int how, FILE *f)
{
    char line[64] = "", *l = NULL;
    size_t n = 0;
    int v = 0, r;
    switch (how) {
    case 0: return fgets(line, sizeof line, f) ? (long)strlen(line) : -1;
    case 1: r = (int)getline(&l, &n, f); free(l); return r;
    case 2: r = fscanf(f, "%d", &v); return r == 1 ? v : -1;
    case 3: r = getc(f); return r;
    default: r = (int)fread(line, 1, 3, f); return r;
    }
}
int main(void)
{
    hits = shared(4096);
    for (int how = 0; how < 5; how++)
        for (int flags = 0; flags < 2; flags++) {
            int p[2];
            CHECK(pipe(p) == 0);
            FILE *f = fdopen(p[0], "r");
            *hits = 0;
            on(SIGINT, handler, flags ? SA_RESTART : 0);
            pid_t me = getpid(), tid = gettid_(), k = child();
            if (k == 0) {
                if (!asleep(me, tid) || kill(me, SIGINT) || !AWAIT(*hits))
                    _exit(1);
                if (flags && write(p[1], "42\n", 3) != 3)
                    _exit(2);
                _exit(0);
            }
            errno = 0;
            close(p[1]); /* the child holds the other end; it stays open until it has written */
            long r = ask(how, f);
            int e = errno;
            out("%d %s: %ld %s error %d hits %d\n", how, flags ? "restart" : "plain", r, r < 0 && !flags ? strerrorname_np(e) : "-", !!ferror(f), *hits);
            CHECK(reap(k) == 0);
            fclose(f);
        }
    return 0;
}
