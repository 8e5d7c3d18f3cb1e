/* The report's records: carbon assets, compliance, finance, data quality, disputes, method, proof.
 */
#include <math.h>

#include "report/creditworthiness_parts.h"

static void put_lines(struct writer *w, const struct report_line *lines, size_t count)
{
    struct rows rows = rows_begin(w->arena, 3);
    bool notes = false;
    for (size_t i = 0; i < count; i++) notes = notes || lines[i].note.len;
    if (!notes) rows.columns = 2;
    for (size_t i = 0; i < count; i++) {
        rows_add(&rows, lines[i].name);
        rows_add(&rows, lines[i].value);
        if (notes) rows_add(&rows, lines[i].note);
    }
    rows_table(w, &rows,
               (struct pdf_column[]){{say(w, TR_KEY("Item")), notes ? 0.30 : 0.55, false},
                                     {say(w, TR_KEY("Value")), notes ? 0.25 : 0.45, true},
                                     {say(w, TR_KEY("Note")), 0.45, false}});
}

void section_assets(struct writer *w)
{
    if (!w->report->assets_count) return;
    section_begin(w, TR_KEY("Carbon assets"), 60);
    put_lines(w, w->report->assets, w->report->assets_count);
}

static void put_records(struct writer *w, const struct report_record *records, size_t count)
{
    struct rows rows = rows_begin(w->arena, 4);
    for (size_t i = 0; i < count; i++) {
        rows_add(&rows, records[i].date);
        rows_add(&rows, records[i].kind);
        rows_add(&rows, records[i].text);
        rows_add(&rows, records[i].state);
    }
    rows_table(w, &rows,
               (struct pdf_column[]){{say(w, TR_KEY("Date")), 0.13, false},
                                     {say(w, TR_KEY("Kind")), 0.17, false},
                                     {say(w, TR_KEY("Matter")), 0.46, false},
                                     {say(w, TR_KEY("State")), 0.24, false}});
}

void section_compliance(struct writer *w)
{
    const struct creditworthiness_report *r = w->report;
    section_begin(w, TR_KEY("Compliance"), 60);
    if (r->compliance_count) put_lines(w, r->compliance, r->compliance_count);
    if (r->penalties_count) {
        pdf_heading(w->pdf, 2, say(w, TR_KEY("Penalties and orders")), 40);
        put_records(w, r->penalties, r->penalties_count);
    } else {
        pdf_paragraph(w->pdf, PDF_BODY,
                      r->penalties_checked
                          ? say(w, TR_KEY("No penalty or order is on record for the period."))
                          : say(w, TR_KEY("Penalties and orders have not been looked up: no "
                                          "source is connected.")));
    }
}

void section_finance(struct writer *w)
{
    const struct creditworthiness_report *r = w->report;
    section_begin(w, TR_KEY("Carbon-related finance"), 50);
    if (!r->finance_consented) {
        pdf_paragraph(w->pdf, PDF_BODY,
                      say(w, TR_KEY("Not shown: the letter of authorisation does not cover "
                                    "financing.")));
        return;
    }
    if (!r->loans_count) {
        pdf_paragraph(w->pdf, PDF_BODY, say(w, TR_KEY("No carbon-related loan is on record.")));
        return;
    }
    struct rows rows = rows_begin(w->arena, 6);
    for (size_t i = 0; i < r->loans_count; i++) {
        const struct report_loan *l = &r->loans[i];
        rows_add(&rows, l->lender);
        rows_add(&rows, l->product);
        rows_add(&rows, money_text(w, l->amount_cny));
        rows_add(&rows, percent_text(w, l->rate_percent));
        rows_add(&rows, l->kpi);
        rows_add(&rows, l->state);
    }
    rows_table(w, &rows,
               (struct pdf_column[]){{say(w, TR_KEY("Lender")), 0.20, false},
                                     {say(w, TR_KEY("Product")), 0.17, false},
                                     {say(w, TR_KEY("Amount")), 0.15, true},
                                     {say(w, TR_KEY("Rate")), 0.09, true},
                                     {say(w, TR_KEY("KPI")), 0.25, false},
                                     {say(w, TR_KEY("State")), 0.14, false}});
}

static str result_text(const struct writer *w, enum report_check_result result)
{
    switch (result) {
    case REPORT_CHECK_PASS: return say(w, TR_KEY("● pass"));
    case REPORT_CHECK_WARN: return say(w, TR_KEY("▲ warning"));
    case REPORT_CHECK_FAIL: return say(w, TR_KEY("■ fail"));
    case REPORT_CHECK_OPEN: break;
    }
    return say(w, TR_KEY("○ not possible"));
}

static void put_checks(struct writer *w)
{
    const struct report_quality *q = &w->report->quality;
    size_t counts[4] = {0};
    for (size_t i = 0; i < q->checks_count; i++) counts[q->checks[i].result]++;
    pdf_heading(w->pdf, 2, say(w, TR_KEY("Cross-validation")), 60);
    char *numbers[4];
    for (size_t i = 0; i < 4; i++) numbers[i] = arena_printf(w->arena, "%zu", counts[i]);
    pdf_paragraph(w->pdf, PDF_BODY,
                  str_from(tr_fill(w->arena, w->lang,
                                   "{0} passed, {1} warnings, {2} failed, {3} not possible for "
                                   "lack of data.",
                                   numbers[0], numbers[1], numbers[2], numbers[3], NULL)));
    struct rows rows = rows_begin(w->arena, 4);
    for (size_t i = 0; i < q->checks_count; i++) {
        const struct report_check *c = &q->checks[i];
        rows_add(&rows, str_from(arena_printf(w->arena, "%.*s  %.*s", STR_ARG(c->rule),
                                              STR_ARG(c->name))));
        rows_add(&rows, result_text(w, c->result));
        rows_add(&rows, c->deviation.len ? c->deviation : STR("–"));
        rows_add(&rows, c->note);
    }
    rows_table(w, &rows,
               (struct pdf_column[]){{say(w, TR_KEY("Rule")), 0.34, false},
                                     {say(w, TR_KEY("Result")), 0.13, false},
                                     {say(w, TR_KEY("Deviation")), 0.12, true},
                                     {say(w, TR_KEY("Note")), 0.41, false}});
}

static struct drawing *quality_chart(struct writer *w)
{
    const struct report_quality *q = &w->report->quality;
    const struct {
        const char *name;
        struct report_number value;
        const char *weight;
    } parts[] = {
        {TR_KEY("Completeness"), q->completeness, "30%"},
        {TR_KEY("Timeliness"), q->timeliness, "25%"},
        {TR_KEY("Accuracy"), q->accuracy, "25%"},
        {TR_KEY("Source class"), q->source_class, "20%"},
        {TR_KEY("Quality score"), q->total, ""},
    };
    struct chart_bar *bars = ARENA_NEW_ARRAY(w->arena, struct chart_bar, ARRAY_LEN(parts));
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        bars[i] = (struct chart_bar){
            .name = say(w, parts[i].name),
            .value = number_or_gap(parts[i].value),
            .note = parts[i].weight[0]
                        ? str_from(tr_fill(w->arena, w->lang, "weight {0}", parts[i].weight, NULL))
                        : STR(""),
            .self = !parts[i].weight[0]};
    struct chart_bars chart = {.title = say(w, TR_KEY("Data quality")),
                               .bars = bars,
                               .count = ARRAY_LEN(parts),
                               .value_max = 1,
                               .decimals = 2};
    struct chart_look look = CHART_PAPER;
    look.height = 112;
    return chart_bars(w->arena, &chart, look, w->lang);
}

void section_quality(struct writer *w)
{
    const struct report_quality *q = &w->report->quality;
    section_begin(w, TR_KEY("Data quality and cross-validation"), 130);
    if (q->total.known) pdf_chart(w->pdf, quality_chart(w));
    if (q->tiers_count) {
        pdf_heading(w->pdf, 2, say(w, TR_KEY("Evidence behind the figures")), 50);
        put_lines(w, q->tiers, q->tiers_count);
    }
    if (q->checks_count)
        put_checks(w);
    else
        pdf_paragraph(w->pdf, PDF_BODY, say(w, TR_KEY("No cross-validation has been run yet.")));
}

void section_disputes(struct writer *w)
{
    const struct creditworthiness_report *r = w->report;
    section_begin(w, TR_KEY("Disputes and statements"), 50);
    if (r->disputes_count)
        put_records(w, r->disputes, r->disputes_count);
    else
        pdf_paragraph(w->pdf, PDF_BODY, say(w, TR_KEY("No dispute is on record.")));
    pdf_paragraph(w->pdf, PDF_NOTE,
                  say(w, TR_KEY("The data subject may challenge any recorded information; the "
                                "answer is due within 20 days. A corrected report replaces this "
                                "one, which stays readable as superseded.")));
}

void section_method(struct writer *w)
{
    const struct creditworthiness_report *r = w->report;
    if (!r->methods_count && !r->factors_count) return;
    section_begin(w, TR_KEY("Method and factors"), 70);
    struct rows methods = rows_begin(w->arena, 4);
    for (size_t i = 0; i < r->methods_count; i++) {
        rows_add(&methods, r->methods[i].name);
        rows_add(&methods, r->methods[i].version);
        rows_add(&methods, r->methods[i].source);
        rows_add(&methods, str_slice(r->methods[i].digest, 0, 12));
    }
    rows_table(w, &methods,
               (struct pdf_column[]){{say(w, TR_KEY("Model")), 0.26, false},
                                     {say(w, TR_KEY("Version")), 0.10, false},
                                     {say(w, TR_KEY("Source")), 0.46, false},
                                     {say(w, TR_KEY("Digest")), 0.18, false}});
    struct rows factors = rows_begin(w->arena, 5);
    for (size_t i = 0; i < r->factors_count; i++) {
        rows_add(&factors, r->factors[i].name);
        rows_add(&factors, r->factors[i].value);
        rows_add(&factors, r->factors[i].unit);
        rows_add(&factors, r->factors[i].source);
        str mark = mark_word(w, r->factors[i].mark);
        rows_add(&factors, mark.len ? mark : say(w, TR_KEY("as sourced")));
    }
    rows_table(w, &factors,
               (struct pdf_column[]){{say(w, TR_KEY("Factor")), 0.25, false},
                                     {say(w, TR_KEY("Value")), 0.12, true},
                                     {say(w, TR_KEY("Unit")), 0.14, false},
                                     {say(w, TR_KEY("Source")), 0.37, false},
                                     {say(w, TR_KEY("Kind")), 0.12, false}});
}

void section_proof(struct writer *w)
{
    const struct creditworthiness_report *r = w->report;
    const struct report_proof *p = &r->proof;
    if (!p->has) return;
    section_begin(w, TR_KEY("Evidence log"), 100);
    struct pdf_pair pairs[] = {
        {say(w, TR_KEY("Log")), p->log_name, {0}},
        {say(w, TR_KEY("Signing key")), p->key_name, {0}},
        {say(w, TR_KEY("Leaves covered")), p->leaf_index, {0}},
        {say(w, TR_KEY("Size of the log")), p->tree_size, {0}},
        {say(w, TR_KEY("Checkpoint of")), p->checkpoint_time, {0}},
    };
    pdf_pairs(w->pdf, pairs, ARRAY_LEN(pairs), 2);
    struct pdf_pair root = {say(w, TR_KEY("Root hash")), p->root_hash, {0}};
    pdf_pairs(w->pdf, &root, 1, 1);
    pdf_paragraph(w->pdf, PDF_NOTE,
                  say(w, TR_KEY("The bytes of this file are themselves a leaf of the log; the "
                                "receipt is attached at the end of the file. Anyone can check it "
                                "offline, on the verify page or with: tanshu verify FILE --key "
                                "KEY. Any other change of the file is tampering.")));
}
