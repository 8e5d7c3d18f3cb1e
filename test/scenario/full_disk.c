/* Preloaded into the real program: while the file named by $TANSHU_FULL_DISK exists, every write
 * that would make a regular file longer fails with ENOSPC, as on a full disk. */
#undef _FILE_OFFSET_BITS /* it would give pwrite the name pwrite64; both are defined below */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The C library declares these under the same names; a preloaded library has to define them. */
ssize_t write(int fd, const void *bytes, size_t count);
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at);
ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at);
int posix_fallocate(int fd, off_t at, off_t count);

typedef ssize_t write_function(int, const void *, size_t);
typedef ssize_t pwrite_function(int, const void *, size_t, off_t);

static bool no_room(int fd, off_t end)
{
    const char *flag = getenv("TANSHU_FULL_DISK");
    struct stat file, about;
    if (flag == NULL || stat(flag, &about) != 0) return false;
    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode) || end <= file.st_size) return false;
    errno = ENOSPC;
    return true;
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    off_t at = lseek(fd, 0, SEEK_CUR);
    struct stat file;
    int flags = fcntl(fd, F_GETFL);
    if (flags != -1 && (flags & O_APPEND) != 0 && fstat(fd, &file) == 0) at = file.st_size;
    if (at >= 0 && no_room(fd, at + (off_t)count)) return -1;
    write_function *real = (write_function *)dlsym(RTLD_NEXT, "write");
    return real(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    if (no_room(fd, at + (off_t)count)) return -1;
    pwrite_function *real = (pwrite_function *)dlsym(RTLD_NEXT, "pwrite");
    return real(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at)
{
    return pwrite(fd, bytes, count, at);
}

int posix_fallocate(int fd, off_t at, off_t count)
{
    (void)fd, (void)at, (void)count;
    return no_room(fd, at + count) ? ENOSPC : 0;
}
