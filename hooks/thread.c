/* context: thread
 *
 * Threads: each gets a lane before its own code runs, and loses it after its last destructor.
 */
#include "engine/event.h"
#include "hooks/hook.h"

static pthread_key_t key;
static volatile uint32_t program_threads = 1;
static __thread int left __attribute__((tls_model("initial-exec")));

/* The thread's own code is over. What has come for it is handled now: of what was sent to the process nobody else may be
 * there to take it, and what was aimed at the thread ends with it. */
static void leave(struct sf_lane *lane)
{
    if (!lane || left || !sf_process.caught || sf_process.mode != SF_MODE_FERRY)
        return;
    left = 1;
    sf_soft_enter(lane);
    sf_soft_leave(lane);
}

/* Runs when a thread ends. libc calls the destructors in several rounds; by asking for the next one as long as
 * there is one, ours comes after those of the program. */
static void end(void *arg)
{
    struct sf_lane *lane = arg;
    static __thread int round __attribute__((tls_model("initial-exec")));
    leave(sf_lane_self()); /* it has called pthread_exit */
    if (++round < PTHREAD_DESTRUCTOR_ITERATIONS) {
        sf_libc.setspecific(key, lane);
        return;
    }
    sf_event_thread(lane, 1);
    sf_lane_end(lane);
    if (SF_ADD(&program_threads, -1u) == 1)
        sf_runner_last();
}

/* The main thread may end by pthread_exit as well. Setup context. */
void sf_thread_begin(void);
void sf_thread_begin(void)
{
    if (sf_libc.key_create(&key, end) == 0)
        sf_libc.setspecific(key, sf_process.main);
}

static void *enter(void *arg)
{
    struct sf_lane *lane = arg;
    void *(*start)(void *) = lane->start;
    void *given = lane->arg;
    sf_lane_begin(lane, lane->start_mask);
    lane->kmask = ~(sf_set)0;
    sf_libc.setspecific(key, lane);
    SF_ADD(&program_threads, 1);
    sf_event_thread(lane, 0);
    sf_mask_heal(lane);
    /* Sent before there was a lane to tell: natively it had run before the thread's own code. */
    sf_mask_look(lane);
    sf_replay_waiting(lane, ~(sf_set)0);
    given = start(given);
    leave(sf_lane_self());
    return given;
}

/* The mask of threads that are made without attributes, where the program has said one. */
static volatile uint32_t default_given;
static sf_set default_mask;

SF_API int pthread_setattr_default_np(const pthread_attr_t *attr)
{
    sigset_t mask;
    int given, r = REAL(pthread_setattr_default_np)(attr);
    if (r != 0)
        return r;
    given = SF_LAZY(pthread_attr_getsigmask_np)(attr, &mask) == 0;
    if (given)
        default_mask = sf_mask_clean(sf_set_get(&mask));
    SF_STORE(&default_given, (uint32_t)given);
    return 0;
}

/* A lane for the thread that `lane`'s is about to make, with the mask that it is to believe in. */
static struct sf_lane *reserve(const struct sf_lane *lane, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    struct sf_lane *born = lane ? sf_lane_new() : NULL;
    sigset_t mask;
    if (!born)
        return NULL;
    born->start = start;
    born->arg = arg;
    born->start_mask = !attr && SF_LOAD(&default_given) ? default_mask : lane->vmask;
    if (attr && SF_LAZY(pthread_attr_getsigmask_np)(attr, &mask) == 0)
        born->start_mask = sf_mask_clean(sf_set_get(&mask));
    return born;
}

SF_API int pthread_create(pthread_t *t, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    struct sf_lane *born = reserve(sf_lane_self(), attr, start, arg);
    int r;
    if (!born)
        return REAL(pthread_create)(t, attr, start, arg);
    r = REAL(pthread_create)(t, attr, enter, born);
    if (r != 0)
        SF_STORE(&born->state, SF_LANE_FREE);
    return r;
}

/* C11's start function returns an int; libc carries it through the pointer. */
static int enter_c11(void *arg)
{
    return (int)(intptr_t)enter(arg);
}

SF_API int thrd_create(thrd_t *t, thrd_start_t start, void *arg)
{
    struct sf_lane *born = reserve(sf_lane_self(), NULL, (void *(*)(void *))(void (*)(void))start, arg);
    int r;
    if (!born)
        return REAL(thrd_create)(t, start, arg);
    r = REAL(thrd_create)(t, enter_c11, born);
    if (r != thrd_success)
        SF_STORE(&born->state, SF_LANE_FREE);
    return r;
}

/* Deferred cancellation sends no signal: a thread that sleeps in a window must be told to look. */
SF_API int pthread_cancel(pthread_t t)
{
    int r = REAL(pthread_cancel)(t);
    struct sf_lane *lane = r == 0 ? sf_lane_of_thread(t) : NULL;
    if (lane && lane != sf_lane_self()) {
        SF_STORE(&lane->cancel, 1);
        SF_OR(&lane->guard.work, SF_WORK_POINT);
        if (SF_LOAD(&lane->point))
            sf_relay_send(lane, 0);
    }
    return r;
}
