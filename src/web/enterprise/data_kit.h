/* What the pages of an enterprise's own data share: the year in the URL, names of inputs and units
 * in the reader's language, tabs, tiers, and the file that waits for its mapping. Pages of src/web/enterprise only. */
#ifndef WEB_ENTERPRISE_DATA_KIT_H
#define WEB_ENTERPRISE_DATA_KIT_H

#include "app/app.h"
#include "web/web.h"

#define DATA_YEAR_FIRST 2010

date data_today(const struct web *web);
/* ?year= (or the form's), the present year when it is absent or odd. */
int data_year(const struct web *web);
/* "2026" … down to DATA_YEAR_FIRST as a form that opens `path`?year=; `show` is kept when not NULL.
 */
html data_year_picker(struct web *web, const char *path, int year, const char *show);
/* The places under "Submit data": "submit", "values", "submissions", "attachments". */
html data_tabs(struct web *web, const char *here, int year);
/* The places under "Meters and load": "meters", "assets". */
html meter_tabs(struct web *web, const char *here);

const char *data_text(const struct web *web, struct model_text text);
/* "Fuel burnt · Bituminous coal"; the names themselves when the form does not know them. */
const char *data_item(const struct web *web, const struct model_info *form, const char *input,
                      const char *key);
const struct model_input *data_find_input(const struct model_info *form, str name);
const struct model_key *data_find_key(const struct model_input *input, str id);
/* "1e4 Nm3" is 万Nm3 in Chinese, "1" is nothing; and the unit in which an input's row is kept. */
const char *data_unit(const struct web *web, const char *unit);
const char *data_own_unit(const struct model_input *input, const struct model_key *key);
/* "2025-03", "2025", or the word for what holds once. */
const char *data_period(const struct web *web, struct account_period period);
/* "2025-03" or "2025" as a period; false when it is neither. */
bool data_period_parse(const struct web *web, str text, struct account_period *period) NODISCARD;
/* Text, flag and choice values in the reader's words. */
const char *data_value_text(const struct web *web, const struct model_input *input,
                            const char *text);
const char *data_bytes(const struct web *web, int64_t bytes);
const char *data_when(const struct web *web, int64_t at);
const char *data_id(const struct web *web, id64 id);

html data_tier_chip(struct web *web, enum account_tier tier);
html data_tier_select(struct web *web, enum account_tier picked);
/* What a submission is called: a file by its name, a form by its month. */
const char *data_submission_name(const struct web *web, const struct account_submission *one);
html data_log_chip(struct web *web, enum log_state state);
const char *attachment_kind_word(const struct web *web, const char *kind);
const char *asset_medium_word(const struct web *web, const char *medium);
const char *asset_name(const struct web *web, const struct registry_asset *asset);
html asset_meter_chips(struct web *web, const struct registry_asset *meter);
enum account_tier data_tier_of_form(const struct web *web);

/* The organisation's form of a year. */
bool data_read_form(struct web *web, int year, struct model_info *form,
                    struct error *err) NODISCARD;

/* An arena for a stranger's book, closed with the request. */
struct arena *data_book_arena(struct web *web);
/* The bytes of an upload. */
bool data_read_upload(struct web *web, const char *field, const struct http_upload **upload,
                      str *bytes, struct error *err) NODISCARD;
/* A file that waits while a person confirms how it is read: one for each person and purpose, in the
 * spool. The digest in the form tells whether it is still the same. */
bool data_keep_draft(struct web *web, const char *purpose, str bytes, const char **name,
                     struct error *err) NODISCARD;
bool data_read_draft(struct web *web, const char *purpose, str name, str *bytes,
                     struct error *err) NODISCARD;
void data_drop_draft(struct web *web, const char *purpose);

/* The page of a submission as an answer to what was just sent: a redirect. */
bool data_answer_submission(struct web *web, id64 submission_id, const char *notice) NODISCARD;
/* The same page with what went wrong. */
bool data_show_submission(struct web *web, id64 submission_id, const struct error *problem,
                          struct error *err) NODISCARD;
/* The form that asks how a stranger's table is to be read (data_mapping.c). */
bool data_ask_mapping(struct web *web, const char *name, str bytes, struct error *err) NODISCARD;
/* The mapping that was confirmed last; false when there is none. */
bool data_saved_mapping(struct web *web, struct intake_mapping *mapping);

#endif
