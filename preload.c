/* context: setup
 *
 * Starts the rest, in order; nothing more.
 */
#include "engine/engine.h"

void sf_thread_begin(void);
void sf_exec_begin(void);

__attribute__((constructor)) static void begin(int argc, char **argv, char **envp)
{
    (void)argc;
    (void)argv;
    sf_process_begin(envp);
    if (!sf_process.main)
        return;
    sf_thread_begin();
    sf_exec_begin();
}
