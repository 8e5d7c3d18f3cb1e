/* The guards of the jail, one test each: what the child gave up, what the parent does not believe.
 */
#include "unit.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "intake/frame.h"
#include "intake/intake.h"

/* ---- what the child gave up ---------------------------------------------------------------- */

struct child {
    pid_t pid;
    int in, out;
};

static void start_child(struct child *child)
{
    int in[2], out[2];
    assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
    child->pid = fork();
    if (child->pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execl("/proc/self/exe", "tanshu", INTAKE_JAIL_FLAG, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    child->in = in[1];
    child->out = out[0];
    /* It says hello only after its jail is closed. */
    unsigned char hello[6] = {0};
    assert_int_equal(read(child->out, hello, sizeof hello), 6);
    assert_int_equal(hello[4], FRAME_HELLO);
    assert_int_equal(hello[5], FRAME_VERSION);
}

static void end_child(struct child *child)
{
    int status;
    close(child->in);
    close(child->out);
    kill(child->pid, SIGKILL);
    waitpid(child->pid, &status, 0);
}

static bool proc_has(pid_t pid, const char *file, const char *wanted)
{
    char path[64], text[16384];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    size_t used = 0;
    for (ssize_t got; (got = read(fd, text + used, sizeof text - 1 - used)) > 0;)
        used += (size_t)got;
    close(fd);
    text[used] = '\0';
    return strstr(text, wanted) != NULL;
}

static void test_child_has_no_way_out(void **state)
{
    (void)state;
    struct child child;
    start_child(&child);
    assert_true(proc_has(child.pid, "status", "NoNewPrivs:\t1"));
    assert_true(proc_has(child.pid, "status", "Seccomp:\t2"));
    assert_true(proc_has(child.pid, "limits", "Max file size             0                    0"));
    assert_true(proc_has(child.pid, "limits", "Max open files            3                    3"));
    assert_true(proc_has(child.pid, "limits", "Max cpu time              20                   20"));
    end_child(&child);
}

/* A file that is announced but never comes, or comes short, ends in words, not in waiting. */
static void test_child_file_broken_off(void **state)
{
    (void)state;
    struct child child;
    start_child(&child);
    unsigned char head[8] = {100};
    assert_int_equal(write(child.in, head, 8), 8);
    assert_int_equal(write(child.in, "a,b\n", 4), 4);
    close(child.in);
    unsigned char answer[5];
    assert_int_equal(read(child.out, answer, 5), 5);
    assert_int_equal(answer[4], FRAME_ERROR);
    child.in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    end_child(&child);
}

/* ---- what the parent does not believe ------------------------------------------------------ */

static int rows_taken;

static bool take_begin(void *arg, const struct intake_book *book, struct error *err)
{
    (void)arg, (void)book, (void)err;
    return true;
}

static bool take_sheet(void *arg, str name, bool hidden, struct error *err)
{
    (void)arg, (void)name, (void)hidden, (void)err;
    return true;
}

static bool take_row(void *arg, const struct intake_row *row, struct error *err)
{
    (void)arg, (void)row, (void)err;
    rows_taken++;
    return true;
}

static bool take_merged(void *arg, const struct intake_range *range, struct error *err)
{
    (void)arg, (void)range, (void)err;
    return true;
}

static struct intake_cell cells[512];
static const struct intake_sink sink = {NULL, take_begin, take_sheet, take_row, take_merged};

#define TAKE(reader, kind, bytes) frame_take(reader, kind, STR(bytes), &err)

static struct frame_reader opened(void)
{
    struct error err;
    struct frame_reader reader = {.sink = &sink, .cells = cells};
    assert_true(TAKE(&reader, FRAME_HELLO, "\x01"));
    assert_true(TAKE(&reader, FRAME_BEGIN, "\x01\x01,"));
    assert_true(TAKE(&reader, FRAME_SHEET, "\0\0\0\0\0"));
    return reader;
}

/* Row 1, one cell: column 0, text "a". */
#define ROW_ONE        \
    "\x01\0\0\0\x01\0" \
    "\0\0\x02\x01\0\0\0a"

static void test_parent_takes_a_good_row(void **state)
{
    (void)state;
    struct error err;
    struct frame_reader reader = opened();
    rows_taken = 0;
    assert_true(TAKE(&reader, FRAME_ROW, ROW_ONE));
    assert_int_equal(rows_taken, 1);
    assert_true(TAKE(&reader, FRAME_END, "\x01\0\0\0\0\0\0\0"));
}

static void test_parent_believes_nothing(void **state)
{
    (void)state;
    static const struct {
        unsigned char kind;
        str payload;
        const char *why;
    } bad[] = {
        {FRAME_ROW,
         {"\x01\0\0\0\x01\0"
          "\0\0\x02\x01\0\0\0a!",
          15},
         "bytes after the cell"},
        {FRAME_ROW,
         {"\0\0\0\0\x01\0"
          "\0\0\x02\x01\0\0\0a",
          14},
         "row 0"},
        {FRAME_ROW, {"\x01\0\0\0\0\0", 6}, "no cell"},
        {FRAME_ROW,
         {"\x01\0\0\0\xFF\xFF"
          "\0\0\x02\x01\0\0\0a",
          14},
         "65,535 cells"},
        {FRAME_ROW,
         {"\xFF\xFF\xFF\x7F\x01\0"
          "\0\0\x02\x01\0\0\0a",
          14},
         "row beyond the limit"},
        {FRAME_ROW,
         {"\x01\0\0\0\x01\0"
          "\xFF\xFF\x02\x01\0\0\0a",
          14},
         "column 65,535"},
        {FRAME_ROW,
         {"\x01\0\0\0\x01\0"
          "\0\0\x09\x01\0\0\0a",
          14},
         "unknown kind of cell"},
        {FRAME_ROW,
         {"\x01\0\0\0\x01\0"
          "\0\0\x02\x01\0\0\0\xFF",
          14},
         "text that is not UTF-8"},
        {FRAME_ROW,
         {"\x01\0\0\0\x01\0"
          "\0\0\x02\xFF\xFF\xFF\xFF"
          "a",
          14},
         "text longer than the frame"},
        {FRAME_ROW,
         {"\x01\0\0\0\x01\0"
          "\0\0\x01\x01\0\0\0"
          "1\0\0\0\0\0\0\xF8\x7F",
          22},
         "not a number"},
        {FRAME_ROW,
         {"\x01\0\0\0\x01\0"
          "\0\0\x03\x01\0\0\0"
          "1\xFF\xFF\xFF\x7F\0\0\0\0",
          22},
         "day out of range"},
        {FRAME_ROW,
         {"\x01\0\0\0\x02\0"
          "\0\0\x02\x01\0\0\0a"
          "\0\0\x02\x01\0\0\0b",
          22},
         "a column twice"},
        {FRAME_BEGIN, {"\x01\x01,", 3}, "a second beginning"},
        {FRAME_SHEET, {"\x05\0\0\0\0", 5}, "a flag of 5"},
        {FRAME_MERGED, {"\x05\0\0\0\x01\0\0\0\0\0\0\0", 12}, "a range that ends before it begins"},
        {FRAME_END, {"\x09\0\0\0\0\0\0\0", 8}, "a wrong count of rows"},
        {FRAME_HELLO, {"\x01", 1}, "a second hello"},
        {FRAME_ERROR, {"\0\0\0", 3}, "the error \"none\""},
        {FRAME_ERROR, {"\xFF\xFF\0", 3}, "an unknown error"},
        {'?', {"", 0}, "an unknown frame"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct error err = {0};
        struct frame_reader reader = opened();
        if (frame_take(&reader, bad[i].kind, bad[i].payload, &err))
            fail_msg("taken: %s", bad[i].why);
        assert_int_equal(err.code, ERROR_INTAKE_JAIL_PROTOCOL);
    }
}

static void test_parent_order(void **state)
{
    (void)state;
    struct error err;
    struct frame_reader fresh = {.sink = &sink, .cells = cells};
    assert_false(TAKE(&fresh, FRAME_BEGIN, "\x01\x01,")); /* before hello */
    struct frame_reader reader = opened();
    assert_true(TAKE(&reader, FRAME_ROW, ROW_ONE));
    assert_false(TAKE(&reader, FRAME_ROW, ROW_ONE)); /* the same row again */
    reader = opened();
    assert_true(TAKE(&reader, FRAME_END, "\0\0\0\0\0\0\0\0"));
    assert_false(TAKE(&reader, FRAME_ROW, ROW_ONE)); /* after the end */
}

/* An error that the child may report comes through with its words. */
static void test_parent_passes_errors_on(void **state)
{
    (void)state;
    struct error sent = {0}, err = {0};
    struct frame_reader reader = opened();
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct buf *out = buf_new(arena);
    error_set(&sent, ERROR_INTAKE_LIMIT, "siss", "A7", (int64_t)512, "columns", "why");
    frame_put_error(out, &sent);
    assert_false(frame_take(&reader, FRAME_ERROR, str_slice(buf_str(out), 5, out->len), &err));
    assert_int_equal(err.code, ERROR_INTAKE_LIMIT);
    assert_string_equal(error_arg(&err, 1).ptr, "512");
    assert_string_equal(error_arg(&err, 3).ptr, "why");
    /* Not one of another room's. */
    out->len = 0;
    error_set(&sent, ERROR_FILE_WRITE, "ss", "x", "y");
    frame_put_error(out, &sent);
    assert_false(frame_take(&reader, FRAME_ERROR, str_slice(buf_str(out), 5, out->len), &err));
    assert_int_equal(err.code, ERROR_INTAKE_JAIL_PROTOCOL);
}

/* A program that does not know the flag must not start jails without end. */
static void test_no_jail_inside_a_jail(void **state)
{
    (void)state;
    struct error err;
    setenv("TANSHU_IN_JAIL", "1", 1);
    assert_false(intake_jail_check(&err));
    assert_int_equal(err.code, ERROR_INTAKE_JAIL);
    unsetenv("TANSHU_IN_JAIL");
    assert_true(intake_jail_check(&err));
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], INTAKE_JAIL_FLAG) == 0) return intake_jail_main();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_child_has_no_way_out),
        cmocka_unit_test(test_child_file_broken_off),
        cmocka_unit_test(test_parent_takes_a_good_row),
        cmocka_unit_test(test_parent_believes_nothing),
        cmocka_unit_test(test_parent_order),
        cmocka_unit_test(test_parent_passes_errors_on),
        cmocka_unit_test(test_no_jail_inside_a_jail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
