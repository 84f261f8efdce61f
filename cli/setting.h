/* Values of the configuration among a command's options. */
#ifndef SF_CLI_SETTING_H
#define SF_CLI_SETTING_H

enum { SF_WHY = 160 };

/* Is `value` right for the key? 0, or -errno with the reason, one line, in `why`. */
int sf_setting_try(const char *key, const char *value, char why[SF_WHY]);

/* The value of the option --KEY: *to is `given`, if it is right. 0, or an exit status after a message. */
int sf_setting_parse(const char *command, const char *key, const char *given, const char **to);

#endif
