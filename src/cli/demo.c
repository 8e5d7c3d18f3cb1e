/* tanshu demo: organisations, people, letters and a loan case from examples/demo, and the data
 * through the same doors as a user's (demo_data.c). */
#include "cli/demo.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"

#define TABLE_BYTES_MAX ((size_t)8 << 20)
#define BAR 30

bool demo_table(struct demo *demo, const char *name, struct csv_table *table, struct error *err)
{
    str text;
    return file_read(demo->arena, arena_printf(demo->arena, "%s/%s", demo->folder, name),
                     TABLE_BYTES_MAX, &text, err) &&
           csv_read_table(demo->arena, text, table, err);
}

str demo_cell(const struct csv_table *table, size_t row, const char *column)
{
    int at = csv_column(table, column);
    return at < 0 ? STR("") : str_trim(table->rows[row][at]);
}

struct demo_org *demo_find(struct demo *demo, str code)
{
    for (size_t i = 0; i < demo->org_count; i++)
        if (str_is(code, demo->orgs[i].code)) return &demo->orgs[i];
    return NULL;
}

void demo_progress(struct demo *demo, const char *what)
{
    size_t filled = demo->steps == 0 ? 0 : demo->done * BAR / demo->steps;
    demo->done++;
    fprintf(demo->cli->err, "\r[");
    for (size_t i = 0; i < BAR; i++) fputc(i < filled ? '#' : '.', demo->cli->err);
    fprintf(demo->cli->err, "] %3zu %% %-40.40s",
            demo->steps == 0 ? 0 : demo->done * 100 / demo->steps, what);
    fflush(demo->cli->err);
}

/* ---- organisations and people ---- */

static bool read_orgs(struct demo *demo, struct error *err)
{
    struct csv_table table;
    if (!demo_table(demo, "organisations.csv", &table, err)) return false;
    demo->orgs = ARENA_NEW_ARRAY(demo->arena, struct demo_org, table.count + 1);
    for (size_t i = 0; i < table.count; i++) {
        struct demo_org *d = &demo->orgs[demo->org_count++];
        struct registry_org *org = &d->org;
        int64_t offset = 480;
        str founded = demo_cell(&table, i, "founded"), tier = demo_cell(&table, i, "tier");
        org->name = str_dup(demo->arena, demo_cell(&table, i, "name"));
        org->name_en = str_dup(demo->arena, demo_cell(&table, i, "name_en"));
        org->scheme = str_dup(demo->arena, demo_cell(&table, i, "scheme"));
        org->identifier = str_dup(demo->arena, demo_cell(&table, i, "code"));
        org->industry = str_dup(demo->arena, demo_cell(&table, i, "industry"));
        org->division = str_dup(demo->arena, demo_cell(&table, i, "division"));
        org->grid_region = str_dup(demo->arena, demo_cell(&table, i, "grid_region"));
        org->scale = str_dup(demo->arena, demo_cell(&table, i, "scale"));
        org->on_register = str_is(demo_cell(&table, i, "on_register"), "yes");
        org->ets = str_is(demo_cell(&table, i, "ets"), "yes");
        org->invented = str_is(demo_cell(&table, i, "invented"), "yes");
        org->has_founded = founded.len > 0;
        if (!registry_org_kind_parse(demo_cell(&table, i, "kind"), &org->kind) ||
            (org->has_founded && !date_parse_iso(founded, &org->founded)) ||
            !num_parse_int(demo_cell(&table, i, "utc_offset"), &offset) ||
            (tier.len > 0 && !account_tier_parse(tier, &d->tier)))
            return error_set(err, ERROR_CLI_DEMO_ROW, "si", "organisations.csv", table.lines[i]);
        org->utc_offset_minutes = (int)offset;
        d->data = str_dup(demo->arena, demo_cell(&table, i, "data"));
        d->note = str_dup(demo->arena, demo_cell(&table, i, "note"));
        d->code = strcmp(org->scheme, REGISTRY_SCHEME_CREDIT_CODE) == 0
                      ? org->identifier
                      : arena_printf(demo->arena, "%s:%s", org->scheme, org->identifier);
    }
    return true;
}

static bool add_people(struct db *db, struct demo *demo, const struct csv_table *table,
                       struct error *err)
{
    for (size_t i = 0; i < table->count; i++) {
        struct demo_org *org = demo_find(demo, demo_cell(table, i, "org"));
        enum registry_role role;
        id64 person;
        if (org == NULL || !registry_role_parse(demo_cell(table, i, "role"), &role))
            return error_set(err, ERROR_CLI_DEMO_ROW, "si", "people.csv", table->lines[i]);
        if (!registry_add_person(db, org->org.org_id, demo_cell(table, i, "login"),
                                 demo_cell(table, i, "name"), role, demo->hash, instant_now_ms(),
                                 &person, err))
            return false;
        struct viewer viewer = registry_viewer_own(org->org.org_id, person);
        viewer.org_kind = org->org.kind;
        viewer.role = role;
        if (role == REGISTRY_ENTERPRISE_APPROVER)
            org->approver = viewer;
        else if (org->manager.person_id == 0)
            org->manager = viewer;
    }
    return true;
}

static bool add_everybody(struct db *db, void *arg, struct error *err)
{
    struct demo *demo = arg;
    struct csv_table people;
    for (size_t i = 0; i < demo->org_count; i++)
        if (!registry_add_org(db, demo->app->codes, &demo->orgs[i].org, instant_now_ms(),
                              &demo->orgs[i].org.org_id, err))
            return false;
    return demo_table(demo, "people.csv", &people, err) && add_people(db, demo, &people, err);
}

/* ---- letters and cases ---- */

static bool find_person(struct db *db, struct demo *demo, str login, struct viewer *viewer,
                        struct error *err)
{
    for (size_t i = 0; i < demo->org_count; i++) {
        struct registry_person *people;
        size_t count;
        if (!registry_list_people(db, demo->arena, demo->orgs[i].org.org_id, &people, &count, err))
            return false;
        for (size_t k = 0; k < count; k++) {
            if (!str_is(login, people[k].login)) continue;
            *viewer = registry_viewer_own(demo->orgs[i].org.org_id, people[k].person_id);
            viewer->org_kind = demo->orgs[i].org.kind;
            viewer->role = people[k].role;
            return true;
        }
    }
    return error_set(err, ERROR_CLI_DEMO_ROW, "si", "letters.csv", (int64_t)0);
}

static bool add_letter(struct db *db, struct demo *demo, const struct csv_table *table, size_t row,
                       struct error *err)
{
    struct demo_org *enterprise = demo_find(demo, demo_cell(table, row, "enterprise"));
    struct viewer officer;
    date first, last;
    int scopes;
    id64 letter, case_id;
    int64_t now = instant_now_ms();
    const char *purpose = str_dup(demo->arena, demo_cell(table, row, "purpose"));
    if (enterprise == NULL || !date_parse_iso(demo_cell(table, row, "first_day"), &first) ||
        !date_parse_iso(demo_cell(table, row, "last_day"), &last) ||
        !registry_scopes_parse(demo_cell(table, row, "scopes"), &scopes))
        return error_set(err, ERROR_CLI_DEMO_ROW, "si", "letters.csv", table->lines[row]);
    if (!find_person(db, demo, demo_cell(table, row, "bank_login"), &officer, err)) return false;
    const char *text = arena_printf(
        demo->arena, "示例授权书：%s 授权查询其碳账户数据，用途与期限如上。", enterprise->org.name);
    if (!registry_request_authorisation(db, &officer, enterprise->org.org_id, purpose, scopes,
                                        first, last, text, now, &letter, err))
        return false;
    if (!str_is(demo_cell(table, row, "answer"), "grant")) return true;
    if (!registry_answer_authorisation(db, &enterprise->manager, letter, REGISTRY_GRANTED, "", now,
                                       err))
        return false;
    const char *product = str_dup(demo->arena, demo_cell(table, row, "case_product"));
    double amount;
    if (product[0] == '\0') return true;
    if (!num_parse(demo_cell(table, row, "case_amount"), &amount))
        return error_set(err, ERROR_CLI_DEMO_ROW, "si", "letters.csv", table->lines[row]);
    return finance_apply(db, demo->arena, &enterprise->manager, &demo->app->credit, officer.org_id,
                         enterprise->org.org_id, 2025, product, amount,
                         str_dup(demo->arena, demo_cell(table, row, "case_purpose")),
                         instant_day(now, 480), now, &case_id, err);
}

static bool add_letters(struct db *db, void *arg, struct error *err)
{
    struct demo *demo = arg;
    struct csv_table table;
    if (!demo_table(demo, "letters.csv", &table, err)) return false;
    for (size_t i = 0; i < table.count; i++)
        if (!add_letter(db, demo, &table, i, err)) return false;
    return true;
}

/* ---- the whole ---- */

static bool is_empty(struct db *db, void *arg, struct error *err)
{
    struct demo *demo = arg;
    struct registry_org_filter filter = {
        .kind = REGISTRY_ENTERPRISE, .division_prefix = "", .industry_prefix = ""};
    struct registry_org *list;
    size_t count;
    if (!registry_list_orgs(db, demo->arena, &filter, &list, &count, err)) return false;
    return count == 0 || error_set(err, ERROR_CLI_DEMO_FULL, "s", demo->app->data);
}

static bool load(struct demo *demo, struct error *err)
{
    struct store *store = demo->app->store;
    if (!store_read(store, is_empty, demo, err) || !read_orgs(demo, err) ||
        !registry_hash_password(STR(DEMO_PASSWORD), demo->hash, err))
        return false;
    demo->steps = demo_count_history(demo, err) + 3;
    demo_progress(demo, "organisations and people");
    if (!app_set(demo->app->data, STR("demo_password"), STR(DEMO_PASSWORD), err) ||
        !app_set(demo->app->data, STR("issuer_zh"), STR("示例征信有限公司（示例）"), err) ||
        !app_set(demo->app->data, STR("issuer_en"), STR("Sample Credit Reporting Ltd. (example)"),
                 err) ||
        !store_write(store, add_everybody, demo, err) || !demo_load_history(demo, err) ||
        !demo_load_meter(demo, err))
        return false;
    demo_progress(demo, "letters of authorisation and a loan case");
    return store_write(store, add_letters, demo, err) && app_sequence(demo->app, err);
}

static int run_demo(struct cli *cli)
{
    struct error err = {0};
    struct demo demo = {.cli = cli, .app = cli->app, .arena = cli->arena};
    demo.folder = arena_printf(cli->arena, "%s/examples/demo", cli->app->share);
    bool loaded = load(&demo, &err);
    instant_fix(0);
    fputc('\n', cli->err);
    if (!loaded) return cli_fail(cli, &err);
    fprintf(cli->out, "%s\n",
            tr_fill(cli->arena, cli->lang, "The demo is loaded. Everybody's password is {0}.",
                    DEMO_PASSWORD, NULL));
    return CLI_DONE;
}

const struct cli_command cli_demo = {
    .name = "demo",
    .usage = "--data DIR",
    .summary = "Load the demo: a real meter and invented enterprises.",
    .text = "The real 15-minute meter of a steel plant, and six invented enterprises marked 示例, "
            "go through the same doors as a "
            "user's data. Their history is dated as if each month had been sent in time. Only into "
            "a directory without enterprises.",
    .needs_data = true,
    .run = run_demo};
