/* What the keeper of an installation is told of its own flows. */
#include "unit.h"

#include <stdlib.h>

#include "app/app.h"
#include "base/file.h"
#include "shipped.h"

/* A flow of the installation that says less than the shipped one works, and its keeper is told. */
static void test_flow_without_words(void **state)
{
    static const char text[] = "flow loan_application 2\n"
                               "  title   \"Own\" zh \"自有\"\n"
                               "  source  \"app_test.c\"\n"
                               "  subject loan_case\n"
                               "state desk \"Desk\" zh \"柜台\" start path\n"
                               "state paid \"Paid\" zh \"放款\" final path means granted\n"
                               "transition pay \"Pay\" zh \"放款\"\n"
                               "  from desk\n"
                               "  to   paid\n"
                               "  role bank_officer\n";
    (void)state;
    struct error err;
    struct app *app;
    char directory[] = "/tmp/tanshu-flows-XXXXXX";
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    setenv("TANSHU_SHARE", shipped_path(arena, "."), 1);
    assert_non_null(mkdtemp(directory));
    assert_true(app_init(directory, "carbon.example/test", NULL, NULL, &err));
    assert_true(app_open(directory, APP_WORK, &app, &err));
    assert_int_equal(app->flow_warning_count, 0);
    app_close(app);
    const char *path = arena_printf(arena, "%s/flows/own.flow", directory);
    assert_true(file_write(path, str_from(text), &err));
    assert_true(app_open(directory, APP_WORK, &app, &err));
    assert_int_equal(app->flow_warning_count, 2);
    const struct error *ended = &app->flow_warnings[0].reason,
                       *letter = &app->flow_warnings[1].reason;
    assert_int_equal(ended->code, ERROR_APP_FLOW_WORD);
    assert_true(str_is(error_arg(ended, 3), "means consent_ended"));
    assert_true(str_is(error_arg(letter, 3), "needs letter"));
    app_close(app);
    assert_true(file_remove_tree(directory));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_flow_without_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
