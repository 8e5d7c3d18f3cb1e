/* Issuing: collects what is known of an enterprise into a carbon creditworthiness report, paints
 * it, keeps the very bytes, and puts their digest into the evidence log. A report is ready once its
 * leaf is signed: then the receipt is appended (trust/receipt) and the bytes are final. Issued
 * reports are never changed; a newer one supersedes. */
#ifndef REPORT_ISSUE_H
#define REPORT_ISSUE_H

#include "finance/finance.h"
#include "report/creditworthiness.h"
#include "trust/trust.h"

struct report_settings { /* from the installation's settings */
    const char *issuer_zh, *issuer_en, *issuer_filing, *public_url;
    int64_t validity_months;
};
struct report_document {
    id64 org_id, report_id;
    const char *number; /* printed: carries organisation and time, see report_number_format */
    const char *kind;   /* "report" or "summary" */
    enum lang lang;
    int year;
    id64 rating_id, authorisation_id, recipient_org_id; /* 0: none */
    const char *purpose;
    const char *label, *grade;
    int64_t issued_at;
    date valid_to;
    digest content; /* what the leaf commits to */
    bool ready;     /* the receipt is appended */
    bool invented;
};
struct report_request {
    id64 org_id;
    int year;
    enum lang lang;
    const char *purpose;   /* "own", or the letter's purpose */
    id64 authorisation_id; /* of the letter under which a bank asks; 0 */
};
/* "TR-20261120-<organisation>-<report>": the identifiers inside a printed number. */
bool report_number_parse(str number, id64 *org_id, id64 *report_id) NODISCARD;

/* Collects the report's content without issuing it: for the page that shows it and for the PDF.
 * Rates first. */
bool report_collect(struct db *db, struct arena *arena, const struct viewer *viewer,
                    const struct credit_rules *rules, const struct report_settings *settings,
                    const struct report_request *request, date today, int64_t now_ms,
                    struct creditworthiness_report *report, struct error *err) NODISCARD;
/* Issues in two writes with painting between them and sequencing after; the result is ready. Slow
 * (tens of ms). Error REPORT_NOT_SIGNED when the log stays busy: the document is kept, and
 * report_complete makes it ready. */
bool report_issue(struct store *store, const struct log_config *log, const struct trust_key *key,
                  struct arena *arena, const struct viewer *viewer,
                  const struct credit_rules *rules, const struct report_settings *settings,
                  const struct report_request *request, struct report_document *document,
                  struct error *err) NODISCARD;
/* Makes those of the documents that the viewer may list ready whose leaf was signed after they were
 * issued. Before a list of them is shown. */
bool report_complete(struct store *store, const struct trust_key *key, struct arena *arena,
                     const struct viewer *viewer, id64 org_id, struct error *err) NODISCARD;
/* Newest first. Needs the scope report (own, or a letter). */
bool report_list_documents(struct db *db, struct arena *arena, const struct viewer *viewer,
                           id64 org_id, struct report_document **list, size_t *count,
                           struct error *err) NODISCARD;
bool report_read_document(struct db *db, struct arena *arena, const struct viewer *viewer,
                          id64 org_id, id64 report_id, struct report_document *document, str *pdf,
                          struct error *err) NODISCARD;
/* The figures that the issued documents rest on, as files of an export: reports/<number>.json. */
bool report_export_files(struct db *db, struct arena *arena, const struct viewer *viewer,
                         id64 org_id, const struct account_file **files, size_t *count,
                         struct error *err) NODISCARD;
/* The public card of a number (level L1): no viewer, and nothing of the enterprise but the colour
 * of its label. `newer` tells that a later one of the same kind, for this year or a later one,
 * stands. */
struct report_card {
    const char *kind, *label;
    enum lang lang;
    int year;
    int64_t issued_at;
    date valid_to;
    bool ready, invented, newer;
};
bool report_find_card(struct db *db, struct arena *arena, str number, struct report_card *card,
                      bool *found, struct error *err) NODISCARD;
/* The two-page summary that a bank files with a case; kept and logged like a report. */
bool report_issue_summary(struct store *store, const struct log_config *log,
                          const struct trust_key *key, struct arena *arena,
                          const struct viewer *viewer, const struct credit_rules *rules,
                          const struct report_settings *settings, id64 bank_org_id, id64 case_id,
                          enum lang lang, struct report_document *document, str *pdf,
                          struct error *err) NODISCARD;

#endif
