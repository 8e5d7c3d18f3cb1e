/* The report's first page and the order of its sections: header, subject, label, grade. */
#include "report/creditworthiness.h"

#include "base/num.h"
#include "report/creditworthiness_parts.h"

static void put_header(struct writer *w, const struct qr *qr)
{
    const struct creditworthiness_report *r = w->report;
    if (qr) pdf_place_qr(w->pdf, qr, PDF_WIDTH - PDF_MARGIN - 74, 46, 80);
    pdf_title(w->pdf, say(w, TR_KEY("Carbon creditworthiness report")), r->subject.name);
    pdf_space(w->pdf, 12);
    struct pdf_pair pairs[] = {
        {say(w, TR_KEY("Report number")), r->number, {0}},
        {say(w, TR_KEY("Issuer")), r->issuer, {0}},
        {say(w, TR_KEY("Issued at")),
         str_from(instant_format(w->arena, r->issued_ms, r->offset_minutes)),
         {0}},
        {say(w, TR_KEY("Filing of the issuer")), r->issuer_note, {0}},
        {say(w, TR_KEY("Data period")), period_text(w, r->period_from, r->period_to), {0}},
        {say(w, TR_KEY("Valid until")), date_text(w, r->valid_to), {0}},
        {say(w, TR_KEY("Issued for")), r->recipient, {0}},
        {say(w, TR_KEY("Purpose")), r->purpose, {0}},
        {say(w, TR_KEY("Letter of authorisation")), r->authorisation, {0}},
    };
    pdf_pairs(w->pdf, pairs, ARRAY_LEN(pairs), 2);
    if (r->digest_hex.len) {
        struct pdf_pair digest = {say(w, TR_KEY("Data digest (SHA-256)")), r->digest_hex, {0}};
        pdf_pairs(w->pdf, &digest, 1, 1);
    }
    if (r->invented)
        pdf_callout(w->pdf, PDF_WARNING, say(w, TR_KEY("Example with invented data")),
                    say(w, TR_KEY("The enterprise and all its figures are invented to show the "
                                  "system. This document proves nothing about anybody.")));
    if (r->disputed)
        pdf_callout(w->pdf, PDF_WARNING, say(w, TR_KEY("A dispute is open")),
                    say(w, TR_KEY("The data subject or a third party has challenged recorded "
                                  "information. See the dispute record in this report.")));
}

void section_subject(struct writer *w)
{
    const struct report_subject *s = &w->report->subject;
    section_begin(w, TR_KEY("Data subject"), 0);
    size_t count = 0;
    struct pdf_pair *pairs = ARENA_NEW_ARRAY(w->arena, struct pdf_pair, s->identifiers_count + 8);
    pairs[count++] = (struct pdf_pair){say(w, TR_KEY("Name")), s->name, {0}};
    pairs[count++] = (struct pdf_pair){say(w, TR_KEY("Other name")), s->name_other, {0}};
    for (size_t i = 0; i < s->identifiers_count; i++)
        pairs[count++] = (struct pdf_pair){s->identifiers[i].scheme, s->identifiers[i].value, {0}};
    str industry = s->industry_name;
    if (s->industry_code.len)
        industry = str_from(arena_printf(w->arena, "%.*s %.*s", STR_ARG(s->industry_code),
                                         STR_ARG(s->industry_name)));
    pairs[count++] = (struct pdf_pair){say(w, TR_KEY("Industry (GB/T 4754)")), industry, {0}};
    pairs[count++] = (struct pdf_pair){say(w, TR_KEY("Region")), s->region, {0}};
    pairs[count++] = (struct pdf_pair){say(w, TR_KEY("Scale")), s->scale, {0}};
    pairs[count++] =
        (struct pdf_pair){say(w, TR_KEY("Emission trading status")), s->ets_status, {0}};
    pdf_pairs(w->pdf, pairs, count, 2);
    struct pdf_pair boundary = {say(w, TR_KEY("Accounting boundary")), s->boundary, {0}};
    pdf_pairs(w->pdf, &boundary, 1, 1);
}

static void put_reasons(struct writer *w, const struct report_reason *reasons, size_t count,
                        bool signed_points)
{
    for (size_t i = 0; i < count; i++) {
        str text = reasons[i].text;
        if (reasons[i].points.known) {
            str points = number_text(w, reasons[i].points, false);
            const char *sign = signed_points && reasons[i].points.value > 0 ? "+" : "";
            text = str_from(arena_printf(
                w->arena, w->lang == LANG_ZH ? "%.*s（%s%.*s 分）" : "%.*s (%s%.*s points)",
                STR_ARG(text), sign, STR_ARG(points)));
        }
        pdf_bullet(w->pdf, text);
    }
}

void section_label(struct writer *w)
{
    const struct creditworthiness_report *r = w->report;
    section_begin(w, TR_KEY("Four-colour label"), 120);
    label_box(w);
    if (r->label.reasons_count) {
        pdf_heading(w->pdf, 2,
                    r->label.colour == COLOUR_GREY ? say(w, TR_KEY("Why there is no colour yet"))
                                                   : say(w, TR_KEY("Reasons for the colour")),
                    30);
        put_reasons(w, r->label.reasons, r->label.reasons_count, false);
    }
    if (r->missing_count) {
        pdf_heading(w->pdf, 2, say(w, TR_KEY("What is missing")), 40);
        struct rows rows = rows_begin(w->arena, 3);
        for (size_t i = 0; i < r->missing_count; i++) {
            rows_add(&rows, r->missing[i].what);
            rows_add(&rows, r->missing[i].effect);
            rows_add(&rows, r->missing[i].remedy);
        }
        rows_table(w, &rows,
                   (struct pdf_column[]){{say(w, TR_KEY("Missing")), 0.26, false},
                                         {say(w, TR_KEY("Effect")), 0.34, false},
                                         {say(w, TR_KEY("What to do")), 0.40, false}});
    }
}

static void put_indicators(struct writer *w)
{
    const struct report_grade *g = &w->report->grade;
    bool reasons = false;
    for (size_t i = 0; i < g->indicators_count; i++)
        reasons = reasons || g->indicators[i].reason.len != 0;
    struct rows rows = rows_begin(w->arena, reasons ? 5 : 4);
    for (size_t i = 0; i < g->indicators_count; i++) {
        const struct report_indicator *x = &g->indicators[i];
        rows_add(&rows,
                 str_from(arena_printf(w->arena, "%.*s  %.*s", STR_ARG(x->id), STR_ARG(x->name))));
        rows_add(&rows, x->value.len ? x->value : say(w, TR_KEY("missing")));
        rows_add(&rows, percent_text(w, x->weight));
        rows_add(&rows, number_text(w, x->score, false));
        if (reasons) rows_add(&rows, x->reason);
    }
    double wider = reasons ? 1 : 1 / 0.65;
    rows_table(w, &rows,
               (struct pdf_column[]){{say(w, TR_KEY("Indicator")), 0.30 * wider, false},
                                     {say(w, TR_KEY("Value")), 0.16 * wider, true},
                                     {say(w, TR_KEY("Weight")), 0.10 * wider, true},
                                     {say(w, TR_KEY("Score")), 0.09 * wider, true},
                                     {say(w, TR_KEY("Reason")), 0.35, false}});
}

static struct drawing *dimension_chart(struct writer *w, struct chart_look look)
{
    const struct report_grade *g = &w->report->grade;
    struct chart_bar *bars = ARENA_NEW_ARRAY(w->arena, struct chart_bar, g->dimensions_count);
    for (size_t i = 0; i < g->dimensions_count; i++) {
        const struct report_dimension *x = &g->dimensions[i];
        bars[i] =
            (struct chart_bar){.name = x->name,
                               .value = number_or_gap(x->score),
                               .note = str_from(tr_fill(w->arena, w->lang, "weight {0}",
                                                        percent_text(w, x->weight).ptr, NULL))};
    }
    struct chart_bars chart = {.title = say(w, TR_KEY("Score by dimension")),
                               .bars = bars,
                               .count = g->dimensions_count,
                               .value_max = 100,
                               .decimals = 0};
    return chart_bars(w->arena, &chart, look, w->lang);
}

void section_grade(struct writer *w)
{
    const struct report_grade *g = &w->report->grade;
    section_begin(w, TR_KEY("Carbon grade"), 90);
    if (!g->has) {
        pdf_paragraph(w->pdf, PDF_BODY,
                      say(w, TR_KEY("No grade: the data do not allow a score. The label says what "
                                    "is missing.")));
        return;
    }
    pdf_paragraph(w->pdf, PDF_BODY,
                  str_from(tr_fill(w->arena, w->lang,
                                   "Grade {0}, score {1} of 100, transition stage: {2}. The label "
                                   "judges how clean the enterprise is, the grade how "
                                   "creditworthy its carbon performance is.",
                                   str_dup(w->arena, g->grade), number_text(w, g->score, false).ptr,
                                   str_dup(w->arena, g->stage), NULL)));
    struct chart_look bar = CHART_PAPER, half = CHART_PAPER;
    bar.height = 68;
    half.height = 38 + 16.5 * (double)g->dimensions_count;
    pdf_chart(w->pdf, score_bar(w, bar));
    if (g->dimensions_count) pdf_chart(w->pdf, dimension_chart(w, half));
    if (g->indicators_count) put_indicators(w);
    if (g->improvements_count) {
        pdf_heading(w->pdf, 2, say(w, TR_KEY("What would improve the grade most")), 40);
        put_reasons(w, g->improvements, g->improvements_count, true);
    }
}

static str pdf_header_number(struct writer *w)
{
    return str_from(
        arena_printf(w->arena, "%s %.*s", tr(w->lang, "No."), STR_ARG(w->report->number)));
}

str pdf_keywords(const struct writer *w)
{
    str hex = w->report->figures_hex;
    if (hex.len == 0) return hex;
    return str_from(arena_printf(w->arena, "figures sha256:%.*s", STR_ARG(hex)));
}

bool report_creditworthiness_pdf(const struct creditworthiness_report *report, enum lang lang,
                                 struct arena *arena, str *pdf, struct error *err)
{
    struct writer w = {NULL, report, lang, arena, 0};
    struct qr qr;
    if (report->verify_url.len && !qr_make(arena, report->verify_url, &qr, err)) return false;
    str name = say(&w, TR_KEY("Carbon creditworthiness report"));
    struct pdf_options options = {
        .lang = lang,
        .title = str_from(arena_printf(arena, "%.*s %.*s", STR_ARG(name), STR_ARG(report->number))),
        .author = report->issuer,
        .subject = report->subject.name,
        .keywords = pdf_keywords(&w),
        .created_ms = report->issued_ms,
        .header_left = str_from(
            arena_printf(arena, "%.*s · %.*s", STR_ARG(name), STR_ARG(report->subject.name))),
        .header_right = pdf_header_number(&w),
        .footer_left = report->verify_url.len
                           ? str_from(tr_fill(arena, lang, "Check this report: {0}",
                                              str_dup(arena, report->verify_url), NULL))
                           : report->issuer,
        .mark = report->invented ? say(&w, TR_KEY("Example")) : STR("")};
    w.pdf = pdf_open(arena, &options);
    put_header(&w, report->verify_url.len ? &qr : NULL);
    key_figures(&w);
    section_subject(&w);
    section_label(&w);
    section_grade(&w);
    section_emission(&w);
    section_intensity(&w);
    section_reduction(&w);
    section_assets(&w);
    section_compliance(&w);
    section_finance(&w);
    section_quality(&w);
    section_disputes(&w);
    section_method(&w);
    section_proof(&w);
    return pdf_finish(w.pdf, pdf, NULL, err);
}
