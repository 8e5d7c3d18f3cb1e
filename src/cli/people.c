/* Commands about organisations and people: org, user. */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/subject.h"

struct org_work {
    struct cli *cli;
    struct registry_org org;
    id64 org_id;
    struct registry_org *list;
    size_t count;
};

static bool add_org(struct db *db, void *arg, struct error *err)
{
    struct org_work *work = arg;
    return registry_add_org(db, work->cli->app->codes, &work->org, instant_now_ms(), &work->org_id,
                            err);
}

static const char *option_or_empty(struct cli *cli, const char *name)
{
    const char *value = cli_option(cli, name);
    return value != NULL ? value : "";
}

static int org_add(struct cli *cli)
{
    struct org_work work = {.cli = cli};
    struct registry_org *org = &work.org;
    const char *kind = option_or_empty(cli, "--kind"), *founded = cli_option(cli, "--founded");
    if (!registry_org_kind_parse(str_from(kind), &org->kind))
        return cli_usage(
            cli, tr_fill(cli->arena, cli->lang,
                         "--kind is enterprise, bank, authority, verifier or operator, not '{0}'.",
                         kind, NULL));
    if (founded != NULL && !date_parse_human(cli->arena, str_from(founded), &org->founded))
        return cli_usage(cli,
                         tr_fill(cli->arena, cli->lang,
                                 "--founded is a day such as 2008-05-01, not {0}.", founded, NULL));
    org->has_founded = founded != NULL;
    org->name = option_or_empty(cli, "--name");
    org->name_en = option_or_empty(cli, "--name-en");
    org->scheme = cli_option(cli, "--scheme") != NULL ? cli_option(cli, "--scheme")
                                                      : REGISTRY_SCHEME_CREDIT_CODE;
    org->identifier = option_or_empty(cli, "--code");
    org->industry = option_or_empty(cli, "--industry");
    org->division = option_or_empty(cli, "--division");
    org->scale = option_or_empty(cli, "--scale");
    org->on_register = cli_option(cli, "--on-register") != NULL;
    org->ets = cli_option(cli, "--ets") != NULL;
    org->invented = cli_option(cli, "--invented") != NULL;
    org->utc_offset_minutes = 480;
    int exit_code = cli_write(cli, add_org, &work);
    char id[ID_TEXT_MAX];
    id_format(work.org_id, id);
    if (exit_code == CLI_DONE) fprintf(cli->out, "%s\n", id);
    return exit_code;
}

static bool list_orgs(struct db *db, void *arg, struct error *err)
{
    struct org_work *work = arg;
    for (int kind = 0; kind < REGISTRY_ORG_KINDS; kind++) {
        struct registry_org_filter filter = {
            .kind = (enum registry_org_kind)kind, .division_prefix = "", .industry_prefix = ""};
        struct registry_org *part;
        size_t count;
        do { /* a page at a time */
            if (!registry_list_orgs(db, work->cli->arena, &filter, &part, &count, err))
                return false;
            struct registry_org *all =
                ARENA_NEW_ARRAY(work->cli->arena, struct registry_org, work->count + count + 1);
            if (work->count != 0) memcpy(all, work->list, work->count * sizeof *all);
            if (count != 0) memcpy(all + work->count, part, count * sizeof *all);
            work->list = all;
            work->count += count;
            filter.skip += (int64_t)count;
        } while (count == 1000);
    }
    return true;
}

static int org_list(struct cli *cli)
{
    struct org_work work = {.cli = cli};
    int exit_code = cli_read(cli, list_orgs, &work);
    if (exit_code != CLI_DONE) return exit_code;
    const char **cells = ARENA_NEW_ARRAY(cli->arena, const char *, work.count * 7 + 1);
    for (size_t i = 0; i < work.count; i++) {
        char id[ID_TEXT_MAX];
        const struct registry_org *org = &work.list[i];
        id_format(org->org_id, id);
        const char *row[] = {arena_strdup(cli->arena, id),
                             registry_org_kind_name(org->kind),
                             org->name,
                             org->identifier,
                             org->industry,
                             org->division,
                             org->invented ? "invented" : ""};
        memcpy(cells + i * 7, row, sizeof row);
    }
    cli_print_table(cli,
                    (const char *const[]){TR_KEY("id"), TR_KEY("kind"), TR_KEY("name"),
                                          TR_KEY("code"), TR_KEY("industry"), TR_KEY("division"),
                                          TR_KEY("note")},
                    7, cells, work.count);
    return CLI_DONE;
}

static int run_org(struct cli *cli)
{
    const char *verb = cli->argc > 0 ? cli->argv[0] : "";
    if (strcmp(verb, "add") == 0) return org_add(cli);
    if (strcmp(verb, "list") == 0) return org_list(cli);
    return cli_usage(cli, tr(cli->lang, "Say 'org add' or 'org list'."));
}

static const struct cli_option org_options[] = {
    {"--kind", "KIND", "enterprise, bank, authority, verifier or operator."},
    {"--name", "NAME", "Its name in Chinese."},
    {"--name-en", "NAME", "Its name in English."},
    {"--code", "CODE", "Unified social credit code, or another identifier with --scheme."},
    {"--scheme", "SCHEME", "Scheme of the identifier (default: uscc)."},
    {"--industry", "CLASS", "GB/T 4754 class, such as 3120; required of enterprises."},
    {"--division", "CODE", "Administrative division, six digits; bounds what an authority sees."},
    {"--scale", "SCALE", "large, medium, small or micro."},
    {"--founded", "DAY", "The day it was founded."},
    {"--on-register", NULL, "It is on the monitoring register."},
    {"--ets", NULL, "It is a key emitter of the carbon market."},
    {"--invented", NULL, "It is an example, not a real organisation."},
    {NULL, NULL, NULL}};
const struct cli_command cli_org = {
    .name = "org",
    .usage = "add --data DIR --kind KIND --name NAME … | list --data DIR",
    .summary = "Add or list organisations.",
    .options = org_options,
    .needs_data = true,
    .run = run_org};

/* ---- people ---- */

/* A password from the terminal without echo, or a line of standard input. */
static bool read_password(struct cli *cli, char *password, size_t size)
{
    struct termios shown, hidden;
    bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) {
        fprintf(cli->err, "%s ", tr(cli->lang, "Password:"));
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    bool got = fgets(password, (int)size, stdin) != NULL;
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', cli->err);
    }
    if (got) password[strcspn(password, "\r\n")] = '\0';
    return got;
}

struct user_work {
    struct cli *cli;
    struct cli_subject *subject;
    const char *login, *name;
    enum registry_role role;
    char hash[REGISTRY_HASH_BYTES];
    struct registry_person *list;
    size_t count;
};

static bool add_user(struct db *db, void *arg, struct error *err)
{
    struct user_work *work = arg;
    id64 person;
    return registry_add_person(db, work->subject->org.org_id, str_from(work->login),
                               str_from(work->name), work->role, work->hash, instant_now_ms(),
                               &person, err);
}

static bool change_password(struct db *db, void *arg, struct error *err)
{
    struct user_work *work = arg;
    return registry_set_password(db, work->subject->org.org_id, work->subject->viewer.person_id,
                                 work->hash, REGISTRY_BY_OPERATOR, instant_now_ms(), err);
}

static bool list_users(struct db *db, void *arg, struct error *err)
{
    struct user_work *work = arg;
    return registry_list_people(db, work->cli->arena, work->subject->org.org_id, &work->list,
                                &work->count, err);
}

static int hash_password(struct cli *cli, struct user_work *work)
{
    char password[REGISTRY_PASSWORD_BYTES_MAX + 2];
    struct error err = {0};
    if (!read_password(cli, password, sizeof password))
        return cli_usage(cli, tr(cli->lang, "Give the password on standard input."));
    bool hashed = registry_hash_password(str_from(password), work->hash, &err);
    explicit_bzero(password, sizeof password);
    return hashed ? CLI_DONE : cli_fail(cli, &err);
}

static int print_users(struct cli *cli, struct user_work *work)
{
    int exit_code = cli_read(cli, list_users, work);
    const char **cells = ARENA_NEW_ARRAY(cli->arena, const char *, work->count * 4 + 1);
    for (size_t i = 0; i < work->count; i++) {
        cells[4 * i] = work->list[i].login;
        cells[4 * i + 1] = work->list[i].name;
        cells[4 * i + 2] = registry_role_name(work->list[i].role);
        cells[4 * i + 3] = work->list[i].active ? "active" : "inactive";
    }
    if (exit_code == CLI_DONE)
        cli_print_table(
            cli,
            (const char *const[]){TR_KEY("login"), TR_KEY("name"), TR_KEY("role"), TR_KEY("state")},
            4, cells, work->count);
    return exit_code;
}

static int run_user(struct cli *cli)
{
    struct cli_subject subject;
    const char *verb = cli->argc > 0 ? cli->argv[0] : "", *role = cli_option(cli, "--role");
    int exit_code = cli_read_subject(cli, &subject);
    if (exit_code != CLI_DONE) return exit_code;
    struct user_work work = {.cli = cli,
                             .subject = &subject,
                             .login = cli->argc > 1 ? cli->argv[1] : "",
                             .name = option_or_empty(cli, "--name")};
    if (strcmp(verb, "list") == 0) return print_users(cli, &work);
    if (strcmp(verb, "add") == 0 && cli->argc == 2) {
        if (role == NULL || !registry_role_parse(str_from(role), &work.role) ||
            work.role == REGISTRY_NOBODY)
            return cli_usage(cli, tr(cli->lang, "Which role? 'tanshu help user' lists them."));
        if (work.name[0] == '\0') work.name = work.login;
        exit_code = hash_password(cli, &work);
        return exit_code == CLI_DONE ? cli_write(cli, add_user, &work) : exit_code;
    }
    if (strcmp(verb, "password") == 0 && subject.viewer.person_id != 0) {
        exit_code = hash_password(cli, &work);
        return exit_code == CLI_DONE ? cli_write(cli, change_password, &work) : exit_code;
    }
    return cli_usage(
        cli, tr(cli->lang, "Say 'user add LOGIN', 'user list' or 'user password --as LOGIN'."));
}

static const struct cli_option user_options[] = {
    CLI_ORG_OPTION,
    CLI_AS_OPTION,
    {"--role", "ROLE",
     "enterprise_manager, enterprise_approver, bank_officer, bank_reviewer, bank_approver, "
     "authority_officer, verifier_expert or platform_operator."},
    {"--name", "NAME", "The person's name."},
    {NULL, NULL, NULL}};
const struct cli_command cli_user = {
    .name = "user",
    .usage = "add LOGIN --org CODE --role ROLE | list --org CODE | password --org CODE --as LOGIN",
    .summary = "Add people, list them, set a password.",
    .text = "The password is read from standard input, never from the command line.",
    .options = user_options,
    .needs_data = true,
    .run = run_user};
