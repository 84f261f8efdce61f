/* The kernel tells a program that gained privileges by being executed (AT_SECURE), and the loader then preloads
 * nothing from directories like ours. Which programs gain is worked out here as the kernel does it. */
#include <cli/privilege.h>

#include <cli/cli.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Does the file carry capabilities? Root gains nothing by them. */
static int has_capabilities(const char *path)
{
    struct vfs_ns_cap_data caps;
    ssize_t n;

    memset(&caps, 0, sizeof caps);
    n = getuid() ? getxattr(path, "security.capability", &caps, sizeof caps) : 0;
    if (n < (ssize_t)sizeof caps.magic_etc)
        return 0;
    return (caps.magic_etc & VFS_CAP_FLAGS_EFFECTIVE) || caps.data[0].permitted || caps.data[1].permitted;
}

int sf_check_privilege(const char *binary, const char *described)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    struct statvfs fs;
    struct stat st;
    int obeyed;

    if (stat(binary, &st))
        return 0;
    obeyed = !(!statvfs(binary, &fs) && (fs.f_flag & ST_NOSUID)) && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1;
    if (obeyed && (st.st_mode & S_ISUID))
        uid = st.st_uid;
    if (obeyed && (st.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
        gid = st.st_gid;
    if (uid != getuid())
        return sf_fail(SF_EXIT_FAILED, "%s: would run set-user-ID (as user %u), where the loader preloads nothing; "
                       "start sigferry as that user", described, (unsigned)uid);
    if (gid != getgid())
        return sf_fail(SF_EXIT_FAILED, "%s: would run set-group-ID (as group %u), where the loader preloads nothing; "
                       "start sigferry with that group (newgrp, sg)", described, (unsigned)gid);
    if (obeyed && has_capabilities(binary))
        return sf_fail(SF_EXIT_FAILED, "%s: has file capabilities, where the loader preloads nothing; "
                       "start sigferry as root, or a copy without them", described);
    return 0;
}
