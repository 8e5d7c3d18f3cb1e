/* The carbon creditworthiness report (碳征信报告) and its two-page bank summary as documents. The
 * caller (credit, finance) fills these plain structs; texts are in the reader's language already,
 * except those that report/ owns by enum. Nothing is computed here but shares and changes shown in
 * tables. A section without data is left out or says what is missing. Sections follow
 * 0 header · 1 subject · 2 label and grade · 3 emission and energy · 4 intensity · 5 reduction ·
 * 6 carbon assets · 7 compliance · 8 finance · 9 data quality · 10 disputes, method, proof. */
#ifndef REPORT_CREDITWORTHINESS_H
#define REPORT_CREDITWORTHINESS_H

#include "base/date.h"
#include "base/error.h"
#include "report/drawing.h"

/* How a figure came about; each but the first prints a small word after it. */
enum report_mark {
    REPORT_MARK_NONE,
    REPORT_MARK_ESTIMATED, /* 估算 */
    REPORT_MARK_DEFAULT,   /* 缺省 */
    REPORT_MARK_DISPUTED,  /* 异议 */
    REPORT_MARK_UNVERIFIED /* 未核查 */
};

/* A figure; `known` false prints "–". `decimals` 0..9 as its uncertainty deserves. */
struct report_number {
    bool known;
    double value;
    int decimals;
    enum report_mark mark;
};
static inline struct report_number report_number(double value, int decimals)
{
    return (struct report_number){true, value, decimals, REPORT_MARK_NONE};
}

struct report_identifier {
    str scheme, value; /* 统一社会信用代码, 9137… */
};

struct report_subject {
    str name, name_other; /* in the other language, may be empty */
    const struct report_identifier *identifiers;
    size_t identifiers_count;
    str industry_code, industry_name;
    str region, scale;
    str ets_status; /* e.g. 重点排放单位（钢铁） */
    str boundary;   /* accounting boundary in words */
};

/* One intensity against its benchmarks. The limit may be missing. */
struct report_intensity {
    str product, unit; /* 粗钢, t CO2e/t */
    struct report_number value;
    struct report_number years[3]; /* oldest first, same factors (like for like) */
    struct report_number advanced, baseline, limit;
    str source;                      /* of the benchmarks, with clause */
    struct report_number percentile; /* 0..100 among peers, 100 is best */
    const double *peers;             /* for the dot strip, unnamed */
    size_t peers_count;
};

struct report_reason {
    str text;
    struct report_number points; /* effect on the result; may be unknown */
};

struct report_label {
    enum report_colour colour;
    bool has_previous;
    enum report_colour previous;
    str previous_period;
    str basis;       /* what was judged: 单位产品碳排放（全口径） */
    str benchmark;   /* against what, with source */
    str distance;    /* to the next colour, in words with figure */
    str confidence;  /* A, B, C, D */
    str carbon_code; /* five-level code 碳效码, may be empty */
    const struct report_reason *reasons;
    size_t reasons_count;
};

struct report_dimension {
    str name;
    struct report_number weight, score; /* weight in percent, score 0..100 */
    int indicators_known, indicators;
};

struct report_indicator {
    str id, name, value;                /* value with unit as text, or empty when missing */
    struct report_number score, weight; /* 0..100, percent */
    str reason;
};

struct report_grade {
    bool has;
    str grade, stage; /* AAA … C; early, middle, mature in words */
    struct report_number score;
    const struct report_dimension *dimensions;
    size_t dimensions_count;
    const struct report_indicator *indicators;
    size_t indicators_count;
    const struct report_reason *improvements; /* what would help most; points gained */
    size_t improvements_count;
};

struct report_emission_year {
    int year;
    struct report_number scope1, scope2_location, scope2_market, scope3; /* t CO2e */
    struct report_number full, compliance;                               /* t CO2e */
    struct report_number calorific_tce, equivalent_tce, electricity_mwh, green_power_mwh;
};

struct report_source {
    str name;
    int scope;                   /* 1, 2, 3 */
    struct report_number amount; /* t CO2e in the period */
    str method;
};

struct report_monthly {
    int32_t first_month; /* month number, see base/date.h */
    size_t months;
    const str *names;            /* series, e.g. sources */
    const double *const *values; /* t CO2e, `months` each, NAN is missing */
    size_t series_count;
};

struct report_change {
    str name;
    double value; /* t CO2e; totals as they are, others as changes */
    bool total;
};

struct report_measure {
    str name, state;
    struct report_number reduction_t, cost_cny;
    str year;
};

struct report_line {
    str name, value, note;
};

/* Date, what, state, and amount as texts: penalties, permits, loans, disputes, submissions. */
struct report_record {
    str date, kind, text, state;
};

struct report_loan {
    str lender, product, purpose, state, kpi;
    struct report_number amount_cny, rate_percent;
};

enum report_check_result {
    REPORT_CHECK_PASS,
    REPORT_CHECK_WARN,
    REPORT_CHECK_FAIL,
    REPORT_CHECK_OPEN
};
struct report_check {
    str rule, name, deviation, note;
    enum report_check_result result;
};

struct report_quality {
    struct report_number completeness, timeliness, accuracy, source_class, total; /* 0..1 */
    struct report_number uncertainty_percent;
    const struct report_line *tiers; /* evidence tier, share as text, note */
    size_t tiers_count;
    const struct report_check *checks;
    size_t checks_count;
};

struct report_method {
    str name, version, source, digest;
};
struct report_factor {
    str name, value, unit, source;
    enum report_mark mark;
};

struct report_proof {
    bool has;
    str log_name, leaf_index, tree_size, root_hash, checkpoint_time, key_name;
};

struct report_missing {
    str what, effect, remedy;
};

struct creditworthiness_report {
    /* 0 header */
    str number;
    str issuer, issuer_note;               /* a filed credit agency, as configured; its filing */
    str recipient, purpose, authorisation; /* bank, 贷前 …, id of the letter; may be empty */
    int64_t issued_ms;
    int offset_minutes; /* of the place of issue, China 480 */
    date period_from, period_to, valid_to;
    str digest_hex;  /* SHA-256 of the data the report rests on */
    str figures_hex; /* SHA-256 of its report.json (doc/formats.md); empty: not told */
    str verify_url;  /* in the QR code */
    bool invented;   /* 示例 on every page */
    bool disputed;   /* 异议中 */
    struct report_subject subject;
    struct report_label label;
    struct report_grade grade;
    /* 3, oldest year first; the last is the report's period */
    const struct report_emission_year *years;
    size_t years_count;
    const struct report_source *sources;
    size_t sources_count;
    struct report_monthly monthly;
    const struct report_change *changes;
    size_t changes_count;
    /* 4 */
    const struct report_intensity *intensities;
    size_t intensities_count;
    /* 5 */
    const struct report_measure *measures;
    size_t measures_count;
    const struct report_line *reduction; /* green power share, plan progress, CCER … */
    size_t reduction_count;
    /* 6 */
    const struct report_line *assets;
    size_t assets_count;
    /* 7 */
    const struct report_line *compliance;
    size_t compliance_count;
    const struct report_record *penalties;
    size_t penalties_count;
    bool penalties_checked; /* an empty list means "none found", not "not asked" */
    /* 8 */
    bool finance_consented;
    const struct report_loan *loans;
    size_t loans_count;
    /* 9, 10 */
    struct report_quality quality;
    const struct report_record *disputes;
    size_t disputes_count;
    const struct report_missing *missing;
    size_t missing_count;
    const struct report_method *methods;
    size_t methods_count;
    const struct report_factor *factors;
    size_t factors_count;
    struct report_proof proof;
};

/* A matched product for the bank summary. */
struct report_offer {
    str lender, product, use_of_funds, green_item, note;
    struct report_number amount_cny, rate_percent, term_months, score;
    /* parts of the price in percent: LPR, risk, green, grade */
    struct report_number rate_lpr, rate_risk, rate_green, rate_grade;
};

struct bank_summary {
    const struct creditworthiness_report *report;
    str case_number, bank, officer, need; /* the need in words */
    const struct report_offer *offers;    /* best first */
    size_t offers_count;
    const struct report_line *questions; /* beyond the checks and what is missing; note says why */
    size_t questions_count;
    const struct report_record *steps; /* kind: the step; text: who; state: his note */
    size_t steps_count;
};

/* The report, normally 4 to 8 pages. Title and number are in the metadata; the creation date is
 * `issued_ms`, so the same struct gives the same bytes. Fails as pdf_finish and qr_make do. */
bool report_creditworthiness_pdf(const struct creditworthiness_report *report, enum lang lang,
                                 struct arena *arena, str *pdf, struct error *err) NODISCARD;
/* The two-page summary that a bank files with its case. */
bool report_bank_summary_pdf(const struct bank_summary *summary, enum lang lang,
                             struct arena *arena, str *pdf, struct error *err) NODISCARD;

#endif
