/* Its maker holds a lock on the directory for as long as it lives: so the next one can tell what is left over from what is
 * in use, in whichever pid namespace that is. */
#include <cli/directory.h>

#include <cli/cli.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The lock: 0, or -1 where another one has it. */
static int lock(int fd, int wait)
{
    int r;

    do
        r = flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB));
    while (r && errno == EINTR);
    return r;
}

/* What ends with `suffix`. */
static void clear(DIR *d, const char *suffix)
{
    struct dirent *entry;

    while ((entry = readdir(d))) {
        size_t n = strlen(entry->d_name), m = strlen(suffix);

        if (entry->d_name[0] != '.' && n >= m && !strcmp(entry->d_name + n - m, suffix))
            unlinkat(dirfd(d), entry->d_name, 0);
    }
}

void sf_directory_clear(const char *dir, const char *suffix)
{
    DIR *d = opendir(dir);

    if (!d)
        return;
    clear(d, suffix);
    closedir(d);
}

/* Under another name first: who lives on and begins a ring just now finds no directory, and leaves nothing in it. */
void sf_directory_remove(const char *dir)
{
    char gone[SF_DIRECTORY + 1];

    snprintf(gone, sizeof gone, "%s~", dir);
    if (rename(dir, gone))
        return;
    sf_directory_clear(gone, "");
    rmdir(gone);
}

static void remove_if_left(int place, const char *name)
{
    int fd = openat(place, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    struct stat st;

    if (!d) {
        if (fd >= 0)
            close(fd);
        return;
    }
    if (!fstat(fd, &st) && st.st_uid == geteuid() && !lock(fd, 0)) {
        clear(d, "");
        unlinkat(place, name, AT_REMOVEDIR);
    }
    closedir(d);
}

static void sweep(const char *place)
{
    struct dirent *entry;
    DIR *d = opendir(place);

    while (d && (entry = readdir(d)))
        if (!strncmp(entry->d_name, "sigferry-trace-", 15) || !strncmp(entry->d_name, "sigferry-check-", 15))
            remove_if_left(dirfd(d), entry->d_name);
    if (d)
        closedir(d);
}

/* 0; -1 with errno; or 1: somebody's sweep came before our lock. The descriptor stays open to our end. */
static int make_in(const char *place, const char *command, char *dir)
{
    struct stat is, was;
    int fd;

    if (snprintf(dir, SF_DIRECTORY, "%s/sigferry-%s-XXXXXX", place, command) >= SF_DIRECTORY) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (!mkdtemp(dir))
        return -1;
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 1 : 0;
    lock(fd, 1); /* where a file system has no locks, nobody sweeps, either */
    if (!fstat(fd, &was) && !stat(dir, &is) && is.st_ino == was.st_ino && is.st_dev == was.st_dev)
        return 0;
    close(fd);
    return 1;
}

int sf_directory_make(const char *command, char *dir)
{
    const char *const places[] = { getenv("XDG_RUNTIME_DIR"), "/dev/shm", "/tmp" };
    int made;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (!places[i] || places[i][0] != '/')
            continue;
        sweep(places[i]);
        do
            made = make_in(places[i], command, dir);
        while (made == 1);
        if (!made)
            return setenv("SIGFERRY_RINGS", dir, 1) ? sf_fail(SF_EXIT_FAILED, "out of memory") : 0;
    }
    *dir = 0;
    return sf_fail(SF_EXIT_FAILED, "no directory can be made in XDG_RUNTIME_DIR, /dev/shm or /tmp: %s", strerror(errno));
}
