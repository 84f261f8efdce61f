// A C++ exception leaves guarded calls by way of a stream's callback.
#include <cstdint>
#include <cstdio>
#include <stdexcept>

extern "C" {
#include "tests/guard/probe.h"
}

static unsigned inside;

static ssize_t thrower(void *, char *, size_t)
{
    inside = sigferry_guard->inside != 0;
    throw std::runtime_error("out of the callback");
}

static void use(int way, FILE *f)
{
    char buf[100];
    if (way == 0)
        std::fgets(buf, sizeof buf, f);
    else if (way == 1)
        std::fscanf(f, "%99s", buf); // variadic: two frames of ours
    else
        std::fread(buf, 1, sizeof buf, f);
}

int main()
{
    int wrong = 0;
    for (int way = 0; way < 3; way++) {
        cookie_io_functions_t io = {};
        int caught = 0;
        io.read = thrower;
        FILE *f = fopencookie(nullptr, "r", io);
        try {
            use(way, f);
        } catch (std::exception &) {
            caught = 1;
        }
        if (!caught || inside != 1 || sigferry_guard->inside || sigferry_guard->flags) {
            std::printf("way %d: caught %d, inside %u, after %u\n", way, caught, inside, sigferry_guard->inside);
            wrong++;
        }
    }
    if (!wrong)
        std::puts("ok");
    return wrong;
}
