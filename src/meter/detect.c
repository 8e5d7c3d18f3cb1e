/* A proposal of how a meter's file is to be read, from its first rows: the form of the time, the
 * column of values, the interval, and what the label 00:00 means. Each choice comes with its
 * reason. */
#include <string.h>

#include "meter/chunk.h"
#include "meter/label.h"

#define SAMPLE_ROWS 4000

struct sample {
    struct arena *arena;
    struct intake_row *rows;
    size_t count, capacity;
    str sheet;
    bool enough;
};

struct guess {
    struct meter_mapping mapping;
    size_t regular; /* steps equal to the commonest step */
    size_t back;    /* labels that fall back to 00:00 of the same day */
    size_t over;    /* labels that step over midnight as they should */
    int64_t first_minute;
};

static bool sample_begin(void *arg, const struct intake_book *book, struct error *err)
{
    (void)arg, (void)book, (void)err;
    return true;
}

static bool sample_sheet(void *arg, str name, bool hidden, struct error *err)
{
    struct sample *sample = arg;
    (void)hidden, (void)err;
    if (sample->count == 0) sample->sheet = str_copy(sample->arena, name);
    return true;
}

static bool sample_row(void *arg, const struct intake_row *row, struct error *err)
{
    struct sample *sample = arg;
    (void)err;
    struct intake_row copy = *row;
    copy.cells = arena_copy(sample->arena, row->cells, row->count * sizeof *row->cells);
    for (uint32_t i = 0; i < row->count; i++)
        copy.cells[i].text = str_copy(sample->arena, row->cells[i].text);
    *ARENA_PUSH(sample->arena, sample->rows, sample->count, sample->capacity) = copy;
    sample->enough = sample->count == SAMPLE_ROWS;
    return !sample->enough;
}

static bool sample_merged(void *arg, const struct intake_range *range, struct error *err)
{
    (void)arg, (void)range, (void)err;
    return true;
}

/* Judges how well the labels follow each other under a form of the time. */
static void judge(const struct sample *sample, struct guess *guess)
{
    size_t steps[METER_DAY_MINUTES + 1] = {0};
    int64_t before = 0, minutes;
    bool midnight, first = true;
    int best = 0;
    guess->mapping.header_row = 0;
    for (size_t i = 0; i < sample->count; i++) {
        if (!label_of_row(&sample->rows[i], &guess->mapping, &minutes, &midnight)) {
            if (first) guess->mapping.header_row = sample->rows[i].number;
            continue;
        }
        if (first) {
            guess->first_minute = minutes % METER_DAY_MINUTES;
            before = minutes; /* a step of 0 counts as none */
        }
        first = false;
        int64_t step = minutes - before;
        if (step > 0 && step <= METER_DAY_MINUTES) steps[step]++;
        if (midnight && step < 0 && step > -METER_DAY_MINUTES) guess->back++;
        if (midnight && step > 0 && step < METER_DAY_MINUTES) guess->over++;
        before = minutes;
    }
    for (int s = 1; s <= METER_DAY_MINUTES; s++)
        if (METER_DAY_MINUTES % s == 0 && steps[s] > steps[best]) best = s;
    guess->mapping.interval_minutes = best;
    guess->regular = best > 0 ? steps[best] : 0;
}

static bool guess_time(const struct sample *sample, struct guess *best)
{
    static const char *const formats[] = {
        "Y-m-d H:M",     "Y-m-d H:M:S",  "Y/m/d H:M",       "Y/m/d H:M:S", "d/m/Y H:M",
        "d/m/Y H:M:S",   "m/d/Y H:M",    "m/d/Y H:M:S",     "d.m.Y H:M",   "Y.m.d H:M",
        "Ymd H:M",       "Ymd H:M:S",    "Y-m-dTH:M:S",     "YmdHM",       "YmdHMS",
        "Y年m月d日 H:M", "Y年m月d日H:M", "Y年m月d日 H时M分"};
    const struct intake_row *middle = &sample->rows[sample->count / 2];
    for (uint32_t c = 0; c < middle->count && c < 16; c++)
        for (size_t f = 0; f < ARRAY_LEN(formats); f++)
            for (int clock = 0; clock < 2; clock++) {
                struct guess guess = {
                    .mapping = {.time_column = middle->cells[c].column,
                                .has_clock_column = clock == 1,
                                .clock_column = (uint16_t)(middle->cells[c].column + 1),
                                .time_format = str_from(formats[f])}};
                int64_t minutes;
                bool midnight;
                if (!label_of_row(middle, &guess.mapping, &minutes, &midnight)) continue;
                judge(sample, &guess);
                if (guess.regular > best->regular) *best = guess;
            }
    return best->regular > 0;
}

static bool has_word(struct arena *arena, str header, const char *word)
{
    size_t at;
    return str_find(str_fold(arena, header), str_from(word), &at);
}

/* The column of numbers whose header speaks of active energy; otherwise the first column of
 * numbers. */
static bool guess_value(const struct sample *sample, struct guess *guess, const char **reason)
{
    static const char *const words[] = {"kwh",    "电量",  "电能", "有功", "用电",
                                        "energy", "usage", "kw",   "功率"};
    const struct intake_row *middle = &sample->rows[sample->count / 2];
    const struct intake_row *header = NULL;
    size_t best = ARRAY_LEN(words) + 1;
    for (size_t i = 0; i < sample->count; i++)
        if (sample->rows[i].number == guess->mapping.header_row) header = &sample->rows[i];
    for (uint32_t i = 0; i < middle->count; i++) {
        const struct intake_cell *cell = &middle->cells[i];
        double number;
        bool time =
            cell->column == guess->mapping.time_column ||
            (guess->mapping.has_clock_column && cell->column == guess->mapping.clock_column);
        if (time || (cell->kind != INTAKE_NUMBER &&
                     !(cell->kind == INTAKE_TEXT && label_number(cell->text, &number))))
            continue;
        const struct intake_cell *name = intake_cell_at(header, cell->column);
        size_t rank = ARRAY_LEN(words);
        for (size_t w = 0; name != NULL && w < ARRAY_LEN(words) && rank == ARRAY_LEN(words); w++)
            if (has_word(sample->arena, name->text, words[w])) rank = w;
        if (rank >= best) continue;
        best = rank;
        guess->mapping.value_column = cell->column;
        str text = name != NULL ? name->text : STR("");
        bool mega = has_word(sample->arena, text, "mw"), wan = has_word(sample->arena, text, "万");
        bool energy = has_word(sample->arena, text, "wh") || wan;
        bool power = !energy && (mega || has_word(sample->arena, text, "kw") ||
                                 has_word(sample->arena, text, "功率"));
        guess->mapping.value = power ? METER_VALUE_POWER : METER_VALUE_ENERGY;
        guess->mapping.unit = power  ? mega ? STR("MW") : STR("kW")
                               : mega ? STR("MWh")
                              : wan  ? STR("万kWh")
                                     : STR("kWh");
        *reason =
            name == NULL || rank == ARRAY_LEN(words)
                ? "The first column of numbers; the header does not name a unit, kWh is assumed."
                : "The header of the column names energy or power and its unit.";
    }
    return best <= ARRAY_LEN(words);
}

bool meter_mapping_detect(struct arena *arena, str bytes, struct meter_mapping *mapping,
                          struct meter_evidence **evidence, size_t *evidence_count,
                          struct error *err)
{
    struct sample sample = {.arena = arena};
    struct intake_sink sink = {&sample, sample_begin, sample_sheet, sample_row, sample_merged};
    struct guess best = {0};
    const char *reason = "";
    if (!intake_stream(bytes, &sink, err) && !sample.enough) return false;
    if (sample.count < 3 || !guess_time(&sample, &best) || !guess_value(&sample, &best, &reason))
        return error_set(err, ERROR_INTAKE_MAPPING_NONE, "i", (int64_t)SAMPLE_ROWS);
    bool same_day = best.back > 0 && best.over == 0;
    best.mapping.sheet = sample.sheet;
    best.mapping.multiplier = 1;
    best.mapping.midnight = same_day ? METER_MIDNIGHT_SAME_DAY_LABEL : METER_MIDNIGHT_AS_WRITTEN;
    best.mapping.label = same_day || best.first_minute != 0 ? METER_LABEL_END : METER_LABEL_START;
    struct meter_evidence list[] = {
        {"time_format", "With this form the labels follow each other most regularly."},
        {"interval_minutes", "The commonest step between two labels."},
        {"value_column", reason},
        {"label",
         same_day || best.first_minute != 0
             ? "The first label does not stand at 00:00, so labels name the end of an interval."
             : "The first label stands at 00:00, so labels name the start of an interval."},
        {"midnight",
         same_day
             ? "The label 00:00 follows 23:45 of the same day and goes backwards: it means 24:00."
             : "The labels pass midnight in order."},
    };
    *evidence = arena_copy(arena, list, sizeof list);
    *evidence_count = ARRAY_LEN(list);
    *mapping = best.mapping;
    return true;
}
