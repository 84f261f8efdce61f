/* Handlers in a library that is loaded and unloaded, again and again, under signals: put back before dlclose, by the
 * library's own destructor, and in the parent's place. */
/* limit: 30 */
#include "../corner/common.h"
#include <dlfcn.h>
static volatile int own;
static void handler(int sig) { own++; }
static const char source[] =
    "#include <signal.h>\n"
    "static struct sigaction old; static volatile int n;\n"
    "static void handler(int sig) { n++; if (old.sa_handler > (void (*)(int))1) old.sa_handler(sig); }\n"
    "int count(void) { return n; }\n"
    "__attribute__((constructor)) static void begin(void) { struct sigaction a = {0}; a.sa_handler = handler;"
    " a.sa_flags = SA_RESTART; sigaction(SIGUSR1, &a, &old); }\n"
    "__attribute__((destructor)) static void end(void) { sigaction(SIGUSR1, &old, 0); }\n";
int main(void)
{
    int (*count)(void), bad = 0, total = 0, at;
    char path[600];
    FILE *f = fopen("lib.c", "w");
    fputs(source, f);
    fclose(f);
    if (system("gcc -shared -fPIC -O1 -o lib.so lib.c") != 0)
        SKIP("no compiler");
    snprintf(path, sizeof path, "%s/lib.so", getcwd((char[500]){0}, 500));
    on(SIGUSR1, handler, SA_RESTART);
    pid_t me = getpid(), p = child();
    if (p == 0)
        for (;;) {
            kill(me, SIGUSR1);
            usleep(150);
        }
    for (int k = 0; k < 60; k++) {
        void *lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (!lib || !(count = dlsym(lib, "count"))) {
            bad++;
            break;
        }
        at = count();
        bad += !(k % 2 ? SPIN(count() > at + 2) : AWAIT(count() > at + 2));
        total += count();
        dlclose(lib);
        at = own;
        bad += !AWAIT(own > at);
    }
    kill(p, SIGKILL);
    reap(p);
    out("bad %d handled there %d here %d\n", bad, total > 120, own >= total);
    return 0;
}
