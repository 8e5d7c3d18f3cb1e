/* A data directory, opened: store, models, tables, flows, codes, signing key and settings. The web
 * server and the command line stand on it; everything in it is shared between threads and not
 * changed once open.
 *
 *     DIR/tanshu.conf    settings, one `name = value` a line
 *     DIR/tanshu.db      the store (SQLite), unless `store` names another
 *     DIR/keys/          the log's signing key and its public half
 *     DIR/log/           tiles and the newest checkpoint, public
 *     DIR/spool/         uploads on their way in
 *     DIR/models/, DIR/tables/, DIR/flows/   rules of this installation, added to the shipped ones
 */
#ifndef APP_APP_H
#define APP_APP_H

#include "account/account.h"
#include "app/filing.h"
#include "app/import.h"
#include "app/jobs.h"
#include "app/kept.h"
#include "app/refresh.h"
#include "base/arena.h"
#include "base/error.h"
#include "credit/credit.h"
#include "factor/factor.h"
#include "finance/finance.h"
#include "flow/flow.h"
#include "job/job.h"
#include "locale/locale.h"
#include "model/tanshu_model.h"
#include "registry/registry.h"
#include "report/report.h"
#include "store/store.h"
#include "trust/trust.h"

enum app_mode {
    APP_WORK,   /* any command but serve */
    APP_SERVE,  /* takes the directory's serve lock: APP_SERVED when another has it */
    APP_BACKUP, /* an older schema is no hindrance (on SQLite) */
};

/* The settings; app_settings() tells name, unit, range and reason of each. */
struct app_config {
    const char *store;      /* "" = the SQLite file of the directory */
    const char *public_url; /* how the world reaches this server: in QR codes and letters */
    const char *issuer_zh, *issuer_en; /* the filed credit agency that issues reports */
    const char *issuer_filing;         /* its filing number, or "" */
    const char
        *checkpoint_file; /* a checkpoint kept elsewhere that history must agree with, or "" */
    const char
        *demo_password; /* of a demo: the sign-in page lists the people, who all have it; else "" */
    const char *metrics_token; /* who knows it may read /metrics; "": nobody */
    bool https_in_front;
    int64_t report_validity_months;
    int64_t cell_enterprises_min; /* statistics over fewer enterprises are suppressed */
    int64_t dominance_percent;    /* nor of which one enterprise makes up more */
    int64_t filing_due_day;       /* day of the month by which the month before is due */
    int64_t database_seconds_max; /* of one request */
    int64_t slow_query_ms;        /* statements that take as long are logged; 0: none */
};

struct app {
    struct arena *arena;
    const char *data;  /* the directory */
    const char *share; /* folder of the shipped models/, tables/, flows/ */
    struct app_config config;
    struct store *store;
    struct model_library *library;
    struct registry_codes *codes;
    struct flow_library *flows;
    struct factor_library factors; /* rows of all tables, shipped and own */
    struct account_rules rules;    /* library and codes, for account and the rooms above */
    struct check_rules *checks;
    struct job_rules jobs;      /* kinds and schedule of the work beside the requests */
    struct credit_rules credit; /* rules, checks and flows, for credit, finance and report */
    struct trust_key key;
    struct trust_roots roots; /* the log's own public key */
    struct log_config log;
    struct model_diagnostics model_problems;  /* model files that were left out */
    const struct flow_problem *flow_warnings; /* words that a flow in force lacks; it works */
    size_t flow_warning_count;
    bool log_json;     /* lines of the log are JSON objects */
    struct kept *kept; /* derived values, for who serves them often */
    int lock;          /* of APP_SERVE; -1 */
};

/* One setting, for help, the operator's page and checks. */
struct app_setting {
    const char *name, *unit, *value_default, *reason;
    int64_t min, max; /* of a number; both 0 for text */
};
size_t app_settings(const struct app_setting **list);

/* Makes an empty directory ready: settings file, store, key. `name` becomes the log's origin;
 * `store` says where the database is (store.h), NULL or "": a file of the directory. `owner` is a
 * connection to the same PostgreSQL database that may make tables, NULL: `store` may.
 * Errors: APP_EXISTS when there is one already; TRUST_LOG_OTHER; FILE_WRITE, STORE_*, TRUST_*. */
bool app_init(const char *data, const char *name, const char *store, const char *owner,
              struct error *err) NODISCARD;
/* Takes the steps of the schema that the directory's database lacks: see store_migrate. `owner` as
 * in app_init. Errors: APP_SERVED while `serve` works on the SQLite file; STORE_*. */
bool app_migrate(const char *data, const char *owner, bool dry, store_migrate_watch *watch,
                 void *arg, struct store_migrated *migrated, struct error *err) NODISCARD;
bool app_open(const char *data, enum app_mode mode, struct app **app, struct error *err) NODISCARD;
void app_close(struct app *app);

/* Writes one setting into DIR/tanshu.conf. Errors: APP_SETTING_UNKNOWN, APP_SETTING_VALUE. */
bool app_set(const char *data, str name, str value, struct error *err) NODISCARD;

/* Gives pending leaves their places and signs; for commands, after they wrote. Busy is no error. */
bool app_sequence(struct app *app, struct error *err) NODISCARD;

struct report_settings app_report_settings(const struct app *app);
/* Work for store_read: the bytes of an issued report. */
struct app_report_bytes {
    const struct viewer *viewer;
    struct arena *arena;
    id64 org_id, report_id;
    struct report_document document;
    str pdf;
};
bool app_read_report(struct db *db, void *bytes, struct error *err) NODISCARD;

/* The folder with the shipped rules: $TANSHU_SHARE, else the one given when built. */
const char *app_share(void);

#endif
