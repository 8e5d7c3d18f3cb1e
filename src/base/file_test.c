/* Files as a crash or another thread would find them. The calls that make them durable are taken
 * from the system's hands here and written down, so that their order can be held against what
 * POSIX promises: a name is durable once its directory is synced, content once its file is. */
#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"

static char directory[64];
static struct arena *arena;
static char calls[4096]; /* "sync NAME\n", "rename NAME\n", "mkdir NAME\n" */
static bool noting;

static void note(const char *what, const char *path)
{
    size_t used = strlen(calls), prefix = strlen(directory);
    if (!noting) return;
    const char *name = strncmp(path, directory, prefix) == 0 ? path + prefix : path;
    snprintf(calls + used, sizeof calls - used, "%s %s\n", what, name);
}

/* These stand in for libc's: the program under test is linked against them. */
int fsync(int fd)
{
    char link[64], path[256] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (noting && readlink(link, path, sizeof path - 1) > 0) note("sync", path);
    return (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
    note("rename", to);
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int mkdir(const char *path, mode_t mode)
{
    int result = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
    if (result == 0) note("mkdir", path);
    return result;
}

static char *in_directory(const char *name)
{
    return arena_printf(arena, "%s/%s", directory, name);
}

static void test_content_is_synced_before_its_name(void **state)
{
    (void)state;
    struct error err;
    calls[0] = '\0';
    noting = true;
    assert_true(file_write(in_directory("a"), STR("content"), &err));
    noting = false;
    assert_true(str_starts(str_from(calls), "sync /a.new-"));
    assert_string_equal(strchr(calls, '\n'), "\nrename /a\nsync \n");
}

/* Larger than any one piece of it, and not whole pieces. */
static void test_a_copy_is_whole(void **state)
{
    (void)state;
    struct error err = {0};
    size_t size = (size_t)1 << 20 | 7;
    char from[128], to[128], *bytes = arena_alloc(arena, size);
    str copied;
    snprintf(from, sizeof from, "%s/original", directory);
    snprintf(to, sizeof to, "%s/copy", directory);
    for (size_t i = 0; i < size; i++) bytes[i] = (char)(i * 31 % 251);
    assert_true(file_write(from, (str){bytes, size}, &err));
    assert_true(file_copy(from, to, &err));
    assert_true(file_read(arena, to, size, &copied, &err));
    assert_int_equal(copied.len, size);
    assert_memory_equal(copied.ptr, bytes, size);
    assert_false(file_copy(directory, to, &err)); /* no regular file: nothing is touched */
    assert_int_equal(err.code, ERROR_FILE_READ);
    assert_true(file_exists(to));
    assert_false(file_copy("/nowhere/at/all", to, &err));
    assert_int_equal(err.code, ERROR_FILE_OPEN);
}

static void test_new_directories_are_synced(void **state)
{
    (void)state;
    struct error err;
    calls[0] = '\0';
    noting = true;
    assert_true(file_make_directory(in_directory("one/two"), &err));
    assert_string_equal(calls, "mkdir /one\nsync \nmkdir /one/two\nsync /one\n");
    calls[0] = '\0';
    assert_true(file_make_directory(in_directory("one/two"), &err));
    noting = false;
    assert_string_equal(calls, "");
}

static void *write_often(void *letter)
{
    struct error err;
    char content[30000], path[128];
    memset(content, *(const char *)letter, sizeof content);
    snprintf(path, sizeof path, "%s/shared", directory);
    for (int i = 0; i < 100; i++)
        if (!file_write(path, (str){content, sizeof content}, &err)) return letter;
    return NULL;
}

static void test_two_writers_leave_one_whole(void **state)
{
    (void)state;
    static char letters[] = {'a', 'b'};
    pthread_t threads[2];
    void *failed;
    struct error err;
    str found;
    assert_true(file_write(in_directory("shared"), STR(""), &err));
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_often, &letters[i]), 0);
    for (int i = 0; i < 300; i++) {
        SCOPED(arena_close_scoped) struct arena *own = arena_open(0);
        assert_true(file_read(own, in_directory("shared"), 1 << 20, &found, &err));
        assert_true(found.len == 0 || found.len == 30000);
        for (size_t at = 1; at < found.len; at++) assert_int_equal(found.ptr[at], found.ptr[0]);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_open(0);
    snprintf(directory, sizeof directory, "/tmp/tanshu-file-%s",
             "XX"
             "XXXX");
    return mkdtemp(directory) == NULL;
}

static void test_a_tree_is_removed_and_no_more(void **state)
{
    (void)state;
    struct error err;
    assert_true(file_make_directory(in_directory("kept"), &err));
    assert_true(file_write(in_directory("kept/file"), STR("x"), &err));
    assert_true(file_make_directory(in_directory("tree/deep"), &err));
    assert_true(file_write(in_directory("tree/deep/.hidden"), STR("x"), &err));
    assert_int_equal(symlink("../kept", in_directory("tree/link")), 0);
    assert_int_equal(symlink("nowhere", in_directory("tree/lost")), 0);
    assert_true(file_remove_tree(in_directory("tree")));
    assert_false(file_exists(in_directory("tree")));
    assert_true(file_exists(in_directory("kept/file"))); /* a link's end stays */
    assert_true(file_remove_tree(in_directory("kept/file")));
    assert_false(file_exists(in_directory("kept/file")));
    assert_true(file_remove_tree(in_directory("never/made")));
    assert_false(file_remove_tree("/proc/self/status")); /* what stays is told */
}

static int tear_down(void **state)
{
    (void)state;
    bool gone = file_remove_tree(directory);
    arena_close(arena);
    return gone ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_content_is_synced_before_its_name),
        cmocka_unit_test(test_a_copy_is_whole),
        cmocka_unit_test(test_new_directories_are_synced),
        cmocka_unit_test(test_two_writers_leave_one_whole),
        cmocka_unit_test(test_a_tree_is_removed_and_no_more),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
