/* `tanshu log` and `tanshu verify`: thin bodies over log.h and receipt.h. */
#include "trust/command.h"

#include "base/file.h"
#include "trust/canonical.h"
#include "trust/log.h"
#include "trust/receipt.h"
#include "trust_sql.h"

#include <string.h>

#define CHECKPOINTS_SHOWN 10
#define TR_KEY(message) message /* a message that is translated where it is printed */

struct command {
    struct arena *arena;
    const struct trust_speech *speech;
    struct store *store;
    const char *data_dir;
    FILE *out, *err;
    const char *key, *checkpoint_file;
    bool json;
    const char *words[64]; /* arguments that are no options */
    size_t word_count;
};

/* Named as locale's, so that its check of translations finds the messages; trust may not include
 * locale. */
static const char *tr(const struct command *c, const char *message)
{
    return c->speech != NULL ? c->speech->translate(c->speech->context, message) : message;
}

static const char *error_line(const struct command *c, const struct error *err)
{
    return c->speech != NULL ? c->speech->error_text(c->speech->context, c->arena, err)
                             : error_render(c->arena, err, error_sentence(err->code));
}

static int refuse(const struct command *c, const struct error *err)
{
    fprintf(c->err, "tanshu: %s\n", error_line(c, err));
    return error_exit_code(err->code);
}

static int usage(const struct command *c, const char *problem, const char *topic)
{
    struct error err;
    error_set(&err, ERROR_USAGE, "ss", tr(c, problem), topic);
    return refuse(c, &err);
}

/* Reads options and words; NULL, or what is wrong. */
static const char *read_arguments(struct command *c, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        const char **value = strcmp(argv[i], "--key") == 0          ? &c->key
                             : strcmp(argv[i], "--checkpoint") == 0 ? &c->checkpoint_file
                                                                    : NULL;
        if (strcmp(argv[i], "--format") == 0) {
            if (++i == argc || (strcmp(argv[i], "text") != 0 && strcmp(argv[i], "json") != 0))
                return TR_KEY("--format is text or json.");
            c->json = strcmp(argv[i], "json") == 0;
        } else if (value != NULL) {
            if (++i == argc) return TR_KEY("An option has no value.");
            *value = argv[i];
        } else if (argv[i][0] == '-' && argv[i][1] != '\0') {
            return TR_KEY("There is no such option.");
        } else {
            if (c->word_count == ARRAY_LEN(c->words)) return TR_KEY("Too many arguments.");
            c->words[c->word_count++] = argv[i];
        }
    }
    return NULL;
}

static void put_member(struct buf *out, const char *name, str text)
{
    buf_printf(out, "%s\"%s\":", out->len > 1 ? "," : "", name);
    buf_json_string(out, text);
}

static void put_number(struct buf *out, const char *name, uint64_t number)
{
    buf_printf(out, "%s\"%s\":%llu", out->len > 1 ? "," : "", name, (unsigned long long)number);
}

/* ---- tanshu verify ------------------------------------------------------------------------------
 */

static const char *const answer_words[] = {"no", "yes", "unknown signer"};

static void print_verdict_json(const struct command *c, const char *path,
                               const struct trust_verdict *v)
{
    struct buf *out = buf_new(c->arena);
    buf_putc(out, '{');
    put_member(out, "answer", str_from(answer_words[v->answer]));
    if (v->answer != TRUST_NO)
        put_member(out, "checkpoint_date",
                   str_from(instant_format_utc(c->arena, v->checkpoint_ms)));
    put_member(out, "file", str_from(path));
    if (v->answer != TRUST_NO) {
        put_number(out, "index", v->index);
        put_member(out, "key", v->key);
        put_member(out, "origin", v->origin);
    }
    if (v->reason.code != ERROR_NONE) {
        put_member(out, "reason", str_from(error_line(c, &v->reason)));
        put_member(out, "reason_code", str_from(error_name(v->reason.code)));
    }
    if (v->answer != TRUST_NO) {
        put_member(out, "report", v->number);
        put_number(out, "size", v->size);
    }
    fprintf(c->out, "%s}\n", out->ptr);
}

static void print_verdict_text(const struct command *c, const char *path,
                               const struct trust_verdict *v)
{
    static const char *const sentences[] = {
        TR_KEY("NO: this is not a report as it was issued."),
        TR_KEY("YES: this report is as it was issued."),
        TR_KEY(
            "UNKNOWN SIGNER: the report is whole, but you have not said that you trust its key.")};
    fprintf(c->out, "%s: %s\n", path, tr(c, sentences[v->answer]));
    if (v->reason.code != ERROR_NONE) fprintf(c->out, "  %s\n", error_line(c, &v->reason));
    if (v->answer == TRUST_NO) return;
    fprintf(c->out, "  %s: %.*s\n", tr(c, "Report number"), STR_ARG(v->number));
    fprintf(c->out, "  %s: %.*s\n", tr(c, "Log"), STR_ARG(v->origin));
    fprintf(c->out, "  %s: %llu / %llu\n", tr(c, "Place in the log"), (unsigned long long)v->index,
            (unsigned long long)v->size);
    fprintf(c->out, "  %s: %s\n", tr(c, "Checkpoint of"),
            instant_format_utc(c->arena, v->checkpoint_ms));
}

static int verify_files(struct command *c)
{
    struct trust_roots roots;
    struct error err;
    int code = 0;
    if (c->word_count == 0) return usage(c, TR_KEY("Which report is to be verified?"), "verify");
    if (c->key == NULL)
        return usage(c, TR_KEY("--key is needed: the log's verifier key, or a file of such keys."),
                     "verify");
    if (!trust_roots_read(c->arena, c->key, &roots, &err)) {
        refuse(c, &err);
        return 2;
    }
    for (size_t i = 0; i < c->word_count; i++) {
        SCOPED(arena_close_scoped) struct arena *arena = arena_open((size_t)1 << 30);
        struct trust_verdict verdict;
        str pdf;
        if (!file_read(arena, c->words[i], TRUST_REPORT_BYTES_MAX * 2, &pdf, &err)) {
            code = (int)size_max((size_t)code, (size_t)refuse(c, &err));
            continue;
        }
        trust_verify_report(arena, pdf, &roots, &verdict);
        if (c->json)
            print_verdict_json(c, c->words[i], &verdict);
        else
            print_verdict_text(c, c->words[i], &verdict);
        if (verdict.answer != TRUST_YES && code == 0) code = 1;
    }
    return code;
}

int trust_command_verify(const struct trust_speech *speech, int argc, char **argv, FILE *out,
                         FILE *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct command c = {.arena = arena, .speech = speech, .out = out, .err = err};
    const char *odd = read_arguments(&c, argc, argv);
    if (odd == NULL && c.checkpoint_file != NULL) odd = TR_KEY("There is no such option.");
    return odd != NULL ? usage(&c, odd, "verify") : verify_files(&c);
}

/* ---- tanshu log show
 * ------------------------------------------------------------------------------ */

struct show {
    struct arena *arena;
    uint64_t size;
    int64_t waiting;
    struct sql_trust_list_checkpoints_row *rows;
    size_t count;
};

static bool read_show(struct db *db, void *arg, struct error *err)
{
    struct show *s = arg;
    struct sql_trust_count_pending_row pending = {0};
    bool found;
    if (!log_size(db, &s->size, err) ||
        !sql_trust_count_pending(db, s->arena, &pending, &found, err) ||
        !sql_trust_list_checkpoints(db, s->arena, CHECKPOINTS_SHOWN, &s->rows, &s->count, err))
        return false;
    s->waiting = pending.waiting;
    return true;
}

static void print_checkpoints_json(const struct command *c, const struct show *s)
{
    struct buf *out = buf_new(c->arena);
    buf_puts(out, "{\"checkpoints\":[");
    for (size_t i = 0; i < s->count; i++) {
        struct buf *one = buf_new(c->arena);
        buf_putc(one, '{');
        put_member(one, "note", s->rows[i].note);
        put_member(one, "root",
                   str_from(hex_encode(c->arena, s->rows[i].root.ptr, s->rows[i].root.len)));
        put_member(one, "signed_at", str_from(instant_format_utc(c->arena, s->rows[i].signed_at)));
        put_number(one, "size", (uint64_t)s->rows[i].tree_size);
        buf_printf(out, "%s%s}", i > 0 ? "," : "", one->ptr);
    }
    fprintf(c->out, "%s],\"pending\":%lld,\"size\":%llu}\n", out->ptr, (long long)s->waiting,
            (unsigned long long)s->size);
}

static int show_log(struct command *c)
{
    struct show s = {.arena = c->arena};
    struct error err;
    if (!store_read(c->store, read_show, &s, &err)) return refuse(c, &err);
    if (c->json) {
        print_checkpoints_json(c, &s);
        return 0;
    }
    fprintf(c->out, "%s: %llu\n%s: %lld\n", tr(c, "Leaves in the log"), (unsigned long long)s.size,
            tr(c, "Leaves waiting for their place"), (long long)s.waiting);
    for (size_t i = 0; i < s.count; i++)
        fprintf(c->out, "%s  %12lld  %s\n", instant_format_utc(c->arena, s.rows[i].signed_at),
                (long long)s.rows[i].tree_size,
                hex_encode(c->arena, s.rows[i].root.ptr, s.rows[i].root.len));
    if (s.count > 0) fprintf(c->out, "\n%.*s", STR_ARG(s.rows[0].note));
    return 0;
}

/* ---- tanshu log prove
 * ----------------------------------------------------------------------------- */

struct prove {
    struct arena *arena;
    id64 org_id, object_id;
    const char *kind;
    struct log_receipt receipt;
};

static bool read_receipt(struct db *db, void *arg, struct error *err)
{
    struct prove *p = arg;
    return log_receipt_of(db, p->arena, p->org_id, p->kind, p->object_id, &p->receipt, err);
}

static int prove_leaf(struct command *c)
{
    struct prove p = {.arena = c->arena};
    struct error err;
    if (c->word_count != 4 || !id_parse(str_from(c->words[1]), &p.org_id) ||
        !id_parse(str_from(c->words[3]), &p.object_id))
        return usage(c, TR_KEY("Expected: log prove ORGANISATION KIND OBJECT."), "log");
    p.kind = c->words[2];
    if (!store_read(c->store, read_receipt, &p, &err)) return refuse(c, &err);
    if (p.receipt.state == LOG_ABSENT) {
        error_set(&err, ERROR_TRUST_NO_LEAF, "ss", p.kind, c->words[3]);
        return refuse(c, &err);
    }
    if (p.receipt.state != LOG_SIGNED) {
        error_set(&err, ERROR_TRUST_RECEIPT_UNSIGNED, "");
        return refuse(c, &err);
    }
    const struct log_receipt *r = &p.receipt;
    if (c->json) {
        fprintf(c->out, "%.*s\n", STR_ARG(trust_receipt_json(c->arena, r, (str){0}, NULL)));
        return 0;
    }
    fprintf(c->out, "%s: %.*s\n%s: %s\n%s: %llu / %llu\n", tr(c, "Kind"), STR_ARG(r->kind),
            tr(c, "Content"), digest_hex(c->arena, r->content), tr(c, "Place in the log"),
            (unsigned long long)r->index, (unsigned long long)r->checkpoint.size);
    fprintf(c->out, "%s: %s\n", tr(c, "Leaf"),
            digest_hex(c->arena, log_commitment(r->salt, r->kind, r->content)));
    for (size_t i = 0; i < r->proof_count; i++)
        fprintf(c->out, "%s %zu: %s\n", tr(c, "Proof"), i + 1, digest_hex(c->arena, r->proof[i]));
    fprintf(c->out, "\n%.*s", STR_ARG(r->checkpoint.note));
    return 0;
}

/* ---- tanshu log verify, sequence
 * ----------------------------------------------------------------- */

static int verify_log(struct command *c)
{
    struct log_config config = {
        .store = c->store, .data_dir = c->data_dir, .checkpoint_file = c->checkpoint_file};
    struct trust_roots roots;
    struct error err;
    char *problem;
    uint64_t size;
    const char *key =
        c->key != NULL ? c->key : arena_printf(c->arena, "%s/keys/log.pub", c->data_dir);
    if (!trust_roots_read(c->arena, key, &roots, &err) ||
        !log_verify_all(&config, &roots, c->arena, &problem, &size, &err))
        return refuse(c, &err);
    if (c->json) {
        struct buf *out = buf_new(c->arena);
        buf_putc(out, '{');
        put_member(out, "answer", problem == NULL ? STR("yes") : STR("no"));
        if (problem != NULL) put_member(out, "problem", str_from(problem));
        put_number(out, "size", size);
        fprintf(c->out, "%s}\n", out->ptr);
    } else if (problem == NULL) {
        fprintf(c->out, "%s (%llu)\n", tr(c, "YES: entries, nodes, tiles and checkpoints agree."),
                (unsigned long long)size);
    } else {
        fprintf(c->out, "%s %s\n", tr(c, "NO: the first difference:"), problem);
    }
    return problem == NULL ? 0 : 1;
}

static int sequence_log(struct command *c)
{
    struct log_config config = {
        .store = c->store, .data_dir = c->data_dir, .checkpoint_file = c->checkpoint_file};
    struct log_progress progress;
    struct trust_key key;
    struct error err;
    if (!trust_key_load(c->arena, c->data_dir, &key, &err)) return refuse(c, &err);
    bool ok = log_sequence(&config, &key, &progress, &err);
    trust_key_wipe(&key);
    if (!ok) return refuse(c, &err);
    if (c->json)
        fprintf(c->out, "{\"busy\":%s,\"ordered\":%llu,\"signed\":%s,\"size\":%llu}\n",
                progress.busy ? "true" : "false", (unsigned long long)progress.ordered,
                progress.signed_new ? "true" : "false", (unsigned long long)progress.size);
    else if (progress.busy)
        fprintf(c->out, "%s\n",
                tr(c, "Another process is ordering leaves just now; nothing was done here."));
    else
        fprintf(c->out, "%s: %llu\n%s: %llu\n", tr(c, "Leaves ordered"),
                (unsigned long long)progress.ordered, tr(c, "Leaves signed"),
                (unsigned long long)progress.size);
    return progress.busy ? 1 : 0;
}

static int rebuild_tiles(struct command *c)
{
    struct log_config config = {.store = c->store, .data_dir = c->data_dir};
    struct error err;
    if (!log_write_tiles(&config, &err)) return refuse(c, &err);
    fprintf(c->out, "%s\n", c->json ? "{\"done\":true}" : tr(c, "All tiles are written."));
    return 0;
}

int trust_command_log(struct store *store, const char *data_dir, const struct trust_speech *speech,
                      int argc, char **argv, FILE *out, FILE *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct command c = {.arena = arena,
                        .speech = speech,
                        .store = store,
                        .data_dir = data_dir,
                        .out = out,
                        .err = err};
    const char *odd = read_arguments(&c, argc, argv);
    if (odd != NULL) return usage(&c, odd, "log");
    static const struct {
        const char *name;
        int (*run)(struct command *c);
    } table[] = {{"show", show_log},
                 {"prove", prove_leaf},
                 {"verify", verify_log},
                 {"sequence", sequence_log},
                 {"tiles", rebuild_tiles}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (c.word_count > 0 && strcmp(c.words[0], table[i].name) == 0) return table[i].run(&c);
    return usage(&c, TR_KEY("Expected: log show, prove, verify, sequence or tiles."), "log");
}
