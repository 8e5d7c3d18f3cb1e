/* What the files of the report and of the summary share. Internal to report/. */
#ifndef REPORT_CREDITWORTHINESS_PARTS_H
#define REPORT_CREDITWORTHINESS_PARTS_H

#include "report/chart.h"
#include "report/creditworthiness.h"
#include "report/pdf.h"

struct writer {
    struct pdf *pdf;
    const struct creditworthiness_report *report;
    enum lang lang;
    struct arena *arena;
    int section; /* number of the last heading of level 1 */
};

/* The message in the reader's language; write it say(w, TR_KEY("…")). */
str say(const struct writer *w, const char *message);
/* A numbered heading of level 1. */
void section_begin(struct writer *w, const char *message, double follow);
/* "1,234.5", with its mark's word in brackets when `with_mark`; "–" when not known. */
str number_text(const struct writer *w, struct report_number number, bool with_mark);
/* With the unit after it. */
str number_unit(const struct writer *w, struct report_number number, str unit);
str percent_text(const struct writer *w, struct report_number number);
/* CNY in ten thousands (万元) in Chinese, in millions in English: as each side counts. */
str money_text(const struct writer *w, struct report_number cny);
str mark_word(const struct writer *w, enum report_mark mark);
str date_text(const struct writer *w, date day);
/* number.known ? number.value : NAN */
double number_or_gap(struct report_number number);
/* "2025-03 … 2025-12": first and last day as text. */
str period_text(const struct writer *w, date from, date to);
/* A label's word behind the colour, and its ring, are drawn by pdf.h; this is the word alone. */
str colour_text(const struct writer *w, enum report_colour colour);
str intensity_mark_name(const struct writer *w, enum chart_mark_kind kind);

/* The dot strip of one product against its benchmarks. */
struct drawing *intensity_strip(struct writer *w, const struct report_intensity *intensity,
                                struct chart_look look);
/* The score among the grades of reference §5. */
struct drawing *score_bar(struct writer *w, struct chart_look look);
struct drawing *monthly_chart(struct writer *w, struct chart_look look);
void key_figures(struct writer *w);
void label_box(struct writer *w);

/* A table being built row by row. */
struct rows {
    struct arena *arena;
    str *cells;
    size_t count, capacity, columns;
};
struct rows rows_begin(struct arena *arena, size_t columns);
void rows_add(struct rows *rows, str text);
void rows_table(struct writer *w, const struct rows *rows, const struct pdf_column *columns);

/* Sections, in order. */
/* The metadata that tie a document to the figures it rests on. */
str pdf_keywords(const struct writer *w);
void section_subject(struct writer *w);
void section_label(struct writer *w);
void section_grade(struct writer *w);
void section_emission(struct writer *w);
void section_intensity(struct writer *w);
void section_reduction(struct writer *w);
void section_assets(struct writer *w);
void section_compliance(struct writer *w);
void section_finance(struct writer *w);
void section_quality(struct writer *w);
void section_disputes(struct writer *w);
void section_method(struct writer *w);
void section_proof(struct writer *w);

#endif
