/* The command bodies: what a script relies on is the exit code and the JSON. */
#include "unit.h"

#include "base/file.h"
#include "trust/trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ORG 77
#define OBJECT 5

static struct arena *arena;
static char *directory, *report, *vkey;
static struct store *store;
static char *out_text, *err_text;

typedef int command(int argc, char **argv, FILE *out, FILE *err);

static int verify(int argc, char **argv, FILE *out, FILE *err)
{
    return trust_command_verify(NULL, argc, argv, out, err);
}

static int log_command(int argc, char **argv, FILE *out, FILE *err)
{
    return trust_command_log(store, directory, NULL, argc, argv, out, err);
}

/* Runs a command over words separated by blanks. */
static int run(command *body, const char *line)
{
    char *argv[32];
    int argc = 0;
    str rest = str_from(line), word;
    while (str_cut(&rest, ' ', &word))
        if (word.len > 0) argv[argc++] = str_dup(arena, word);
    size_t out_size, err_size;
    char *out = NULL, *err = NULL;
    FILE *out_file = open_memstream(&out, &out_size), *err_file = open_memstream(&err, &err_size);
    int code = body(argc, argv, out_file, err_file);
    fclose(out_file);
    fclose(err_file);
    out_text = arena_strdup(arena, out);
    err_text = arena_strdup(arena, err);
    free(out);
    free(err);
    return code;
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) fail_msg("no '%s' in: %s", part, text);
}

static void test_verify_answers(UNUSED void **state)
{
    assert_int_equal(run(verify, arena_printf(arena, "%s --key %s --format json", report, vkey)),
                     0);
    assert_has(out_text, "\"answer\":\"yes\"");
    assert_has(out_text, "\"checkpoint_date\":\"2026-03-01T08:00:00Z\"");
    assert_has(out_text, "\"report\":\"TS-2026-000042\"");
    json_t *value = NULL;
    assert_true(canonical_read_exact(str_trim(str_from(out_text)), &value, NULL));
    json_decref(value);
    assert_int_equal(run(verify, arena_printf(arena, "%s --key %s", report, vkey)), 0);
    assert_has(out_text, "YES");
    /* Another key, from a file. */
    char *key_file = arena_printf(arena, "%s/keys/log.pub", directory);
    assert_int_equal(
        run(verify, arena_printf(arena, "--key %s %s --format json", key_file, report)), 1);
    assert_has(out_text, "\"answer\":\"unknown signer\"");
    /* Not a report, and a report that is not there. */
    assert_int_equal(run(verify, arena_printf(arena, "%s --key %s --format json", key_file, vkey)),
                     1);
    assert_has(out_text, "\"answer\":\"no\"");
    assert_has(out_text, "\"reason_code\":\"TRUST_RECEIPT_ABSENT\"");
    assert_int_equal(run(verify, arena_printf(arena, "/nowhere.pdf --key %s", vkey)), 1);
    assert_has(err_text, "/nowhere.pdf");
    /* One bad file among good ones decides. */
    assert_int_equal(run(verify, arena_printf(arena, "%s %s --key %s", report, key_file, vkey)), 1);
}

/* A folder of large files, one after the other: the memory of one suffices for all. */
static void test_verify_many(UNUSED void **state)
{
    char *large = arena_printf(arena, "%s/large.pdf", directory);
    FILE *file = fopen(large, "w");
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), 120 << 20), 0);
    fclose(file);
    struct buf *line = buf_new(arena);
    for (int i = 0; i < 18; i++) buf_printf(line, "%s ", large); /* 2.1 GiB together */
    buf_printf(line, "%s --key %s", report, vkey);
    assert_int_equal(run(verify, line->ptr), 1);
    assert_has(out_text, "YES");
    unlink(large);
}

static void test_verify_usage(UNUSED void **state)
{
    assert_int_equal(run(verify, ""), 2);
    assert_int_equal(run(verify, report), 2);
    assert_has(err_text, "--key");
    assert_int_equal(run(verify, arena_printf(arena, "%s --key", report)), 2);
    assert_int_equal(run(verify, arena_printf(arena, "%s --key a+b+c", report)), 2);
    assert_int_equal(run(verify, arena_printf(arena, "%s --key %s --format xml", report, vkey)), 2);
    assert_int_equal(run(verify, arena_printf(arena, "%s --key %s --nonsense", report, vkey)), 2);
}

static bool add_leaf(struct db *db, UNUSED void *arg, struct error *err)
{
    return log_add_pending(db, ORG, "submission", OBJECT, digest_of(STR("bytes")), NULL, err);
}

static void test_log_commands(UNUSED void **state)
{
    char org[ID_TEXT_MAX], object[ID_TEXT_MAX], nobody[ID_TEXT_MAX];
    id_format(ORG, org);
    id_format(OBJECT, object);
    id_format(6, nobody);
    const char *prove = arena_printf(arena, "prove %s submission %s --format json", org, object);
    assert_true(store_write(store, add_leaf, NULL, NULL));
    assert_int_equal(run(log_command, "show --format json"), 0);
    assert_string_equal(out_text, "{\"checkpoints\":[],\"pending\":1,\"size\":0}\n");
    assert_int_equal(run(log_command, prove), 1); /* not signed yet */
    assert_int_equal(run(log_command, "sequence --format json"), 0);
    assert_string_equal(out_text, "{\"busy\":false,\"ordered\":1,\"signed\":true,\"size\":1}\n");
    assert_int_equal(run(log_command, prove), 0);
    struct log_receipt receipt;
    str number, key;
    assert_true(
        trust_receipt_read(arena, str_trim(str_from(out_text)), &receipt, &number, &key, NULL));
    assert_true(digest_equal(receipt.content, digest_of(STR("bytes"))));
    assert_int_equal(run(log_command, arena_printf(arena, "prove %s submission %s", org, nobody)),
                     1);
    assert_has(err_text, "no leaf");
    assert_int_equal(run(log_command, "verify"), 0);
    assert_has(out_text, "YES");
    assert_int_equal(run(log_command, "verify --checkpoint /nowhere --format json"), 1);
    assert_has(out_text, "\"answer\":\"no\"");
    /* Checkpoints by a key that nobody trusts. */
    assert_int_equal(run(log_command, arena_printf(arena, "verify --key %s", vkey)), 1);
    assert_has(out_text, "NO");
    unlink(arena_printf(arena, "%s/log/tile/0/000.p/1", directory));
    assert_int_equal(run(log_command, "verify"), 1);
    assert_has(out_text, "tile/0/000.p/1");
    assert_int_equal(run(log_command, "tiles"), 0);
    assert_int_equal(run(log_command, "verify"), 0);
    assert_int_equal(run(log_command, ""), 2);
    assert_int_equal(run(log_command, "dance"), 2);
    assert_int_equal(run(log_command, "prove x y z"), 2);
}

static int set_up(UNUSED void **state)
{
    char name[] = "/tmp/tanshu-command-XX"
                  "XX"
                  "XX";
    str pdf;
    size_t at, end;
    struct error err;
    arena = arena_open(0);
    directory = arena_strdup(arena, mkdtemp(name));
    report = arena_printf(arena, "%s/receipt/report.pdf", getenv("TANSHU_CORPUS"));
    if (!file_read(arena, report, 1 << 20, &pdf, &err) || !str_find(pdf, STR("\"key\":\""), &at))
        return -1;
    pdf = str_slice(pdf, at + 7, pdf.len);
    if (!str_find(pdf, STR("\""), &end)) return -1;
    vkey = str_dup(arena, str_slice(pdf, 0, end));
    char *where = arena_printf(arena, "sqlite:%s/tanshu.db", directory);
    store = store_open(&(struct store_options){.where = where, .create = true}, &err);
    return store != NULL && trust_key_create(directory, STR("carbon.example/commands"), &err) ? 0
                                                                                              : -1;
}

static int tear_down(UNUSED void **state)
{
    store_close(store);
    assert_true(file_remove_tree(directory));
    arena_close(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify_answers), cmocka_unit_test(test_verify_many),
        cmocka_unit_test(test_verify_usage), cmocka_unit_test(test_log_commands)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
