/* Sums over the register for one year: by industry (two digits of GB/T 4754) and by division
 * (prefecture), with the plans that hide small cells. One set of enterprises at a time: real ones,
 * or invented ones. */
#ifndef WEB_AUTHORITY_ROLL_UP_H
#define WEB_AUTHORITY_ROLL_UP_H

#include "web/authority/authority.h"

enum roll_measure { ROLL_EMISSION, ROLL_ENERGY, ROLL_LABEL, ROLL_MEASURES };
enum roll_label { ROLL_DEEP, ROLL_LIGHT, ROLL_YELLOW, ROLL_RED, ROLL_GREY, ROLL_LABELS };
extern const char *const roll_label_names[ROLL_LABELS]; /* "deep_green", … */

struct roll_sum {
    const char *code;              /* "31", "1404"; "" of the total */
    int64_t listed;                /* on the register */
    int64_t counts[ROLL_MEASURES]; /* with a figure of the measure */
    int64_t full, compliance;      /* grams */
    int64_t calorific, equivalent; /* kilojoules */
    int64_t labels[ROLL_LABELS];
    bool hide[ROLL_MEASURES];
};
struct roll_up {
    struct web *web;
    int year;
    bool invented;
    struct roll_sum *industries, *divisions; /* in order of code */
    size_t industry_count, division_count;
    struct roll_sum total;
};
/* A count of labels as it may be shown: rounded to a multiple of the least number of enterprises,
 * so that none tells of one or two. */
int64_t roll_label_shown(const struct roll_up *roll, int64_t count);
/* Work for store_read. */
bool roll_up_read(struct db *db, void *roll_up, struct error *err) NODISCARD;

#endif
