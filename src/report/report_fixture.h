/* An invented steel mill as a filled report, for the tests and the benchmark of report/. Not part
 * of the program. */
#ifndef REPORT_REPORT_FIXTURE_H
#define REPORT_REPORT_FIXTURE_H

#include "report/report.h"

/* Texts in `lang`; everything static or in the arena. */
struct creditworthiness_report fixture_mill(struct arena *arena, enum lang lang);
/* The real plant's case: a year of meter data and nothing else; grey label, no grade. */
struct creditworthiness_report fixture_meter_only(struct arena *arena, enum lang lang);
struct bank_summary fixture_summary(const struct creditworthiness_report *report,
                                    struct arena *arena, enum lang lang);

#endif
