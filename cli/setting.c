/* Values of the configuration among a command's options: the library's own parser says whether they are right, so there is
 * one list of words. */
#include <cli/setting.h>

#include <cli/cli.h>
#include <config/config.h>

int sf_setting_try(const char *key, const char *value, char why[SF_WHY])
{
    static struct sf_config scratch;

    sf_config_defaults(&scratch);
    return sf_config_set(&scratch, key, value, why, SF_WHY);
}

int sf_setting_parse(const char *command, const char *key, const char *given, const char **to)
{
    char why[SF_WHY];

    if (sf_setting_try(key, given, why))
        return sf_fail(SF_EXIT_FAILED, "%s: %s", command, why);
    *to = given;
    return 0;
}
