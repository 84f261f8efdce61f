#ifndef SF_CLI_PRIVILEGE_H
#define SF_CLI_PRIVILEGE_H

/* Would executing `binary` raise privileges, so that the loader ignores LD_PRELOAD? 0: no; else an exit status
 * after a message that begins with `described`. */
int sf_check_privilege(const char *binary, const char *described);

#endif
