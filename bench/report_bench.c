/* Milliseconds per carbon creditworthiness report after warm-up: the invented mill in Chinese and
 * English, and the bank's summary. Usage: report_bench [runs] [folder to keep the documents in]. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "base/num.h"
#include "report/report_fixture.h"

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool make(int what, struct arena *arena, str *pdf, struct error *err)
{
    enum lang lang = what % 2 ? LANG_EN : LANG_ZH;
    struct creditworthiness_report report =
        what / 2 == 2 ? fixture_meter_only(arena, lang) : fixture_mill(arena, lang);
    if (what / 2 != 1) return report_creditworthiness_pdf(&report, lang, arena, pdf, err);
    struct bank_summary summary = fixture_summary(&report, arena, lang);
    return report_bank_summary_pdf(&summary, lang, arena, pdf, err);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

#define RUNS_MAX 1000

int main(int argc, char **argv)
{
    static const char *const names[] = {"report-zh",  "report-en", "summary-zh",
                                        "summary-en", "grey-zh",   "grey-en"};
    static double times[RUNS_MAX];
    int64_t runs = 20;
    if (argc > 1 && (!num_parse_int(str_from(argv[1]), &runs) || runs < 1 || runs > RUNS_MAX)) {
        fprintf(stderr, "usage: report_bench [runs 1..%d] [folder]\n", RUNS_MAX);
        return 2;
    }
    for (int what = 0; what < 6; what++) {
        size_t bytes = 0;
        double first = 0;
        for (int64_t run = -1; run < runs; run++) {
            struct arena *arena = arena_open(0);
            struct error err;
            str pdf;
            double start = now_ms();
            if (!make(what, arena, &pdf, &err)) {
                fprintf(stderr, "%s\n", error_text(arena, LANG_EN, &err));
                return 3;
            }
            double took = now_ms() - start;
            if (run < 0)
                first = took;
            else
                times[run] = took;
            bytes = pdf.len;
            if (run < 0 && argc > 2 &&
                !file_write(arena_printf(arena, "%s/%s.pdf", argv[2], names[what]), pdf, &err)) {
                fprintf(stderr, "%s\n", error_text(arena, LANG_EN, &err));
                return 3;
            }
            arena_close(arena);
        }
        qsort(times, (size_t)runs, sizeof times[0], by_value);
        printf("%-11s median %6.1f ms  best %6.1f ms  first %6.1f ms  %zu bytes\n", names[what],
               times[runs / 2], times[0], first, bytes);
    }
    return 0;
}
