/* The bank's two pages: what the enterprise is, what it emits, what fits it, what to ask. */
#include "report/creditworthiness_parts.h"

static void put_case(struct writer *w, const struct bank_summary *s)
{
    const struct creditworthiness_report *r = w->report;
    struct pdf_pair pairs[] = {
        {say(w, TR_KEY("Case")), s->case_number, {0}},
        {say(w, TR_KEY("Bank")), s->bank, {0}},
        {say(w, TR_KEY("Officer")), s->officer, {0}},
        {say(w, TR_KEY("Document number")), r->number, {0}},
        {say(w, TR_KEY("Data period")), period_text(w, r->period_from, r->period_to), {0}},
        {say(w, TR_KEY("Letter of authorisation")), r->authorisation, {0}},
    };
    pdf_pairs(w->pdf, pairs, ARRAY_LEN(pairs), 2);
    struct pdf_pair need = {say(w, TR_KEY("Need")), s->need, {0}};
    pdf_pairs(w->pdf, &need, 1, 1);
}

static void put_offers(struct writer *w, const struct bank_summary *s)
{
    section_begin(w, TR_KEY("Matched products"), 80);
    if (!s->offers_count) {
        pdf_paragraph(w->pdf, PDF_BODY,
                      say(w, TR_KEY("No product fits; see the near misses in "
                                    "the case.")));
        return;
    }
    struct rows rows = rows_begin(w->arena, 7);
    for (size_t i = 0; i < s->offers_count; i++) {
        const struct report_offer *o = &s->offers[i];
        rows_add(&rows, str_from(arena_printf(w->arena, "%.*s\n%.*s", STR_ARG(o->product),
                                              STR_ARG(o->lender))));
        rows_add(&rows, money_text(w, o->amount_cny));
        rows_add(&rows, percent_text(w, o->rate_percent));
        rows_add(&rows, number_text(w, o->term_months, false));
        rows_add(&rows, number_text(w, o->score, false));
        rows_add(&rows, o->use_of_funds);
        rows_add(&rows, o->green_item);
    }
    rows_table(w, &rows,
               (struct pdf_column[]){{say(w, TR_KEY("Product")), 0.21, false},
                                     {say(w, TR_KEY("Amount")), 0.15, true},
                                     {say(w, TR_KEY("Rate")), 0.09, true},
                                     {say(w, TR_KEY("Months")), 0.08, true},
                                     {say(w, TR_KEY("Fit")), 0.07, true},
                                     {say(w, TR_KEY("Use of funds")), 0.20, false},
                                     {say(w, TR_KEY("Green-catalogue item")), 0.20, false}});
}

/* How the price of each product comes about; products without parts are left out. */
static void put_prices(struct writer *w, const struct bank_summary *s)
{
    struct rows rows = rows_begin(w->arena, 6);
    for (size_t i = 0; i < s->offers_count; i++) {
        const struct report_offer *o = &s->offers[i];
        if (!o->rate_lpr.known) continue;
        rows_add(&rows, o->product);
        rows_add(&rows, percent_text(w, o->rate_lpr));
        rows_add(&rows, percent_text(w, o->rate_risk));
        rows_add(&rows, percent_text(w, o->rate_green));
        rows_add(&rows, percent_text(w, o->rate_grade));
        rows_add(&rows, percent_text(w, o->rate_percent));
    }
    if (!rows.count) return;
    pdf_heading(w->pdf, 2, say(w, TR_KEY("Parts of the price")), 40);
    rows_table(w, &rows,
               (struct pdf_column[]){{say(w, TR_KEY("Product")), 0.35, false},
                                     {say(w, TR_KEY("LPR")), 0.13, true},
                                     {say(w, TR_KEY("Risk")), 0.13, true},
                                     {say(w, TR_KEY("Green")), 0.13, true},
                                     {say(w, TR_KEY("Grade")), 0.13, true},
                                     {say(w, TR_KEY("Rate")), 0.13, true}});
}

static void put_checks(struct writer *w)
{
    const struct report_quality *q = &w->report->quality;
    char *counts[4];
    size_t by_result[4] = {0};
    for (size_t i = 0; i < q->checks_count; i++) by_result[q->checks[i].result]++;
    for (size_t i = 0; i < 4; i++) counts[i] = arena_printf(w->arena, "%zu", by_result[i]);
    if (q->checks_count)
        pdf_bullet(w->pdf, str_from(tr_fill(w->arena, w->lang,
                                            "{0} passed, {1} warnings, {2} failed, {3} not "
                                            "possible for lack of data.",
                                            counts[0], counts[1], counts[2], counts[3], NULL)));
    for (size_t i = 0; i < q->checks_count; i++) {
        const struct report_check *c = &q->checks[i];
        if (c->result != REPORT_CHECK_WARN && c->result != REPORT_CHECK_FAIL) continue;
        pdf_bullet(w->pdf, str_from(arena_printf(w->arena, "%.*s %.*s %.*s %.*s", STR_ARG(c->rule),
                                                 STR_ARG(c->name), STR_ARG(c->deviation),
                                                 STR_ARG(c->note))));
    }
}

static void put_questions(struct writer *w, const struct bank_summary *s)
{
    section_begin(w, TR_KEY("What to look at"), 60);
    put_checks(w);
    for (size_t i = 0; i < s->questions_count; i++) {
        const struct report_line *q = &s->questions[i];
        pdf_bullet(w->pdf, q->note.len
                               ? str_from(arena_printf(
                                     w->arena, w->lang == LANG_ZH ? "%.*s：%.*s" : "%.*s: %.*s",
                                     STR_ARG(q->name), STR_ARG(q->note)))
                               : q->name);
    }
    for (size_t i = 0; i < w->report->missing_count; i++)
        pdf_bullet(w->pdf,
                   str_from(tr_fill(w->arena, w->lang, "Missing: {0} ({1}).",
                                    str_dup(w->arena, w->report->missing[i].what),
                                    str_dup(w->arena, w->report->missing[i].effect), NULL)));
}

static void put_steps(struct writer *w, const struct bank_summary *s)
{
    if (!s->steps_count) return;
    section_begin(w, TR_KEY("Course of the case"), 60);
    struct rows rows = rows_begin(w->arena, 4);
    for (size_t i = 0; i < s->steps_count; i++) {
        rows_add(&rows, s->steps[i].kind);
        rows_add(&rows, s->steps[i].date.len ? s->steps[i].date : STR("–"));
        rows_add(&rows, s->steps[i].text);
        rows_add(&rows, s->steps[i].state);
    }
    rows_table(w, &rows,
               (struct pdf_column[]){{say(w, TR_KEY("Step")), 0.22, false},
                                     {say(w, TR_KEY("Date")), 0.16, false},
                                     {say(w, TR_KEY("Who")), 0.22, false},
                                     {say(w, TR_KEY("Note")), 0.40, false}});
}

bool report_bank_summary_pdf(const struct bank_summary *s, enum lang lang, struct arena *arena,
                             str *pdf, struct error *err)
{
    const struct creditworthiness_report *r = s->report;
    struct writer w = {NULL, r, lang, arena, 0};
    str name = say(&w, TR_KEY("Summary for the bank"));
    struct qr qr;
    if (r->verify_url.len && !qr_make(arena, r->verify_url, &qr, err)) return false;
    struct pdf_options options = {
        .lang = lang,
        .title = str_from(arena_printf(arena, "%.*s %.*s", STR_ARG(name), STR_ARG(r->number))),
        .author = s->bank,
        .subject = r->subject.name,
        .keywords = pdf_keywords(&w),
        .created_ms = r->issued_ms,
        .header_left =
            str_from(arena_printf(arena, "%.*s · %.*s", STR_ARG(name), STR_ARG(r->subject.name))),
        .header_right = s->case_number,
        .footer_left = str_from(
            tr_fill(arena, lang, "Check this document: {0}", str_dup(arena, r->verify_url), NULL)),
        .mark = r->invented ? say(&w, TR_KEY("Example")) : STR("")};
    w.pdf = pdf_open(arena, &options);
    if (r->verify_url.len) pdf_place_qr(w.pdf, &qr, PDF_WIDTH - PDF_MARGIN - 66, 50, 70);
    pdf_title(w.pdf, name, r->subject.name);
    pdf_space(w.pdf, 8);
    put_case(&w, s);
    key_figures(&w);
    section_begin(&w, TR_KEY("Four-colour label"), 110);
    label_box(&w);
    struct chart_look look = CHART_PAPER;
    look.height = 68;
    if (r->grade.has) pdf_chart(w.pdf, score_bar(&w, look));
    look.height = 92;
    if (r->intensities_count && r->intensities[0].value.known)
        pdf_chart(w.pdf, intensity_strip(&w, &r->intensities[0], look));
    look.height = 130;
    if (r->monthly.months && r->monthly.series_count) pdf_chart(w.pdf, monthly_chart(&w, look));
    put_offers(&w, s);
    put_prices(&w, s);
    put_questions(&w, s);
    put_steps(&w, s);
    return pdf_finish(w.pdf, pdf, NULL, err);
}
