/* The part of the Python package that must be C: signalfd(2), masks as numbers, the functions of sigferry.h, and where
 * the fields of a ring lie. Limited API: one file for CPython 3.9 and all later ones. Signals travel as the 128 bytes
 * of a struct signalfd_siginfo, whether the kernel made them or we. */
#define Py_LIMITED_API 0x03090000
#include <Python.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/signalfd.h>

#include "include/sigferry.h"
#include "trace/format.h"

static void set_of(unsigned long long bits, sigset_t *set)
{
    memset(set, 0, sizeof *set);
    memcpy(set, &bits, sizeof bits);
}

static PyObject *number(int r)
{
    return r < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(r);
}

static PyObject *py_signalfd(PyObject *self, PyObject *args)
{
    unsigned long long mask;
    int fd, flags;
    sigset_t set;
    (void)self;
    if (!PyArg_ParseTuple(args, "iKi", &fd, &mask, &flags))
        return NULL;
    set_of(mask, &set);
    return number(signalfd(fd, &set, flags));
}

static PyObject *py_sigprocmask(PyObject *self, PyObject *args)
{
    unsigned long long mask, was;
    sigset_t set, old;
    int how;
    (void)self;
    if (!PyArg_ParseTuple(args, "iK", &how, &mask))
        return NULL;
    set_of(mask, &set);
    errno = pthread_sigmask(how, &set, &old);
    if (errno)
        return PyErr_SetFromErrno(PyExc_OSError);
    if (PyErr_CheckSignals() < 0)
        return NULL;
    memcpy(&was, &old, sizeof was);
    return PyLong_FromUnsignedLongLong(was);
}

static PyObject *py_sigpending(PyObject *self, PyObject *unused)
{
    unsigned long long bits;
    sigset_t set;
    (void)self, (void)unused;
    if (sigpending(&set) < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    memcpy(&bits, &set, sizeof bits);
    return PyLong_FromUnsignedLongLong(bits);
}

/* As the kernel does it for a signalfd: which fields there are follows from the number and the code. */
static void convert(const siginfo_t *from, struct signalfd_siginfo *to)
{
    int signo = from->si_signo, code = from->si_code, sent = code <= 0 || code >= SI_KERNEL;
    memset(to, 0, sizeof *to);
    to->ssi_signo = (uint32_t)signo;
    to->ssi_errno = from->si_errno;
    to->ssi_code = code;
    if (code == SI_TIMER) {
        to->ssi_tid = (uint32_t)from->si_timerid;
        to->ssi_overrun = (uint32_t)from->si_overrun;
    } else if (code == SI_SIGIO || (signo == SIGPOLL && !sent)) {
        to->ssi_band = (uint32_t)from->si_band;
        to->ssi_fd = from->si_fd;
        return;
    } else if (!sent && signo == SIGSYS) {
        to->ssi_call_addr = (uint64_t)(uintptr_t)from->si_call_addr;
        to->ssi_syscall = from->si_syscall;
        to->ssi_arch = from->si_arch;
        return;
    } else if (!sent && (signo == SIGSEGV || signo == SIGBUS || signo == SIGFPE || signo == SIGILL || signo == SIGTRAP)) {
        to->ssi_addr = (uint64_t)(uintptr_t)from->si_addr;
        if (signo == SIGBUS)
            to->ssi_addr_lsb = (uint16_t)from->si_addr_lsb;
        return;
    } else {
        to->ssi_pid = (uint32_t)from->si_pid;
        to->ssi_uid = from->si_uid;
    }
    if (!sent && signo == SIGCHLD) {
        to->ssi_status = from->si_status;
        to->ssi_utime = (uint64_t)from->si_utime;
        to->ssi_stime = (uint64_t)from->si_stime;
    } else if (code < 0 && code != SI_TKILL) {
        to->ssi_int = from->si_int;
        to->ssi_ptr = (uint64_t)(uintptr_t)from->si_ptr;
    }
}

static PyObject *py_pipe_init(PyObject *self, PyObject *args)
{
    int flags;
    (void)self;
    return PyArg_ParseTuple(args, "i", &flags) ? number(sigferry_pipe_init(flags)) : NULL;
}

static PyObject *py_pipe_fd(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    return number(sigferry_pipe_fd());
}

static PyObject *py_pipe_trap(PyObject *self, PyObject *args)
{
    int signo;
    (void)self;
    return PyArg_ParseTuple(args, "i", &signo) ? number(sigferry_pipe_trap(signo)) : NULL;
}

static PyObject *py_pipe_untrap(PyObject *self, PyObject *args)
{
    PyObject *r;
    int signo;
    (void)self;
    if (!PyArg_ParseTuple(args, "i", &signo))
        return NULL;
    r = number(sigferry_pipe_untrap(signo));
    if (r && PyErr_CheckSignals() < 0) { /* what was not read has just run its handler */
        Py_DecRef(r);
        return NULL;
    }
    return r;
}

static PyObject *py_pipe_read(PyObject *self, PyObject *unused)
{
    struct signalfd_siginfo info;
    siginfo_t raw;
    int r;
    (void)self, (void)unused;
    memset(&raw, 0, sizeof raw);
    r = sigferry_pipe_read_info(&raw);
    if (r < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    if (r == 0)
        Py_RETURN_NONE;
    convert(&raw, &info);
    return PyBytes_FromStringAndSize((const char *)&info, sizeof info);
}

static PyObject *py_pipe_finish(PyObject *self, PyObject *unused)
{
    PyObject *r = number(sigferry_pipe_finish());
    (void)self, (void)unused;
    if (r && PyErr_CheckSignals() < 0) {
        Py_DecRef(r);
        return NULL;
    }
    return r;
}

static PyObject *py_ferried(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    return PyBool_FromLong(sigferry_ferried());
}

static PyMethodDef methods[] = {
    {"signalfd", py_signalfd, METH_VARARGS, "signalfd(fd, mask, flags) -> fd; the mask is a number, bit signo-1."},
    {"sigprocmask", py_sigprocmask, METH_VARARGS, "sigprocmask(how, mask) -> mask before; of the calling thread."},
    {"sigpending", py_sigpending, METH_NOARGS, "sigpending() -> mask of what is pending and blocked."},
    {"pipe_init", py_pipe_init, METH_VARARGS, "pipe_init(flags) -> fd"},
    {"pipe_fd", py_pipe_fd, METH_NOARGS, "pipe_fd() -> fd"},
    {"pipe_trap", py_pipe_trap, METH_VARARGS, "pipe_trap(signo) -> 0"},
    {"pipe_untrap", py_pipe_untrap, METH_VARARGS, "pipe_untrap(signo) -> 0"},
    {"pipe_read", py_pipe_read, METH_NOARGS, "pipe_read() -> 128 bytes (struct signalfd_siginfo), or None"},
    {"pipe_finish", py_pipe_finish, METH_NOARGS, "pipe_finish() -> 0"},
    {"ferried", py_ferried, METH_NOARGS, "ferried() -> is libsigferry.so in this process?"},
    {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_sigferry", "The C part of the package sigferry.", -1, methods,
                                    NULL, NULL, NULL, NULL};

/* Where things are in a ring, so that ring.py need not know twice what trace/format.h says. */
static const struct {
    const char *name;
    long value;
} layout[] = {
    {"FORMAT_VERSION", SF_FORMAT_VERSION},
    {"STATUS_SIZE", sizeof(struct sf_status)},
    {"AT_VERSION", offsetof(struct sf_status, version)},
    {"AT_SIZE", offsetof(struct sf_status, size)},
    {"AT_PID", offsetof(struct sf_status, pid)},
    {"AT_BEGAN", offsetof(struct sf_status, began_ns)},
    {"AT_REALTIME", offsetof(struct sf_status, realtime_ns)},
    {"AT_RECORD_SIZE", offsetof(struct sf_status, record_size)},
    {"AT_RECORDS", offsetof(struct sf_status, records)},
    {"AT_ENDED", offsetof(struct sf_status, ended)},
    {"AT_COMM", offsetof(struct sf_status, comm)},
    {"AT_NEXT", offsetof(struct sf_status, next)},
    {"AT_MODULE", offsetof(struct sf_status, module)},
    {"MODULE_SIZE", sizeof(struct sf_module)},
    {"MODULES", SF_MODULES},
    {"MODULE_AT_PATH", offsetof(struct sf_module, path)},
    {"AT_FINDING", offsetof(struct sf_status, finding)},
    {"FINDING_SIZE", sizeof(struct sf_finding)},
    {"FINDINGS", SF_FINDINGS},
    {"FINDING_AT_CALLED", offsetof(struct sf_finding, head.called)},
    {"FINDING_AT_INSIDE", offsetof(struct sf_finding, head.inside)},
    {"FINDING_AT_VALUE", offsetof(struct sf_finding, head.value)},
    {"FINDING_AT_HANDLER_STACK", offsetof(struct sf_finding, handler_stack)},
    {"FINDING_AT_INSIDE_STACK", offsetof(struct sf_finding, inside_stack)},
    {"PCS", SF_PCS},
    {"PIPE_UNMASKED", SIGFERRY_PIPE_UNMASKED},
    {"SFD_CLOEXEC", SFD_CLOEXEC},
    {"SFD_NONBLOCK", SFD_NONBLOCK},
};

/* "name:payload" of each event, in order. */
static const char events[] =
#define SF_EVENT(name, text, payload) text ":" #payload " "
#include "base/events.def"
#undef SF_EVENT
    ;

/* Names of the kinds of findings, in order; 0 is none. */
static const char finding_kinds[] = "none "
#define SF_FINDING(id, name, level, what, why, remedy) name " "
#include "base/findings.def"
#undef SF_FINDING
    ;

PyMODINIT_FUNC PyInit__sigferry(void);
PyMODINIT_FUNC PyInit__sigferry(void)
{
    PyObject *m = PyModule_Create(&module);
    for (size_t i = 0; m && i < sizeof layout / sizeof layout[0]; i++)
        if (PyModule_AddIntConstant(m, layout[i].name, layout[i].value) < 0) {
            Py_DecRef(m);
            return NULL;
        }
    if (m && (PyModule_AddStringConstant(m, "EVENTS", events) < 0 ||
              PyModule_AddStringConstant(m, "FINDING_KINDS", finding_kinds) < 0)) {
        Py_DecRef(m);
        return NULL;
    }
    return m;
}
