/* Modules that are loaded with RTLD_DEEPBIND, as PHP's are: what they call goes through the library all the same, whether it is
 * bound at once (and sealed) or at the first call; but for what they, or the libraries they bring, define themselves. */
/* limit: 60 */
#include "../corner/common.h"
#include <dlfcn.h>
static const char beside[] = "unsigned sleep(unsigned s) { return s + 43; }\n";
static const char source[] =
    "#include <signal.h>\n#include <unistd.h>\n"
    "static int (*volatile by_pointer)(pid_t, int) = kill; int (*const in_table)(int) = raise;\n"
    "int pause(void) { return 42; }\n"
    "int own(void) { return pause() + sleep(7); }\n"
    "int sends(volatile int *n, int times) { int ran = 0;\n"
    " for (int i = 0; i < times; i++) { *n = 0; kill(getpid(), SIGUSR2); by_pointer(getpid(), SIGUSR2); in_table(SIGUSR2); ran += *n; }\n"
    " return ran; }\n"
    "int masks(volatile int *n) { sigset_t s, p; sigemptyset(&s); sigaddset(&s, SIGUSR2); sigprocmask(SIG_BLOCK, &s, 0); *n = 0;\n"
    " kill(getpid(), SIGUSR2); sigpending(&p); int r = *n * 10 + sigismember(&p, SIGUSR2); sigprocmask(SIG_UNBLOCK, &s, 0);\n"
    " return r * 10 + *n; }\n";
static volatile int n;
static void handler(int sig) { n++; }
static void put(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    fputs(text, f);
    fclose(f);
}
static void with(const char *how, const char *command, int flags)
{
    char path[600];
    void *lib;
    int (*sends)(volatile int *, int), (*own)(void), (*masks)(volatile int *);
    if (system(command) != 0)
        SKIP("no compiler");
    snprintf(path, sizeof path, "%s/%s.so", getcwd((char[500]){0}, 500), how);
    lib = dlopen(path, flags | RTLD_DEEPBIND);
    if (!CHECK(lib))
        return;
    sends = (int (*)(volatile int *, int))dlsym(lib, "sends");
    own = (int (*)(void))dlsym(lib, "own");
    masks = (int (*)(volatile int *))dlsym(lib, "masks");
    out("%s: handlers run in time %d, its own functions %d, masks %d\n", how, sends(&n, 100), own(), masks(&n));
}
int main(void)
{
    on(SIGUSR2, handler, SA_RESTART);
    put("beside.c", beside);
    put("lib.c", source);
    if (system("gcc -shared -fPIC -O1 -o beside.so beside.c") != 0)
        SKIP("no compiler");
    with("lazy", "gcc -shared -fPIC -O1 -fplt -Wl,-z,lazy -Wl,-rpath,'$ORIGIN' -o lazy.so lib.c beside.so", RTLD_LAZY);
    with("sealed", "gcc -shared -fPIC -O1 -fplt -Wl,-z,now,-z,relro -Wl,-rpath,'$ORIGIN' -o sealed.so lib.c beside.so", RTLD_NOW);
    with("noplt", "gcc -shared -fPIC -O1 -fno-plt -Wl,-z,relro -Wl,-rpath,'$ORIGIN' -o noplt.so lib.c beside.so", RTLD_LAZY);
    return 0;
}
