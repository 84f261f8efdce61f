/* context: thread (sigferry_observe), handler and runner (the rest)
 *
 * Observers: libsigferry-client reports a signal on a descriptor although the program has a handler for it, and the
 * handler runs as well.
 */
#include "engine/engine.h"
#include "engine/observe.h"

volatile sf_set sf_observed;
static const struct sigferry_observer *volatile observer[SF_NSIG];

__attribute__((visibility("default"))) int sigferry_observe(int signo, const struct sigferry_observer *o)
{
    const struct sigferry_observer *none = NULL;
    if (signo < 1 || signo >= SF_NSIG || (o && o->size < sizeof *o))
        return -EINVAL;
    if (!o) {
        SF_AND(&sf_observed, ~SF_BIT(signo));
        SF_STORE(&observer[signo], NULL); /* a handler that is about to ask finds none, which is no harm */
        return 0;
    }
    if (!__atomic_compare_exchange_n(&observer[signo], &none, o, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) && none != o)
        return -EBUSY;
    SF_OR(&sf_observed, SF_BIT(signo));
    return 0;
}

void sf_observe_arrived(int signo, const siginfo_t *info)
{
    const struct sigferry_observer *o = SF_LOAD(&observer[signo]);
    if (o)
        o->arrived(signo, info);
}

void sf_observe_changed(int signo)
{
    const struct sigferry_observer *o = SF_LOAD(&observer[signo]);
    if (o)
        o->changed(signo);
}

int sf_observe_aimed(int signo, int code, union sigval value)
{
    const struct sigferry_observer *o = SF_LOAD(&observer[signo]);
    siginfo_t info;
    if (!o)
        return 0;
    memset(&info, 0, sizeof info);
    info.si_signo = signo;
    info.si_code = code;
    info.si_pid = sf_process.pid;
    info.si_uid = (uid_t)SF_SYS(SYS_getuid, 0, 0, 0, 0, 0, 0);
    if (code == SI_QUEUE)
        info.si_value = value;
    return o->aimed(signo, &info);
}
