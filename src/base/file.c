#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void file_close_scoped(int *fd)
{
    if (*fd >= 0) close(*fd);
}

static bool failed(struct error *err, enum error_code code, const char *path)
{
    return error_set(err, code, "ss", path, error_reason(errno));
}

bool file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

bool file_read(struct arena *arena, const char *path, size_t bytes_max, str *content,
               struct error *err)
{
    SCOPED(file_close_scoped) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0) return failed(err, ERROR_FILE_OPEN, path);
    if (fstat(fd, &status) != 0) return failed(err, ERROR_FILE_READ, path);
    if (!S_ISREG(status.st_mode))
        return error_set(err, ERROR_FILE_READ, "ss", path, "not a regular file");
    if ((uint64_t)status.st_size > bytes_max)
        return error_set(err, ERROR_FILE_LARGE, "si", path, (int64_t)bytes_max);
    size_t size = (size_t)status.st_size, used = 0;
    char *bytes = arena_alloc(arena, size + 1);
    while (used < size) {
        ssize_t got = read(fd, bytes + used, size - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed(err, ERROR_FILE_READ, path);
        if (got == 0) break;
        used += (size_t)got;
    }
    *content = (str){bytes, used};
    return true;
}

static bool write_all(int fd, str content)
{
    for (size_t at = 0; at < content.len;) {
        ssize_t put = write(fd, content.ptr + at, content.len - at);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        at += (size_t)put;
    }
    return true;
}

static bool sync_parent(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *parent =
        slash == NULL ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (parent == NULL) return false;
    SCOPED(file_close_scoped) int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(parent);
    return fd >= 0 && fsync(fd) == 0;
}

/* A piece at a time: a database is larger than memory may be. */
static bool copy_all(int to, int from)
{
    char piece[64 * 1024];
    for (;;) {
        ssize_t got = read(from, piece, sizeof piece);
        if (got == 0) return true;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 || !write_all(to, (str){piece, (size_t)got})) return false;
    }
}

/* What is read from `from` or, when that is -1, `content`. */
static bool put(const char *path, str content, int from, struct error *err)
{
    static atomic_uint calls; /* threads may write one file at once: each its own temporary one */
    char temporary[4096];
    int length = snprintf(temporary, sizeof temporary, "%s.new-%ld-%u", path, (long)getpid(),
                          atomic_fetch_add(&calls, 1));
    if (length < 0 || (size_t)length >= sizeof temporary) {
        errno = ENAMETOOLONG;
        return failed(err, ERROR_FILE_WRITE, path);
    }
    SCOPED(file_close_scoped)
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return failed(err, ERROR_FILE_WRITE, path);
    bool filled = from < 0 ? write_all(fd, content) : copy_all(fd, from);
    if (!filled || fsync(fd) != 0 || rename(temporary, path) != 0 || !sync_parent(path)) {
        int saved = errno;
        unlink(temporary);
        errno = saved;
        return failed(err, ERROR_FILE_WRITE, path);
    }
    return true;
}

bool file_write(const char *path, str content, struct error *err)
{
    return put(path, content, -1, err);
}

bool file_copy(const char *from, const char *to, struct error *err)
{
    SCOPED(file_close_scoped) int fd = open(from, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0) return failed(err, ERROR_FILE_OPEN, from);
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return error_set(err, ERROR_FILE_READ, "ss", from, "not a regular file");
    return put(to, STR(""), fd, err);
}

bool file_make_directory(const char *path, struct error *err)
{
    char copy[4096];
    size_t length = strlen(path);
    if (length >= sizeof copy)
        return error_set(err, ERROR_FILE_WRITE, "ss", path, error_reason(ENAMETOOLONG));
    memcpy(copy, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (copy[i] != '/' && copy[i] != '\0') continue;
        char kept = copy[i];
        copy[i] = '\0';
        bool made = mkdir(copy, 0700) == 0;
        if (!made && errno != EEXIST) return failed(err, ERROR_FILE_WRITE, path);
        /* Where one may write but not read, the parent can't be opened to be synced. */
        if (made && !sync_parent(copy) && errno != EACCES)
            return failed(err, ERROR_FILE_WRITE, path);
        copy[i] = kept;
    }
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return error_set(err, ERROR_FILE_WRITE, "ss", path, error_reason(ENOTDIR));
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool file_list(struct arena *arena, const char *path, char ***names, size_t *count,
               struct error *err)
{
    DIR *directory = opendir(path);
    if (directory == NULL) return failed(err, ERROR_FILE_OPEN, path);
    char **list = NULL;
    size_t used = 0, capacity = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        *ARENA_PUSH(arena, list, used, capacity) = arena_strdup(arena, entry->d_name);
    }
    closedir(directory);
    if (used > 1) qsort(list, used, sizeof *list, compare_names);
    *names = list;
    *count = used;
    return true;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    (void)remove(path);
    return 0;
}

bool file_remove_tree(const char *path)
{
    struct stat status;
    (void)nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return lstat(path, &status) != 0 && errno == ENOENT;
}
