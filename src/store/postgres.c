/* The PostgreSQL driver, by libpq. Writes run SERIALIZABLE, so that works see the same order as
 * with SQLite's one writer; a serialization failure makes the work run again. Parameters travel as
 * binary, results as text, which reads every number type exactly. */
#include <libpq-fe.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "store/driver.h"

/* Keeps two programs from migrating at once: any number that nobody else uses. */
#define MIGRATION_LOCK "6070128254601"
/* How long a migration waits for a table that others keep, so that they do not queue behind it. */
#define LOCK_SECONDS 15
#define LOCK_TIMEOUT "15s"

enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_VARCHAR = 1043,
    OID_NUMERIC = 1700
};

static const Oid param_oids[] = {
    [SQL_INT] = OID_INT8,    [SQL_DAY] = OID_INT8,  [SQL_FLAG] = OID_BOOL,
    [SQL_REAL] = OID_FLOAT8, [SQL_TEXT] = OID_TEXT, [SQL_BYTES] = OID_BYTEA,
};

struct postgres_db {
    struct db base;
    PGconn *connection;
    const struct sql_statement **prepared; /* open addressing, a power of two */
    size_t prepared_count, prepared_size;
    PGresult *result;
    int row;
    char *bytes; /* the column of bytes that was read last */
    size_t bytes_room;
    bool narrowed; /* works in the everyday role, also after connecting anew */
};

static struct postgres_db *of(struct db *db)
{
    return (struct postgres_db *)db;
}

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The role of everyday work, one for each database of the server. */
static char *role_of(struct db *db, struct arena *arena)
{
    return arena_printf(arena, "%s_writer", PQdb(of(db)->connection));
}

/* The server refuses for lack of a right: of a table that only grows, of the everyday role, or of
 * the owner while migrating. */
static bool failed_right(struct db *db, const char *text, struct error *err, const char *what)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    str message = str_from(text), last;
    while (str_cut(&message, ' ', &last)) continue; /* "permission denied for table x" */
    for (const char *const *table = store_append_only(db->store); *table != NULL; table++)
        if (of(db)->narrowed && str_is(last, *table))
            return error_set(err, ERROR_STORE_APPEND_ONLY, "s", what);
    if (of(db)->narrowed || starts(what, "store_"))
        return error_set(err, ERROR_STORE_ROLE, "ss", role_of(db, arena), text);
    if (starts(what, "create role") || starts(what, "grant \""))
        return error_set(err, ERROR_STORE_ROLE_MAKE, "sss", role_of(db, arena), text,
                         PQuser(of(db)->connection));
    return error_set(err, ERROR_STORE_OWNER, "ss", PQuser(of(db)->connection), text);
}

/* Records what the server's SQLSTATE means to a person; false always. */
static bool failed(struct db *db, const PGresult *result, const char *what, struct error *err)
{
    const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (text == NULL) text = PQerrorMessage(of(db)->connection);
    if (state == NULL || starts(state, "08") || starts(state, "57P"))
        return error_set(err, ERROR_STORE_CONNECT, "s", text);
    if (starts(state, "42501")) return failed_right(db, text, err, what);
    if (starts(state, "57014")) return db_timed_out(db, what, err);
    if (starts(state, "55P03"))
        return error_set(err, ERROR_STORE_BUSY, "si", store_place(db->store),
                         (int64_t)LOCK_SECONDS);
    if (starts(state, "40001") || starts(state, "40P01")) {
        db->retry = true;
        return error_set(err, ERROR_STORE_BUSY, "si", store_place(db->store), (int64_t)0);
    }
    if (starts(state, "23505")) return error_set(err, ERROR_STORE_DUPLICATE, "ss", what, text);
    if (starts(state, "23")) return error_set(err, ERROR_STORE_CONSTRAINT, "ss", what, text);
    if (starts(state, "53100"))
        return error_set(err, ERROR_STORE_FULL, "s", store_place(db->store));
    if (starts(state, "25006")) return error_set(err, ERROR_STORE_READ_ONLY, "s", what);
    if (starts(state, "XX001") || starts(state, "XX002"))
        return error_set(err, ERROR_STORE_CORRUPT, "ss", store_place(db->store), text);
    return error_set(err, ERROR_STORE_STATEMENT, "ss", what, text);
}

static bool run_text(struct db *db, const char *text, struct error *err)
{
    PGresult *result = PQexec(of(db)->connection, text);
    ExecStatusType status = PQresultStatus(result);
    bool good =
        status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || failed(db, result, text, err);
    PQclear(result);
    return good;
}

static void be_silent(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

static void close_db(struct db *db)
{
    PQclear(of(db)->result);
    PQfinish(of(db)->connection);
    free(of(db)->prepared);
    free(of(db)->bytes);
    free(db);
}

static bool set_up(struct postgres_db *self, struct error *err)
{
    PGconn *connection = self->connection;
    if (PQstatus(connection) != CONNECTION_OK)
        return error_set(err, ERROR_STORE_CONNECT, "s", PQerrorMessage(connection));
    PQsetNoticeProcessor(connection, be_silent, NULL);
    const char *encoding = PQparameterStatus(connection, "server_encoding");
    if (encoding == NULL || strcmp(encoding, "UTF8") != 0 ||
        PQsetClientEncoding(connection, "UTF8") != 0)
        return error_set(err, ERROR_STORE_CONNECT, "s", "the database must have the encoding UTF8");
    return true;
}

static bool set_role(struct db *db, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    PGconn *connection = of(db)->connection;
    const char *role = role_of(db, arena);
    char *quoted = PQescapeIdentifier(connection, role, strlen(role));
    CHECK(quoted != NULL);
    PGresult *result = PQexec(connection, arena_printf(arena, "set role %s", quoted));
    PQfreemem(quoted);
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (!good && state != NULL && (starts(state, "42501") || starts(state, "22023")))
        error_set(err, ERROR_STORE_ROLE, "ss", role,
                  PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    else if (!good)
        failed(db, result, "set role", err);
    PQclear(result);
    return good;
}

static bool narrow(struct db *db, struct error *err)
{
    of(db)->narrowed = true;
    return set_role(db, err);
}

/* openGauss and GaussDB take SERIALIZABLE for REPEATABLE READ (their manual, "Managing
 * Transactions"): works that each rest on what the other changes would both pass, unseen. */
static bool check_server(struct db *db, struct error *err)
{
    static const char *const others[] = {"openGauss", "GaussDB", "gaussdb"};
    PGresult *result = PQexec(of(db)->connection, "select version()");
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK || failed(db, result, "version", err);
    for (size_t i = 0; good && i < ARRAY_LEN(others); i++)
        if (strstr(PQgetvalue(result, 0, 0), others[i]) != NULL)
            good = error_set(err, ERROR_STORE_SERVER, "s", PQgetvalue(result, 0, 0));
    PQclear(result);
    return good;
}

static struct db *open_db(const struct store *store, const char *place, enum db_role role,
                          struct error *err)
{
    /* What the connection text says comes last and counts. A server that is gone is noticed. */
    static const char *const names[] = {"fallback_application_name", "connect_timeout",
                                        "tcp_user_timeout", "dbname", NULL};
    const char *const values[] = {"tanshu", "10", "15000", place, NULL};
    struct postgres_db *self = calloc(1, sizeof *self);
    CHECK(self != NULL);
    self->base = (struct db){.driver = &postgres_driver, .store = store};
    self->connection = PQconnectdbParams(names, values, 1);
    /* A store's first connection is the one that may migrate. */
    if (set_up(self, err) &&
        (role == DB_MIGRATION ? check_server(&self->base, err) : narrow(&self->base, err)))
        return &self->base;
    close_db(&self->base);
    return NULL;
}

static bool begin(struct db *db, enum db_role role, struct error *err)
{
    static const char *const texts[] = {
        [DB_READER] = "begin isolation level repeatable read read only",
        [DB_WRITER] = "begin isolation level serializable",
        [DB_MIGRATION] = "begin; select pg_advisory_xact_lock(" MIGRATION_LOCK ");"
                         "set local lock_timeout = '" LOCK_TIMEOUT "'",
    };
    struct postgres_db *self = of(db);
    char text[200];
    int64_t left_ms = db->deadline_ms - clock_ms();
    if (db->deadline_ms == 0)
        snprintf(text, sizeof text, "%s", texts[role]);
    else
        snprintf(text, sizeof text, "%s; set local statement_timeout = %lld", texts[role],
                 (long long)(left_ms > 0 ? left_ms : 1));
    if (run_text(db, text, err)) return true;
    if (PQstatus(self->connection) != CONNECTION_BAD) return false;
    PQreset(self->connection); /* the server was started anew since the last transaction */
    self->prepared_count = 0;
    if (self->prepared_size != 0)
        memset(self->prepared, 0, self->prepared_size * sizeof *self->prepared);
    return set_up(self, err) && (!self->narrowed || set_role(db, err)) && run_text(db, text, err);
}

static bool commit(struct db *db, struct error *err)
{
    return run_text(db, "commit", err);
}

static bool in_transaction(struct db *db)
{
    return PQtransactionStatus(of(db)->connection) != PQTRANS_IDLE;
}

static void rollback(struct db *db)
{
    struct error ignored;
    if (in_transaction(db)) (void)!run_text(db, "rollback", &ignored);
}

static bool has_schema(struct db *db, bool *has, struct error *err)
{
    PGresult *result =
        PQexec(of(db)->connection, "select to_regclass('store_migration') is not null");
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK || failed(db, result, "open", err);
    if (good) *has = PQgetvalue(result, 0, 0)[0] == 't';
    PQclear(result);
    return good;
}

struct role_state {
    bool exists, member,
        owner; /* owner: the connection's user owns the tables, as far as any are */
};

static bool find_role(struct db *db, const char *role, struct role_state *state, struct error *err)
{
    PGresult *result = PQexecParams(
        of(db)->connection,
        "select count(*) > 0, coalesce(bool_or(pg_has_role(current_user, oid, 'member')), false),"
        " coalesce((select pg_has_role(current_user, relowner, 'usage') from pg_class"
        " where oid = to_regclass('store_migration')), true) from pg_roles where rolname = $1",
        1, NULL, &role, NULL, NULL, 0);
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK || failed(db, result, "open", err);
    if (good)
        *state = (struct role_state){.exists = PQgetvalue(result, 0, 0)[0] == 't',
                                     .member = PQgetvalue(result, 0, 1)[0] == 't',
                                     .owner = PQgetvalue(result, 0, 2)[0] == 't'};
    PQclear(result);
    return good;
}

static bool is_append_only(struct db *db, const char *name)
{
    for (const char *const *table = store_append_only(db->store); *table != NULL; table++)
        if (strcmp(*table, name) == 0) return true;
    return false;
}

/* "VERB t1, t2 … DIRECTION role" over all tables, those that only grow, or the others. */
static char *grant_text(struct db *db, struct arena *arena, const char *verb, int which,
                        const char *direction, const char *role)
{
    struct buf *out = buf_new(arena);
    const char *between = " ";
    buf_puts(out, verb);
    for (const struct schema_table *const *t = store_history_of(db->store)->tables; *t != NULL;
         t++) {
        if (which >= 0 && is_append_only(db, (*t)->name) != (which == 1)) continue;
        buf_printf(out, "%s%s", between, (*t)->name);
        between = ", ";
    }
    buf_printf(out, " %s %s", direction, role);
    return str_dup(arena, buf_str(out));
}

static const char *name(struct db *db)
{
    return PQdb(of(db)->connection);
}

static bool rights(struct db *db, struct arena *arena, const char ***texts, size_t *count,
                   struct error *err)
{
    const char *everyday = role_of(db, arena);
    struct role_state state;
    if (!find_role(db, everyday, &state, err)) return false;
    /* A grant by another user would end in a warning only. */
    if (!state.owner)
        return error_set(err, ERROR_STORE_OWNER, "ss", PQuser(of(db)->connection),
                         "must be owner of table store_migration");
    char *quoted = PQescapeIdentifier(of(db)->connection, everyday, strlen(everyday));
    CHECK(quoted != NULL);
    const char *role = arena_strdup(arena, quoted);
    PQfreemem(quoted);
    *texts = ARENA_NEW_ARRAY(arena, const char *, 8);
    *count = 0;
    if (!state.exists) (*texts)[(*count)++] = arena_printf(arena, "create role %s nologin", role);
    if (!state.member) (*texts)[(*count)++] = arena_printf(arena, "grant %s to current_user", role);
    (*texts)[(*count)++] = grant_text(db, arena, "grant select, insert on", -1, "to", role);
    (*texts)[(*count)++] = grant_text(db, arena, "grant update, delete on", 0, "to", role);
    (*texts)[(*count)++] =
        grant_text(db, arena, "revoke update, delete, truncate on", 1, "from", role);
    return true;
}

static bool check_rights(struct db *db, struct buf *report, struct error *err)
{
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(0);
    struct buf *names = buf_new(arena);
    for (const char *const *table = store_append_only(db->store); *table != NULL; table++)
        buf_printf(names, "%s%s", names->len == 0 ? "{" : ",", *table);
    buf_puts(names, names->len == 0 ? "{}" : "}");
    const char *list = str_dup(arena, buf_str(names));
    PGresult *result = PQexecParams(
        of(db)->connection,
        "select relname from pg_class where oid = any (select to_regclass(name)::oid from"
        " unnest($1::text[]) name) and has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE')"
        " order by 1",
        1, NULL, &list, NULL, NULL, 0);
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK || failed(db, result, "rights", err);
    for (int i = 0; good && i < PQntuples(result); i++)
        buf_printf(report,
                   "rights: %s may change rows of %s, which only grows; run 'tanshu migrate'\n",
                   role_of(db, arena), PQgetvalue(result, i, 0));
    PQclear(result);
    return good;
}

static size_t slot_of(const struct postgres_db *self, const struct sql_statement *statement)
{
    size_t at = ((uintptr_t)statement >> 4) * (size_t)0x9E3779B97F4A7C15u >> 20;
    while (self->prepared[at &= self->prepared_size - 1] != NULL && self->prepared[at] != statement)
        at++;
    return at;
}

static void grow_prepared(struct postgres_db *self)
{
    const struct sql_statement **old = self->prepared;
    size_t old_size = self->prepared_size;
    self->prepared_size = old_size == 0 ? 64 : old_size * 2;
    self->prepared = calloc(self->prepared_size, sizeof *self->prepared);
    CHECK(self->prepared != NULL);
    for (size_t i = 0; i < old_size; i++)
        if (old[i] != NULL) self->prepared[slot_of(self, old[i])] = old[i];
    free(old);
}

static bool type_fits(enum sql_type type, Oid oid)
{
    switch (type) {
    case SQL_INT:
    case SQL_DAY:
        return oid == OID_INT8 || oid == OID_INT4 || oid == OID_INT2 || oid == OID_NUMERIC;
    case SQL_FLAG: return oid == OID_BOOL;
    case SQL_REAL: return oid == OID_FLOAT8 || oid == OID_FLOAT4 || oid == OID_NUMERIC;
    case SQL_TEXT: return oid == OID_TEXT || oid == OID_VARCHAR;
    case SQL_BYTES: return oid == OID_BYTEA;
    }
    return false;
}

static bool check_columns(struct db *db, const struct sql_statement *statement, struct error *err)
{
    PGresult *result = PQdescribePrepared(of(db)->connection, statement->name);
    bool good =
        PQresultStatus(result) == PGRES_COMMAND_OK || failed(db, result, statement->name, err);
    if (good && (size_t)PQnfields(result) != statement->columns_count)
        good = error_set(err, ERROR_STORE_ANSWER, "sss", statement->name,
                         "another number of columns", "");
    for (size_t i = 0; good && i < statement->columns_count; i++)
        if (!type_fits(statement->columns[i].type, PQftype(result, (int)i)))
            good = error_set(err, ERROR_STORE_ANSWER, "sss", statement->name,
                             "a value of another type", statement->columns[i].name);
    PQclear(result);
    return good;
}

static bool prepare(struct db *db, const struct sql_statement *statement, struct error *err)
{
    struct postgres_db *self = of(db);
    if (self->prepared_count * 2 >= self->prepared_size) grow_prepared(self);
    size_t slot = slot_of(self, statement);
    if (self->prepared[slot] != NULL) return true;
    Oid oids[SQL_PARAMS_MAX];
    CHECK(statement->params_count <= SQL_PARAMS_MAX);
    for (size_t i = 0; i < statement->params_count; i++) oids[i] = param_oids[statement->params[i]];
    PGresult *result = PQprepare(self->connection, statement->name, statement->text[SQL_POSTGRES],
                                 (int)statement->params_count, oids);
    bool good =
        PQresultStatus(result) == PGRES_COMMAND_OK || failed(db, result, statement->name, err);
    PQclear(result);
    if (!good || !check_columns(db, statement, err)) return false;
    self->prepared[slot] = statement;
    self->prepared_count++;
    return true;
}

struct wire {
    char bytes[8];
};

/* Eight bytes, the highest first: the binary form of bigint and of double precision. */
static void put_big_endian(struct wire *wire, uint64_t bits)
{
    for (int i = 0; i < 8; i++) wire->bytes[i] = (char)(bits >> (56 - 8 * i));
}

static const char *put_param(enum sql_type type, const struct sql_value *value, struct wire *wire,
                             int *length)
{
    uint64_t bits = (uint64_t)value->integer;
    *length = 8;
    switch (type) {
    case SQL_TEXT:
    case SQL_BYTES: *length = (int)value->text.len; return value->text.ptr;
    case SQL_FLAG:
        *length = 1;
        wire->bytes[0] = value->integer != 0;
        return wire->bytes;
    case SQL_REAL: memcpy(&bits, &value->real, sizeof bits); break;
    case SQL_INT:
    case SQL_DAY: break;
    }
    put_big_endian(wire, bits);
    return wire->bytes;
}

/* A row of parameters as libpq takes them. */
struct sent {
    struct wire wires[SQL_PARAMS_MAX];
    const char *params[SQL_PARAMS_MAX];
    int lengths[SQL_PARAMS_MAX], formats[SQL_PARAMS_MAX];
};

static bool put_params(const struct sql_statement *statement, const struct sql_value *values,
                       struct sent *sent, struct error *err)
{
    for (size_t i = 0; i < statement->params_count; i++) {
        sent->formats[i] = 1; /* binary */
        sent->lengths[i] = 0;
        sent->params[i] = NULL;
        if (values[i].null) continue;
        if (statement->params[i] >= SQL_TEXT && values[i].text.len > INT32_MAX)
            return error_set(err, ERROR_STORE_MEMORY, "s", statement->name);
        sent->params[i] =
            put_param(statement->params[i], &values[i], &sent->wires[i], &sent->lengths[i]);
    }
    return true;
}

static bool start(struct db *db, const struct sql_statement *statement,
                  const struct sql_value *values, struct error *err)
{
    struct postgres_db *self = of(db);
    struct sent sent;
    self->row = -1;
    if (!prepare(db, statement, err) || !put_params(statement, values, &sent, err)) return false;
    self->result = PQexecPrepared(self->connection, statement->name, (int)statement->params_count,
                                  sent.params, sent.lengths, sent.formats, 0);
    ExecStatusType status = PQresultStatus(self->result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
           failed(db, self->result, statement->name, err);
}

static bool step(struct db *db, bool *row, struct error *err)
{
    (void)err;
    *row = ++of(db)->row < PQntuples(of(db)->result);
    return true;
}

static bool make_room(struct postgres_db *self, size_t count)
{
    if (count < self->bytes_room) return true;
    char *wider = calloc(count * 2 + 64, 1);
    if (wider == NULL) return false;
    if (self->bytes_room != 0) memcpy(wider, self->bytes, self->bytes_room);
    free(self->bytes);
    self->bytes = wider;
    self->bytes_room = count * 2 + 64;
    return true;
}

static bool column(struct db *db, const struct sql_statement *statement, size_t at,
                   struct sql_value *value, struct error *err)
{
    const PGresult *result = of(db)->result;
    int row = of(db)->row, i = (int)at;
    *value = (struct sql_value){.null = PQgetisnull(result, row, i)};
    if (value->null) return true;
    str text = {PQgetvalue(result, row, i), (size_t)PQgetlength(result, row, i)};
    bool good = true;
    switch (statement->columns[at].type) {
    case SQL_INT:
    case SQL_DAY: good = num_parse_int(text, &value->integer); break;
    case SQL_FLAG: value->integer = str_is(text, "t"); break;
    case SQL_REAL: good = num_parse(text, &value->real); break;
    case SQL_TEXT: value->text = text; break;
    case SQL_BYTES: { /* \x and two digits a byte */
        size_t count = text.len / 2 - 1;
        if (!make_room(of(db), count))
            return error_set(err, ERROR_STORE_MEMORY, "s", statement->name);
        good = str_starts(text, "\\x") &&
               hex_decode(str_slice(text, 2, text.len), of(db)->bytes, count);
        value->text = (str){of(db)->bytes, count};
        break;
    }
    }
    return good || error_set(err, ERROR_STORE_ANSWER, "sss", statement->name,
                             "a value of another type", statement->columns[at].name);
}

static int64_t finish(struct db *db)
{
    struct postgres_db *self = of(db);
    int64_t changed = 0;
    if (self->result == NULL) return 0;
    if (!num_parse_int(str_from(PQcmdTuples(self->result)), &changed)) changed = 0;
    PQclear(self->result);
    self->result = NULL;
    return changed;
}

/* Takes the answers of a pipeline up to its end; the first fault is told. */
static bool read_answers(struct db *db, const struct sql_statement *statement, bool good,
                         struct error *err)
{
    for (;;) {
        PGresult *result = PQgetResult(of(db)->connection);
        ExecStatusType status = PQresultStatus(result);
        if (result == NULL && PQstatus(of(db)->connection) == CONNECTION_BAD)
            return good && failed(db, NULL, statement->name, err);
        if (good && result != NULL && status != PGRES_COMMAND_OK && status != PGRES_PIPELINE_SYNC)
            good = failed(db, result, statement->name, err);
        PQclear(result);
        if (status == PGRES_PIPELINE_SYNC) return good;
    }
}

static bool insert_rows(struct db *db, const struct sql_statement *statement,
                        const struct sql_value *values, size_t rows, struct error *err)
{
    PGconn *connection = of(db)->connection;
    struct sent sent;
    if (!prepare(db, statement, err)) return false;
    if (PQenterPipelineMode(connection) != 1) return failed(db, NULL, statement->name, err);
    bool good = true;
    for (size_t i = 0; good && i < rows; i++)
        good = put_params(statement, values + i * statement->params_count, &sent, err) &&
               (PQsendQueryPrepared(connection, statement->name, (int)statement->params_count,
                                    sent.params, sent.lengths, sent.formats, 0) == 1 ||
                failed(db, NULL, statement->name, err));
    if (PQpipelineSync(connection) != 1) return good && failed(db, NULL, statement->name, err);
    good = read_answers(db, statement, good, err);
    return PQexitPipelineMode(connection) == 1 && good;
}

const struct driver postgres_driver = {
    .dialect = SQL_POSTGRES,
    .open = open_db,
    .close = close_db,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .in_transaction = in_transaction,
    .run_text = run_text,
    .name = name,
    .has_schema = has_schema,
    .rights = rights,
    .check_rights = check_rights,
    .narrow = narrow,
    .prepare = prepare,
    .start = start,
    .step = step,
    .column = column,
    .finish = finish,
    .insert_rows = insert_rows,
};
