#include "model/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/csv.h"
#include "base/num.h"

struct unit unit_one(void)
{
    return (struct unit){.num = 1, .den = 1};
}

static bool has_size(const struct unit *unit)
{
    const double sizes[] = {unit->num, unit->den, unit->num / unit->den};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        if (!(sizes[i] <= UNIT_SIZE_MAX && sizes[i] >= 1 / UNIT_SIZE_MAX)) return false;
    return true;
}

bool unit_multiply(struct unit *unit, const struct unit *by, int sign)
{
    sign = sign > 0 ? 1 : -1;
    struct unit result = {.num = unit->num * (sign > 0 ? by->num : by->den),
                          .den = unit->den * (sign > 0 ? by->den : by->num)};
    size_t i = 0, j = 0;
    while (i < unit->count || j < by->count) {
        struct unit_term term;
        int power;
        if (j == by->count || (i < unit->count && unit->terms[i].base < by->terms[j].base)) {
            term = unit->terms[i++];
            power = term.power;
        } else {
            term = by->terms[j++];
            power = sign * term.power;
            if (i < unit->count && unit->terms[i].base == term.base)
                power += unit->terms[i++].power;
        }
        if (power == 0) continue;
        if (result.count == UNIT_TERMS_MAX || abs(power) > UNIT_POWER_MAX) return false;
        result.terms[result.count++] = (struct unit_term){term.base, (int8_t)power};
    }
    if (!has_size(&result)) return false;
    *unit = result;
    return true;
}

bool unit_power(struct unit *unit, int power)
{
    struct unit result = unit_one();
    if (abs(power) > UNIT_POWER_MAX) return false;
    for (int i = 0; i < abs(power); i++)
        if (!unit_multiply(&result, unit, power)) return false;
    *unit = result;
    return true;
}

bool unit_same_dimension(const struct unit *a, const struct unit *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->terms[i].base != b->terms[i].base || a->terms[i].power != b->terms[i].power ||
            a->terms[i].base == UNIT_BASE_UNKNOWN)
            return false;
    }
    return true;
}

bool unit_is_one(const struct unit *unit)
{
    return unit->count == 0;
}

double unit_ratio(const struct unit *from, const struct unit *to)
{
    return (from->num * to->den) / (from->den * to->num);
}

bool unit_has_row(const struct unit_system *system, const struct unit *unit, uint16_t *base)
{
    for (size_t i = 0; i < unit->count; i++) {
        uint16_t number = unit->terms[i].base;
        if (number == UNIT_BASE_UNKNOWN || !system->bases[number].row) continue;
        if (base != NULL) *base = number;
        return true;
    }
    return false;
}

bool unit_replace_row(struct unit *unit, uint16_t base, const struct unit *with)
{
    int power = 0;
    struct unit rest = {.num = unit->num, .den = unit->den};
    for (size_t i = 0; i < unit->count; i++) {
        if (unit->terms[i].base == base)
            power = unit->terms[i].power;
        else
            rest.terms[rest.count++] = unit->terms[i];
    }
    for (int i = 0; i < abs(power); i++)
        if (!unit_multiply(&rest, with, power)) return false;
    *unit = rest;
    return true;
}

static uint16_t add_base(struct unit_system *system, struct unit_base base)
{
    void *known = map_get(&system->base_numbers, base.name);
    if (known != NULL) return (uint16_t)((uintptr_t)known - 1);
    CHECK(system->base_count < UNIT_BASES_MAX);
    *ARENA_PUSH(system->arena, system->bases, system->base_count, system->base_capacity) = base;
    map_put(&system->base_numbers, base.name, (void *)(uintptr_t)system->base_count);
    return (uint16_t)(system->base_count - 1);
}

static bool find_base(const struct unit_system *system, str name, uint16_t *number)
{
    void *known = map_get(&system->base_numbers, name);
    if (known == NULL) return false;
    *number = (uint16_t)((uintptr_t)known - 1);
    return true;
}

static struct unit unit_of_base(uint16_t base)
{
    return (struct unit){.num = 1, .den = 1, .count = 1, .terms = {{base, 1}}};
}

uint16_t unit_row_base(struct unit_system *system, str table)
{
    str name = str_from(arena_printf(system->arena, "%.*s.unit", STR_ARG(table)));
    return add_base(
        system, (struct unit_base){.name = name, .dimension = name, .display = name, .row = true});
}

/* "t" and "CO2" → a base of its own. The size of the atom is kept. */
static bool add_substance(struct unit_system *system, struct unit *unit, str substance, bool grow)
{
    if (unit->count != 1) return false;
    const struct unit_base *plain = &system->bases[unit->terms[0].base];
    bool volume = unit->terms[0].power == 3;
    str dimension = volume ? STR("volume") : plain->dimension;
    char name[160];
    snprintf(name, sizeof name, "%.*s %.*s", STR_ARG(dimension), STR_ARG(substance));
    uint16_t base;
    if (!find_base(system, str_from(name), &base)) {
        base = UNIT_BASE_UNKNOWN;
        if (grow && system->base_count < UNIT_BASES_MAX)
            base = add_base(system, (struct unit_base){
                                        .name = str_copy(system->arena, str_from(name)),
                                        .dimension = dimension,
                                        .substance = str_copy(system->arena, substance),
                                        .display = str_from(arena_printf(
                                            system->arena, "%s %.*s",
                                            volume ? "m3" : str_dup(system->arena, plain->display),
                                            STR_ARG(substance)))});
    }
    unit->terms[0] = (struct unit_term){base, 1};
    return true;
}

struct unit unit_without_substances(struct unit_system *system, const struct unit *unit)
{
    struct unit result = {.num = unit->num, .den = unit->den};
    for (size_t i = 0; i < unit->count; i++) {
        uint16_t number = unit->terms[i].base;
        struct unit plain = unit_of_base(number);
        uint16_t base;
        if (number != UNIT_BASE_UNKNOWN && system->bases[number].substance.len != 0) {
            if (str_is(system->bases[number].dimension, "volume") &&
                find_base(system, STR("length"), &base)) {
                plain = unit_of_base(base);
                plain.terms[0].power = 3;
            } else if (find_base(system, system->bases[number].dimension, &base)) {
                plain = unit_of_base(base);
            }
        }
        for (int k = 0; k < abs(unit->terms[i].power); k++)
            if (!unit_multiply(&result, &plain, unit->terms[i].power)) return *unit;
    }
    return result;
}

/* ---- the table of atoms ------------------------------------------------------------------- */

/* A size read as num/den: 0.001 is 1/1000, exactly. */
static void scale_by(struct unit *unit, double size)
{
    double inverse = size > 0 && size < 1 ? round(1 / size) : 0;
    if (inverse > 0 && 1 / inverse == size)
        unit->den *= inverse;
    else
        unit->num *= size;
}

/* "energy/time", "length^3", "1". */
static bool parse_dimension(struct unit_system *system, str text, str symbol, struct unit *unit)
{
    *unit = unit_one();
    int sign = 1;
    str rest = text, part;
    if (str_is(text, "1")) return true;
    while (str_cut(&rest, '/', &part)) {
        str name;
        int64_t power = 1;
        str tail = part;
        if (!str_cut(&tail, '^', &name)) return false;
        if (tail.len != 0 && !num_parse_int(tail, &power)) return false;
        bool fresh = !map_has(&system->base_numbers, name);
        uint16_t number =
            add_base(system, (struct unit_base){.name = str_copy(system->arena, name),
                                                .dimension = str_copy(system->arena, name),
                                                .display = symbol});
        struct unit base = unit_of_base(number);
        if (!fresh && power == 1 && sign == 1 && str_equal(part, text) &&
            (str_is(symbol, "t") || str_is(symbol, "GJ") || str_is(symbol, "h") ||
             str_is(symbol, "tce")))
            system->bases[number].display = symbol;
        if (!unit_power(&base, (int)power) || !unit_multiply(unit, &base, sign)) return false;
        sign = -1;
    }
    return true;
}

bool unit_system_init(struct unit_system *system, struct arena *arena, str atoms_csv,
                      struct error *err)
{
    *system = (struct unit_system){.arena = arena};
    map_init(&system->atoms, arena);
    map_init(&system->base_numbers, arena);
    struct csv_table table;
    if (!csv_read_table(arena, atoms_csv, &table, err)) return false;
    int symbol = csv_column(&table, "symbol"), ucum = csv_column(&table, "ucum");
    int dimension = csv_column(&table, "dimension"), factor = csv_column(&table, "factor");
    int substance = csv_column(&table, "substance"), aliases = csv_column(&table, "aliases");
    if (symbol < 0 || ucum < 0 || dimension < 0 || factor < 0 || substance < 0 || aliases < 0)
        return error_set(err, ERROR_MODEL_ATOMS, "is", (int64_t)1, "a column is missing");
    for (size_t i = 0; i < table.count; i++) {
        str *row = table.rows[i];
        struct unit_atom *atom = ARENA_NEW(arena, struct unit_atom);
        double size;
        if (row[symbol].len == 0 || !num_parse(row[factor], &size) || size <= 0 ||
            !parse_dimension(system, row[dimension], row[symbol], &atom->unit))
            return error_set(err, ERROR_MODEL_ATOMS, "is", table.lines[i],
                             "symbol, dimension or factor");
        scale_by(&atom->unit, size);
        atom->symbol = row[symbol];
        atom->ucum = row[ucum];
        atom->substances = str_is(row[substance], "yes");
        map_put(&system->atoms, row[symbol], atom);
        str rest = row[aliases], alias;
        while (str_cut(&rest, ' ', &alias))
            if (alias.len != 0 && !map_has(&system->atoms, alias))
                map_put(&system->atoms, alias, atom);
    }
    return true;
}

/* ---- parsing ------------------------------------------------------------------------------ */

static bool is_substance(str text)
{
    if (text.len == 0 || text.len > 24 || text.ptr[0] < 'A' || text.ptr[0] > 'Z') return false;
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] >= 0x80 || text.ptr[i] == '_') return false;
    return true;
}

/* An atom; one with a Chinese multiple before it (万kWh); one with the substance behind it (tCO2).
 */
static bool read_name(struct unit_system *system, str name, bool grow, struct unit *unit,
                      bool *may_have_substance)
{
    static const struct {
        const char *text;
        double size;
    } multiples[] = {{"百万", 1e6}, {"千万", 1e7}, {"万", 1e4}, {"亿", 1e8}};
    if (name.len > UNIT_NAME_MAX) return false;
    const struct unit_atom *atom = map_get(&system->atoms, name);
    if (atom != NULL) {
        *unit = atom->unit;
        *may_have_substance = atom->substances;
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(multiples); i++) {
        if (!str_starts(name, multiples[i].text)) continue;
        str rest = str_slice(name, strlen(multiples[i].text), name.len);
        if (rest.len == 0 || !read_name(system, rest, grow, unit, may_have_substance)) return false;
        unit->num *= multiples[i].size;
        return has_size(unit);
    }
    for (size_t cut = name.len; cut-- > 1;) {
        str tail = str_slice(name, cut, name.len);
        atom = is_substance(tail) ? map_get(&system->atoms, str_slice(name, 0, cut)) : NULL;
        if (atom == NULL || !atom->substances) continue;
        *unit = atom->unit;
        *may_have_substance = false;
        return add_substance(system, unit, tail, grow);
    }
    return false;
}

bool unit_is_name(const struct unit_system *system, str name)
{
    struct unit unit;
    bool substance;
    return read_name((struct unit_system *)system, name, false, &unit, &substance);
}

bool unit_starts(const struct unit_system *system, const struct token *token)
{
    if (token->kind == TOKEN_NAME) return unit_is_name(system, token->text);
    return token_is(token, "%") || token_is(token, "(");
}

struct reading {
    struct unit_system *system;
    const struct token *tokens;
    size_t at;
    bool grow;
    str row;
    struct unit_fault *fault;
    int depth;
    bool declared; /* not behind a number in an expression */
};

static bool fail(struct reading *r, enum unit_problem problem)
{
    *r->fault = (struct unit_fault){problem, r->tokens[r->at]};
    return false;
}

static bool read_product(struct reading *r, enum unit_place place, struct unit *unit);

static bool read_factor(struct reading *r, struct unit *unit)
{
    const struct token *token = &r->tokens[r->at];
    bool substances = false;
    if (token->kind == TOKEN_NUMBER) {
        *unit = unit_one();
        if (token->number <= 0) return fail(r, UNIT_SYNTAX);
        scale_by(unit, token->number);
        if (!has_size(unit)) return fail(r, UNIT_LARGE);
        r->at++;
        struct unit rest;
        if (r->tokens[r->at].kind != TOKEN_NAME || !unit_starts(r->system, &r->tokens[r->at]))
            return true;
        return read_factor(r, &rest) && (unit_multiply(unit, &rest, 1) || fail(r, UNIT_LARGE));
    }
    if (token_is(token, "(")) {
        r->at++;
        if (++r->depth > 20) return fail(r, UNIT_LARGE);
        if (!read_product(r, UNIT_DECLARED, unit)) return false;
        r->depth--;
        if (!token_is(&r->tokens[r->at], ")")) return fail(r, UNIT_SYNTAX);
        r->at++;
    } else if (token_is(token, "%")) {
        bool unused;
        if (!read_name(r->system, STR("%"), false, unit, &unused)) return fail(r, UNIT_UNKNOWN);
        r->at++;
    } else if (token->kind != TOKEN_NAME) {
        return fail(r, UNIT_SYNTAX);
    } else if (token_is(&r->tokens[r->at + 1], ".") && token_is(&r->tokens[r->at + 2], "unit")) {
        char name[160];
        snprintf(name, sizeof name, "%.*s.unit", STR_ARG(token->text));
        uint16_t base;
        if (!find_base(r->system, str_from(name), &base)) {
            if (!r->grow || r->system->base_count >= UNIT_BASES_MAX) return fail(r, UNIT_UNKNOWN);
            base = unit_row_base(r->system, token->text);
        }
        *unit = unit_of_base(base);
        r->at += 3;
    } else if (r->row.len != 0 && str_is(token->text, "unit")) {
        *unit = unit_of_base(unit_row_base(r->system, r->row));
        r->at++;
    } else {
        if (!read_name(r->system, token->text, r->grow, unit, &substances))
            return fail(r, UNIT_UNKNOWN);
        r->at++;
    }
    token = &r->tokens[r->at];
    if (substances && token->kind == TOKEN_NAME && is_substance(token->text) &&
        !map_has(&r->system->atoms, token->text)) {
        if (!add_substance(r->system, unit, token->text, r->grow)) return fail(r, UNIT_SYNTAX);
        token = &r->tokens[++r->at];
    }
    /* UCUM writes m-1; in an expression that would be a difference. */
    bool ucum = r->declared && token_is(token, "-") && !token->spaced &&
                token[1].kind == TOKEN_NUMBER && !token[1].spaced;
    if (!ucum && !token_is(token, "^")) return true;
    int sign = 1;
    if (!ucum) r->at++;
    if (token_is(&r->tokens[r->at], "-")) {
        sign = -1;
        r->at++;
    }
    token = &r->tokens[r->at];
    if (token->kind != TOKEN_NUMBER || token->number != floor(token->number) ||
        token->number > UNIT_POWER_MAX)
        return fail(r, UNIT_SYNTAX);
    r->at++;
    return unit_power(unit, sign * (int)token->number) || fail(r, UNIT_LARGE);
}

static bool read_product(struct reading *r, enum unit_place place, struct unit *unit)
{
    if (!read_factor(r, unit)) return false;
    for (;;) {
        const struct token *mark = &r->tokens[r->at];
        bool divide = token_is(mark, "/");
        if (!divide && !token_is(mark, "*") && !token_is(mark, ".")) return true;
        if (place == UNIT_LITERAL && (mark->spaced || mark[1].spaced)) return true;
        size_t before = r->at++;
        struct unit next;
        if (!read_factor(r, &next)) {
            if (place != UNIT_LITERAL) return false;
            r->at = before; /* a division in the expression, after all */
            return true;
        }
        if (!unit_multiply(unit, &next, divide ? -1 : 1)) return fail(r, UNIT_LARGE);
    }
}

bool unit_parse_tokens(struct unit_system *system, const struct token *tokens, size_t *at,
                       enum unit_place place, bool grow, str row, struct unit *unit,
                       struct unit_fault *fault)
{
    struct reading r = {.system = system,
                        .tokens = tokens,
                        .at = *at,
                        .grow = grow,
                        .row = row,
                        .fault = fault,
                        .declared = place == UNIT_DECLARED};
    if (!read_product(&r, place, unit)) return false;
    *at = r.at;
    return true;
}

/* Full-width forms (U+FF01..U+FF5E) as people type them, made half-width. */
static str narrow(struct arena *arena, str text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t length = 0;
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        uint32_t c = utf8_next(text, &at);
        if (c >= 0xFF01 && c <= 0xFF5E) {
            out[length++] = (char)(c - 0xFEE0);
            continue;
        }
        memcpy(out + length, text.ptr + from, at - from);
        length += at - from;
    }
    return (str){out, length};
}

bool unit_parse_text(struct unit_system *system, struct arena *arena, str text, bool grow, str row,
                     struct unit *unit)
{
    if (text.len > 200) return false;
    size_t count, at = 0;
    struct token *tokens = token_read(arena, str_trim(narrow(arena, text)), &count);
    struct unit_fault fault;
    return tokens != NULL &&
           unit_parse_tokens(system, tokens, &at, UNIT_DECLARED, grow, row, unit, &fault) &&
           tokens[at].kind == TOKEN_END && tokens[at + 1].kind == TOKEN_EOF;
}

/* ---- telling ------------------------------------------------------------------------------ */

static void put_side(struct buf *out, const struct unit_system *system, const struct unit *unit,
                     int sign)
{
    bool first = true;
    for (size_t i = 0; i < unit->count; i++) {
        int power = unit->terms[i].power * sign;
        if (power <= 0) continue;
        if (!first) buf_puts(out, "*");
        first = false;
        uint16_t number = unit->terms[i].base;
        const struct unit_base *base = number == UNIT_BASE_UNKNOWN ? NULL : &system->bases[number];
        str text = base == NULL ? STR("?") : base->display;
        bool brackets = base != NULL && base->substance.len != 0 && (unit->count > 1 || power > 1);
        buf_printf(out, brackets ? "(%.*s)" : "%.*s", STR_ARG(text));
        if (power > 1) buf_printf(out, "^%d", power);
    }
}

char *unit_format(struct arena *arena, const struct unit_system *system, const struct unit *unit)
{
    struct buf *out = buf_new(arena);
    size_t above = 0, below = 0;
    for (size_t i = 0; i < unit->count; i++) *(unit->terms[i].power > 0 ? &above : &below) += 1;
    if (above == 0) buf_puts(out, "1");
    put_side(out, system, unit, 1);
    if (below != 0) {
        buf_puts(out, below > 1 ? "/(" : "/");
        put_side(out, system, unit, -1);
        if (below > 1) buf_puts(out, ")");
    }
    return str_dup(arena, buf_str(out));
}

/* "mass of CO2", "area", "mass squared", "length to the power of 4". */
static void describe_base(struct buf *out, const struct unit_base *base, int power)
{
    bool length = str_is(base->dimension, "length") && (power == 2 || power == 3);
    if (length)
        buf_puts(out, power == 2 ? "area" : "volume");
    else
        buf_put_str(out, base->dimension);
    if (base->substance.len != 0) buf_printf(out, " of %.*s", STR_ARG(base->substance));
    if (power == 1 || length) return;
    if (power == 2)
        buf_puts(out, " squared");
    else
        buf_printf(out, " to the power of %d", power);
}

static void describe_side(struct buf *out, const struct unit_system *system,
                          const struct unit *unit, int sign)
{
    bool first = true;
    for (size_t i = 0; i < unit->count; i++) {
        int power = unit->terms[i].power * sign;
        if (power <= 0) continue;
        if (!first) buf_puts(out, " times ");
        first = false;
        uint16_t number = unit->terms[i].base;
        if (number == UNIT_BASE_UNKNOWN) {
            buf_puts(out, "something the models do not name");
            continue;
        }
        describe_base(out, &system->bases[number], power);
    }
}

char *unit_describe(struct arena *arena, const struct unit_system *system, const struct unit *unit)
{
    if (unit_is_one(unit)) return arena_strdup(arena, "a plain number");
    struct buf *out = buf_new(arena);
    bool above = false, below = false;
    for (size_t i = 0; i < unit->count; i++) *(unit->terms[i].power > 0 ? &above : &below) = true;
    if (!above) buf_puts(out, "number");
    describe_side(out, system, unit, 1);
    if (below) {
        buf_puts(out, " per ");
        describe_side(out, system, unit, -1);
    }
    return str_dup(arena, buf_str(out));
}

/* Masses of one mole, for the hint only: what the usual ratios are written as. */
static const char *carbon_ratio(str from, str to)
{
    static const struct {
        const char *from, *to, *ratio;
    } known[] = {{"C", "CO2", "44/12"},      {"C", "CH4", "16/12"},   {"CO2", "C", "12/44"},
                 {"CaCO3", "CO2", "44/100"}, {"CaO", "CO2", "44/56"}, {"MgO", "CO2", "44/40"},
                 {"MgCO3", "CO2", "44/84"}};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_is(from, known[i].from) && str_is(to, known[i].to)) return known[i].ratio;
    return NULL;
}

char *unit_hint(struct arena *arena, const struct unit_system *system, const struct unit *found,
                const struct unit *wanted)
{
    struct unit gap = *wanted;
    if (!unit_multiply(&gap, found, -1)) return NULL;
    const struct unit_base *up = NULL, *down = NULL;
    for (size_t i = 0; i < gap.count; i++) {
        if (gap.terms[i].base == UNIT_BASE_UNKNOWN) return NULL;
        const struct unit_base *base = &system->bases[gap.terms[i].base];
        if (gap.terms[i].power == 1) up = base;
        if (gap.terms[i].power == -1) down = base;
    }
    char *text = unit_format(arena, system, &gap);
    if (gap.count == 2 && up != NULL && down != NULL && str_equal(up->dimension, down->dimension)) {
        const char *ratio = carbon_ratio(down->substance, up->substance);
        if (ratio != NULL) return arena_printf(arena, "multiply by %s %s", ratio, text);
        if (str_is(up->substance, "CO2e") && down->substance.len != 0)
            return arena_printf(arena, "multiply by gwp(\"%.*s\"), the warming potential",
                                STR_ARG(down->substance));
        if (up->substance.len == 0 || down->substance.len == 0)
            return arena_printf(
                arena, "name the substance on both sides, or multiply by a content in %s", text);
    }
    for (size_t i = 0; i < gap.count; i++)
        if (system->bases[gap.terms[i].base].row)
            return arena_printf(arena,
                                "multiply by a column or input that has %s in its unit, "
                                "such as one in %s",
                                str_dup(arena, system->bases[gap.terms[i].base].name), text);
    return arena_printf(arena, "multiply by a quantity in %s", text);
}

str unit_nearest(const struct unit_system *system, str name)
{
    str best = {"", 0};
    size_t least = name.len <= 3 ? 2 : 3;
    for (size_t i = 0; i < system->atoms.count; i++) {
        size_t distance = text_distance(name, system->atoms.entries[i].key, least);
        if (str_equal_fold(name, system->atoms.entries[i].key)) distance = 0;
        if (distance >= least) continue;
        least = distance;
        best = system->atoms.entries[i].key;
    }
    return best;
}
