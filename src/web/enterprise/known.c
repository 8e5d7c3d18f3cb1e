#include "web/enterprise/known.h"

#include "base/num.h"
#include "trust/trust.h"
#include "web/enterprise/kit.h"

bool known_read(struct db *db, struct web *web, struct known *known, struct error *err)
{
    str asked = web_query(web, "known");
    date day;
    int64_t size;
    *known = (struct known){.seq = ACCOUNT_NOW, .text = "", .words = ""};
    if (asked.len == 0) return true;
    if (num_parse_int(asked, &size) && size >= 0) {
        known->seq = size;
    } else {
        struct log_checkpoint checkpoint;
        bool found;
        if (!date_parse_human(web->arena, asked, &day))
            return error_set(err, ERROR_WEB_DATE, "s", str_dup(web->arena, asked));
        /* The day's last instant at the enterprise. */
        int64_t until =
            ((int64_t)day.day + 1) * DAY_MS - 1 - (int64_t)web->utc_offset_minutes * 60000;
        if (!log_checkpoint_at(db, web->arena, until, &checkpoint, &found, err)) return false;
        known->seq = found ? (int64_t)checkpoint.size : 0;
    }
    known->text = str_dup(web->arena, asked);
    known->words = tr_fill(web->arena, web->lang,
                           TR_KEY("The account as it was known when the log had {0} entries. Later "
                                  "postings and reversals are left out."),
                           kit_count(web, known->seq), NULL);
    return true;
}
