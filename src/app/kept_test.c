/* Kept values: made once, made anew after any program's write, never for eyes that may not see
 * them, bounded, and safe with threads. */
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/kept.h"
#include "base/num.h"
#include "mill.h"

static struct mill *mill;
static struct arena *arena;
static struct error err;
static struct store *store, *other; /* the same file, opened twice as by two programs */
static struct kept *kept;
static id64 org_id, third_id;
static int reads;

#define MUST(call)                                                         \
    do {                                                                   \
        if (!(call))                                                       \
            fail_msg("line %d: %s", __LINE__,                              \
                     error_render(arena, &err, error_sentence(err.code))); \
    } while (0)

static bool rename_bank(struct db *db, void *arg, struct error *e)
{
    struct registry_org org;
    if (!registry_get_org(db, arena, mill->bank_id, &org, e)) return false;
    org.name = arg;
    return registry_change_org(db, mill->rules.codes, &org, e);
}

static int set_up(void **state)
{
    mill_set_up(state);
    mill = mill_of_case();
    arena = mill->arena;
    org_id = mill->org_id;
    third_id = mill->other_bank_id;
    store = mill->store;
    other = store_open(&(struct store_options){.where = mill->where}, &err);
    kept = kept_open((size_t)1 << 20);
    return other != NULL && store_write(store, rename_bank, "B", &err) ? 0 : -1;
}

static int tear_down(void **state)
{
    store_close(other);
    mill_tear_down(state); /* the arena gives back the values that it holds */
    kept_close(kept);
    return 0;
}

/* The value of these tests: a setting of an organisation and its name, as text. */
struct wanted {
    struct arena *arena;
    id64 org_id;
    const char *text;
};

static bool read_text(struct db *db, void *arg, struct error *e)
{
    struct wanted *wanted = arg;
    struct registry_org org;
    str value = STR("");
    bool found;
    __atomic_add_fetch(&reads, 1, __ATOMIC_RELAXED);
    if (!registry_get_setting(db, wanted->arena, wanted->org_id, STR("colour"), &value, &found,
                              e) ||
        !registry_get_org(db, wanted->arena, mill->bank_id, &org, e))
        return false;
    wanted->text = arena_printf(wanted->arena, "%.*s of %s", STR_ARG(value), org.name);
    return true;
}

static str make_text(void *arg)
{
    return str_from(((struct wanted *)arg)->text);
}

static bool get(struct arena *own, const struct viewer *viewer, id64 of, str *bytes,
                struct error *e)
{
    struct wanted wanted = {own, org_id, ""};
    struct kept_value value = {.org_id = of,
                               .scope = REGISTRY_SCOPE_ACCOUNT,
                               .name = STR("text"),
                               .read = read_text,
                               .make = make_text,
                               .arg = &wanted};
    return kept_get(kept, store, own, viewer, &value, bytes, e);
}

static const char *text_of(id64 of)
{
    str bytes;
    MUST(get(arena, &mill->manager, of, &bytes, &err));
    return str_dup(arena, bytes);
}

struct setting {
    id64 org_id;
    const char *value;
};

static bool set_colour(struct db *db, void *arg, struct error *e)
{
    const struct setting *setting = arg;
    return registry_set_setting(db, setting->org_id, STR("colour"), str_from(setting->value), e);
}

static void paint(struct store *by, id64 of, const char *value)
{
    struct setting setting = {of, value};
    MUST(store_write(by, set_colour, &setting, &err));
}

struct letter {
    int scopes;
    id64 id;
    bool withdrawn;
};

static bool grant(struct db *db, void *arg, struct error *e)
{
    struct letter *letter = arg;
    if (letter->withdrawn)
        return registry_answer_authorisation(db, &mill->manager, letter->id, REGISTRY_WITHDRAWN,
                                             "why", MILL_NOW, e);
    return mill_grant(db, mill, letter->scopes, &letter->id, e);
}

static void test_kept_until_changed(void **state)
{
    (void)state;
    paint(store, org_id, "red");
    int before = reads;
    assert_string_equal(text_of(org_id), "red of B");
    assert_string_equal(text_of(org_id), "red of B");
    assert_int_equal(reads, before + 1);
    /* This program's write, another's, and the same value written again. */
    paint(store, org_id, "green");
    assert_string_equal(text_of(org_id), "green of B");
    paint(other, org_id, "blue");
    assert_string_equal(text_of(org_id), "blue of B");
    assert_int_equal(reads, before + 3);
    /* What a third one's row says is no part of it; what everybody's row says is. */
    paint(other, third_id, "white");
    assert_string_equal(text_of(org_id), "blue of B");
    assert_int_equal(reads, before + 3);
    MUST(store_write(other, rename_bank, "Bank", &err));
    assert_string_equal(text_of(org_id), "blue of Bank");
    MUST(store_write(other, rename_bank, "B", &err));
    assert_string_equal(text_of(org_id), "blue of B");
}

static void test_of_all(void **state)
{
    (void)state;
    (void)text_of(KEPT_OF_ALL);
    int before = reads;
    (void)text_of(KEPT_OF_ALL);
    assert_int_equal(reads, before);
    paint(other, third_id, "black");
    (void)text_of(KEPT_OF_ALL);
    assert_int_equal(reads, before + 1);
}

/* The same value under the same name: rights are asked each time. */
static void test_rights(void **state)
{
    (void)state;
    struct letter letter = {.scopes = REGISTRY_SCOPE_ALL};
    str bytes;
    (void)text_of(org_id);
    assert_false(get(arena, &mill->officer, org_id, &bytes, &err));
    assert_int_equal(err.code, ERROR_REGISTRY_NOT_ALLOWED);
    MUST(store_write(other, grant, &letter, &err));
    MUST(get(arena, &mill->officer, org_id, &bytes, &err));
    letter.withdrawn = true;
    MUST(store_write(other, grant, &letter, &err));
    (void)text_of(org_id);
    assert_false(get(arena, &mill->officer, org_id, &bytes, &err));
    assert_int_equal(err.code, ERROR_REGISTRY_NOT_ALLOWED);
}

static bool read_nothing(struct db *db, void *arg, struct error *e)
{
    (void)db;
    (void)arg;
    (void)e;
    return true;
}

static str make_large(void *arg)
{
    return *(const str *)arg;
}

static void test_bounded(void **state)
{
    (void)state;
    str large = {arena_alloc(arena, 100000), 100000}, huge = {arena_alloc(arena, 1000000), 1000000},
        bytes;
    for (int i = 0; i < 30; i++) {
        struct kept_value value = {.org_id = org_id,
                                   .name = str_from(arena_printf(arena, "large %d", i)),
                                   .read = read_nothing,
                                   .make = make_large,
                                   .arg = i == 29 ? &huge : &large};
        MUST(kept_get(kept, store, arena, &mill->manager, &value, &bytes, &err));
        assert_int_equal(bytes.len, i == 29 ? 1000000 : 100000);
    }
    struct kept_state now = kept_state(kept);
    assert_true(now.bytes <= (size_t)1 << 20);
    assert_int_equal(now.count, 10); /* 1 MiB holds ten of 100,000 bytes; the huge one none */
}

/* A reader never sees less than what was written before it asked. */
#define THREADS 6
#define ROUNDS 60

static _Atomic int painted;

static void *paint_often(void *arg)
{
    struct error e;
    for (int i = 1; i <= ROUNDS; i++) {
        char text[24];
        snprintf(text, sizeof text, "%d", i);
        struct setting setting = {org_id, text};
        if (!store_write(i % 2 == 0 ? store : other, set_colour, &setting, &e)) *(bool *)arg = true;
        atomic_store(&painted, i);
    }
    return NULL;
}

static void *look_often(void *arg)
{
    struct error e;
    while (atomic_load(&painted) < ROUNDS) {
        SCOPED(arena_close_scoped) struct arena *own = arena_open(0);
        int least = atomic_load(&painted);
        str bytes;
        int64_t seen = 0;
        if (!get(own, &mill->manager, org_id, &bytes, &e) ||
            !num_parse_int(str_slice(bytes, 0, strcspn(bytes.ptr, " ")), &seen) || seen < least)
            *(bool *)arg = true;
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    bool failed[THREADS] = {false};
    paint(store, org_id, "0");
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, i == 0 ? paint_often : look_often, &failed[i]), 0);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_false(failed[i]);
    }
    assert_string_equal(text_of(org_id), "60 of B");
    assert_true(kept_state(kept).found > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept_until_changed),
        cmocka_unit_test(test_of_all),
        cmocka_unit_test(test_rights),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
