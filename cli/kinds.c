/* The words of base/findings.def. */
#include <cli/findings.h>


static const struct kind {
    const char *name, *what, *why, *remedy;
    enum sf_level level;
} kinds[] = {
    { NULL, NULL, NULL, NULL, SF_LEVEL_NOTE },
#define NOTE SF_LEVEL_NOTE
#define WARNING SF_LEVEL_WARNING
#define ERROR SF_LEVEL_ERROR
#define SF_FINDING(id, name, level, what, why, remedy) { name, what, why, remedy, level },
#include <base/findings.def>
#undef SF_FINDING
};
_Static_assert(sizeof kinds / sizeof kinds[0] == SF_KINDS, "as many as base/findings.def has, and none");

const char *sf_kind_name(int kind)
{
    return kind > 0 && kind < SF_KINDS ? kinds[kind].name : NULL;
}

const char *sf_kind_what(int kind)
{
    return kind > 0 && kind < SF_KINDS ? kinds[kind].what : NULL;
}

const char *sf_kind_why(int kind)
{
    return kind > 0 && kind < SF_KINDS ? kinds[kind].why : NULL;
}

const char *sf_kind_remedy(int kind)
{
    return kind > 0 && kind < SF_KINDS ? kinds[kind].remedy : NULL;
}

enum {
    KIND_NONE,
#define SF_FINDING(id, name, level, what, why, remedy) KIND_##id,
#include <base/findings.def>
#undef SF_FINDING
};

int sf_kind_meets(int kind)
{
    return kind == KIND_REENTERED || kind == KIND_HANDLER_CUT || kind == KIND_JUMP_FROM_UNSAFE;
}

enum sf_level sf_found_level(const struct sf_found *f)
{
    return kinds[f->kind].level;
}

const char *sf_level_name(enum sf_level level)
{
    return level == SF_LEVEL_ERROR ? "error" : level == SF_LEVEL_WARNING ? "warning" : "note";
}

const char *sf_verdict_name(int verdict)
{
    return verdict == SF_VERDICT_NATIVE ? "native" : verdict == SF_VERDICT_AVERTED ? "averted" : "potential";
}
