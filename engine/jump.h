/* context: thread, handler
 * Jumps and contexts, as hooks/jump.c and the runner use them. */
#ifndef SF_ENGINE_JUMP_H
#define SF_ENGINE_JUMP_H

#include <setjmp.h>

#include "engine/engine.h"

void sf_jump_save(sigjmp_buf env, int savemask);
void sf_jump_prepare(sigjmp_buf env, int value);
void sf_context_mask(ucontext_t *uc);
void sf_context_fresh(ucontext_t *uc);
void sf_context_set(const ucontext_t *uc);

/* The runner brackets each handler: sigsetjmp(*sf_jump_arm(), 1) ... sf_jump_disarm(). */
sigjmp_buf *sf_jump_arm(void);
void sf_jump_disarm(void);
int sf_jump_passed(struct sf_lane *self, struct sf_lane *target);

#endif
