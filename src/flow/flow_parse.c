/* Reads a flow file (doc/flow-language.md): first the lines into statements, then the names to what
 * they name, then whether every state can be reached and left. */
#include <string.h>

#include "base/num.h"
#include "flow/flow.h"

#define TOKENS_MAX 64

enum token_kind { WORD, NUMBER, TEXT, COMMA };

struct token {
    enum token_kind kind;
    str text; /* of TEXT: what it stands for */
};

/* Names that wait until all statements are read. */
struct names {
    str *items;
    size_t count, capacity;
    int line;
};

struct pending {
    struct names from, to, different;
    bool has_tone;
};

struct parser {
    struct arena *arena;
    const char *file;
    int line;
    struct token tokens[TOKENS_MAX];
    size_t count, at;
    struct flow *flow;
    size_t states_capacity, transitions_capacity, sources_capacity, pending_count, pending_capacity;
    struct pending *pending; /* one per transition */
    enum { IN_NOTHING, IN_FLOW, IN_STATE, IN_TRANSITION } in;
    struct error *err;
};

static bool expected(struct parser *p, const char *what)
{
    str found = p->at < p->count ? p->tokens[p->at].text : STR("the end of the line");
    return error_set(p->err, ERROR_FLOW_SYNTAX, "sisS", p->file, (int64_t)p->line, what, found);
}

static bool twice(struct parser *p, int line, str what)
{
    return error_set(p->err, ERROR_FLOW_TWICE, "siS", p->file, (int64_t)line, what);
}

/* --- a line into tokens --- */

static bool is_name(str text)
{
    if (text.len == 0 || text.ptr[0] < 'a' || text.ptr[0] > 'z') return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
}

/* A text from its opening quote on; *at is left behind the closing one. */
static bool read_text(struct parser *p, str line, size_t *at, str *text)
{
    char *out = arena_alloc(p->arena, line.len + 1);
    size_t length = 0, i = *at + 1;
    for (; i < line.len && line.ptr[i] != '"'; i++) {
        if (line.ptr[i] == '\\' && i + 1 < line.len &&
            (line.ptr[i + 1] == '"' || line.ptr[i + 1] == '\\'))
            i++;
        out[length++] = line.ptr[i];
    }
    *text = (str){out, length};
    *at = i + 1;
    return i < line.len;
}

static bool read_tokens(struct parser *p, str line)
{
    p->count = p->at = 0;
    for (size_t at = 0; at < line.len;) {
        char c = line.ptr[at];
        if (c == ' ' || c == '\t') {
            at++;
            continue;
        }
        if (c == '#') break;
        if (p->count == TOKENS_MAX)
            return error_set(p->err, ERROR_LIMIT, "sis", p->file, (int64_t)TOKENS_MAX,
                             "words in a line");
        struct token *token = &p->tokens[p->count];
        size_t from = at;
        p->at = p->count;
        if (c == '"') {
            token->kind = TEXT;
            if (!read_text(p, line, &at, &token->text)) return expected(p, "a closing quote");
        } else if (c == ',') {
            *token = (struct token){COMMA, str_slice(line, at, at + 1)};
            at++;
        } else {
            while (at < line.len && strchr(" \t#\",", line.ptr[at]) == NULL) at++;
            token->text = str_slice(line, from, at);
            token->kind = c >= '0' && c <= '9' ? NUMBER : WORD;
            if (token->kind == WORD && !is_name(token->text)) {
                p->count++;
                return expected(p, "a name of small letters, digits and _");
            }
        }
        p->count++;
    }
    p->at = 0;
    return true;
}

/* --- pieces of a statement --- */

static bool take(struct parser *p, enum token_kind kind, const char *what, str *text)
{
    if (p->at >= p->count || p->tokens[p->at].kind != kind) return expected(p, what);
    *text = p->tokens[p->at++].text;
    return true;
}

static bool take_name(struct parser *p, const char *what, const char **name)
{
    str text;
    if (!take(p, WORD, what, &text)) return false;
    *name = str_dup(p->arena, text);
    return true;
}

static bool take_number(struct parser *p, const char *what, int *number)
{
    str text;
    int64_t value;
    if (!take(p, NUMBER, what, &text)) return false;
    p->at--;
    if (!num_parse_int(text, &value) || value < 1 || value > 9999) return expected(p, what);
    p->at++;
    *number = (int)value;
    return true;
}

static bool take_label(struct parser *p, struct flow_label *label)
{
    str en, zh, word;
    if (!take(p, TEXT, "a label in quotes", &en)) return false;
    if (p->at >= p->count || !str_is(p->tokens[p->at].text, "zh")) return expected(p, "zh \"…\"");
    if (!take(p, WORD, "zh", &word) || !take(p, TEXT, "the Chinese label in quotes", &zh))
        return false;
    *label = (struct flow_label){str_dup(p->arena, en), str_dup(p->arena, zh)};
    return true;
}

static bool take_names(struct parser *p, const char *what, struct names *names)
{
    if (names->count == 0) names->line = p->line;
    for (;;) {
        str name;
        if (!take(p, WORD, what, &name)) return false;
        for (size_t i = 0; i < names->count; i++)
            if (str_equal(names->items[i], name)) return twice(p, p->line, name);
        *ARENA_PUSH(p->arena, names->items, names->count, names->capacity) = name;
        if (p->at >= p->count) return true;
        if (p->tokens[p->at].kind != COMMA) return expected(p, "a comma or the end of the line");
        p->at++;
    }
}

static bool line_ends(struct parser *p)
{
    return p->at == p->count || expected(p, "the end of the line");
}

/* --- statements --- */

static bool read_flow(struct parser *p)
{
    if (p->flow->name != NULL) return twice(p, p->line, STR("flow"));
    p->in = IN_FLOW;
    return take_name(p, "the flow's name", &p->flow->name) &&
           take_number(p, "a version from 1", &p->flow->version) && line_ends(p);
}

static bool take_means(struct parser *p, const char **means)
{
    if (*means[0] != '\0') return twice(p, p->line, STR("means"));
    return take_name(p, "a word that says what it means", means);
}

/* One of three words; *at is its place. */
static bool take_tone(struct parser *p, const char *const words[3], const char *what, int *at)
{
    str word;
    if (!take(p, WORD, what, &word)) return false;
    for (*at = 0; *at < 3; ++*at)
        if (str_is(word, words[*at])) return true;
    p->at--;
    return expected(p, what);
}

static bool read_state_word(struct parser *p, struct flow_state *state)
{
    static const char *const looks[] = {"good", "warn", "bad"};
    str word = p->tokens[p->at++].text;
    int look;
    if (str_is(word, "start")) return state->start = true;
    if (str_is(word, "final")) return state->final = true;
    if (str_is(word, "path")) return state->path = true;
    if (str_is(word, "means")) return take_means(p, &state->means);
    if (!str_is(word, "tone")) {
        p->at--;
        return expected(p, "start, final, path, tone, means or the end of the line");
    }
    if (state->look != FLOW_PLAIN) return twice(p, p->line, word);
    if (!take_tone(p, looks, "good, warn or bad", &look)) return false;
    state->look = (enum flow_look)(FLOW_GOOD + look);
    return true;
}

static bool read_state(struct parser *p)
{
    struct flow_state state = {.line = p->line, .means = ""};
    p->in = IN_STATE;
    if (!take_name(p, "the state's name", &state.name)) return false;
    if (flow_find_state(p->flow, str_from(state.name)) != NULL)
        return twice(p, p->line, str_from(state.name));
    if (!take_label(p, &state.label)) return false;
    while (p->at < p->count)
        if (!read_state_word(p, &state)) return false;
    *ARENA_PUSH(p->arena, p->flow->states, p->flow->states_count, p->states_capacity) = state;
    return true;
}

static bool read_transition(struct parser *p)
{
    struct flow_transition transition = {.line = p->line, .means = ""};
    p->in = IN_TRANSITION;
    if (!take_name(p, "the transition's name", &transition.name)) return false;
    if (flow_find_transition(p->flow, str_from(transition.name)) != NULL)
        return twice(p, p->line, str_from(transition.name));
    if (!take_label(p, &transition.label) || !line_ends(p)) return false;
    *ARENA_PUSH(p->arena, p->flow->transitions, p->flow->transitions_count,
                p->transitions_capacity) = transition;
    *ARENA_PUSH(p->arena, p->pending, p->pending_count, p->pending_capacity) = (struct pending){0};
    return true;
}

static bool read_flow_line(struct parser *p, str word)
{
    struct flow *flow = p->flow;
    if (str_is(word, "title")) {
        if (flow->title.en != NULL) return twice(p, p->line, word);
        return take_label(p, &flow->title) && line_ends(p);
    }
    if (str_is(word, "subject")) {
        if (flow->subject != NULL) return twice(p, p->line, word);
        return take_name(p, "the kind of subject", &flow->subject) && line_ends(p);
    }
    if (str_is(word, "source")) {
        str text;
        if (!take(p, TEXT, "a source in quotes", &text) || !line_ends(p)) return false;
        *ARENA_PUSH(p->arena, flow->sources, flow->sources_count, p->sources_capacity) =
            str_dup(p->arena, text);
        return true;
    }
    p->at = 0;
    return expected(p, "title, source or subject");
}

static bool read_roles(struct parser *p, struct flow_transition *transition)
{
    struct names names = {0};
    if (!take_names(p, "a role", &names)) return false;
    transition->roles = arena_array(p->arena, names.count, sizeof *transition->roles);
    transition->roles_count = names.count;
    for (size_t i = 0; i < names.count; i++)
        transition->roles[i] = str_dup(p->arena, names.items[i]);
    return true;
}

static bool read_need(struct parser *p, struct flow_transition *transition)
{
    str what;
    if (!take(p, WORD, "note, document or letter", &what)) return false;
    bool *need = str_is(what, "note")       ? &transition->needs_note
                 : str_is(what, "document") ? &transition->needs_document
                 : str_is(what, "letter")   ? &transition->needs_letter
                                            : NULL;
    if (need != NULL) return *need = true;
    p->at--;
    return expected(p, "note, document or letter");
}

static bool read_transition_line(struct parser *p, str word)
{
    static const char *const tones[] = {"forward", "back", "refuse"};
    struct flow_transition *transition = &p->flow->transitions[p->flow->transitions_count - 1];
    struct pending *pending = &p->pending[p->pending_count - 1];
    if (str_is(word, "from"))
        return pending->from.count > 0 ? twice(p, p->line, word)
                                       : take_names(p, "a state", &pending->from);
    if (str_is(word, "to")) {
        if (pending->to.count > 0) return twice(p, p->line, word);
        if (!take_names(p, "a state", &pending->to)) return false;
        return pending->to.count == 1 || expected(p, "one state");
    }
    if (str_is(word, "role"))
        return transition->roles_count > 0 ? twice(p, p->line, word) : read_roles(p, transition);
    if (str_is(word, "different_person_than"))
        return take_names(p, "a transition", &pending->different);
    if (str_is(word, "deadline")) {
        if (transition->deadline_days > 0) return twice(p, p->line, word);
        return take_number(p, "a number of working days", &transition->deadline_days) &&
               line_ends(p);
    }
    if (str_is(word, "needs")) return read_need(p, transition) && line_ends(p);
    if (str_is(word, "means")) return take_means(p, &transition->means) && line_ends(p);
    if (str_is(word, "tone")) {
        int tone;
        if (pending->has_tone) return twice(p, p->line, word);
        if (!take_tone(p, tones, "forward, back or refuse", &tone)) return false;
        transition->tone = (enum flow_tone)tone;
        pending->has_tone = true;
        return line_ends(p);
    }
    p->at = 0;
    return expected(p, "from, to, role, different_person_than, needs, deadline, tone or means");
}

static bool read_line(struct parser *p, str line)
{
    if (!read_tokens(p, line)) return false;
    if (p->count == 0) return true;
    bool indented = line.ptr[0] == ' ' || line.ptr[0] == '\t';
    str word;
    if (!take(p, WORD, "a statement", &word)) return false;
    if (indented) {
        if (p->in == IN_FLOW) return read_flow_line(p, word);
        if (p->in == IN_TRANSITION) return read_transition_line(p, word);
        p->at = 0;
        return expected(p, "a statement in the first column");
    }
    if (str_is(word, "flow")) return read_flow(p);
    p->at = 0;
    if (p->flow->name == NULL) return expected(p, "flow NAME VERSION first");
    p->at = 1;
    if (str_is(word, "state")) return read_state(p);
    if (str_is(word, "transition")) return read_transition(p);
    p->at = 0;
    return expected(p, "state or transition");
}

/* --- what the names name --- */

static bool no_name(struct parser *p, int line, const char *what, str name)
{
    return error_set(p->err, ERROR_FLOW_NAME, "sisS", p->file, (int64_t)line, what, name);
}

static bool resolve_transition(struct parser *p, struct flow_transition *transition,
                               struct pending *pending)
{
    p->line = transition->line;
    p->at = p->count = 0;
    if (pending->from.count == 0) return expected(p, "a line 'from' in this transition");
    if (pending->to.count == 0) return expected(p, "a line 'to' in this transition");
    if (transition->roles_count == 0) return expected(p, "a line 'role' in this transition");
    transition->from = arena_array(p->arena, pending->from.count, sizeof *transition->from);
    for (size_t i = 0; i < pending->from.count; i++) {
        const struct flow_state *state = flow_find_state(p->flow, pending->from.items[i]);
        if (state == NULL) return no_name(p, pending->from.line, "state", pending->from.items[i]);
        if (state->final)
            return error_set(p->err, ERROR_FLOW_FINAL, "sis", p->file, (int64_t)pending->from.line,
                             state->name);
        transition->from[transition->from_count++] = state;
    }
    transition->to = flow_find_state(p->flow, pending->to.items[0]);
    if (transition->to == NULL) return no_name(p, pending->to.line, "state", pending->to.items[0]);
    transition->different =
        arena_array(p->arena, pending->different.count + 1, sizeof *transition->different);
    for (size_t i = 0; i < pending->different.count; i++) {
        const struct flow_transition *other =
            flow_find_transition(p->flow, pending->different.items[i]);
        if (other == NULL)
            return no_name(p, pending->different.line, "transition", pending->different.items[i]);
        transition->different[transition->different_count++] = other;
    }
    return true;
}

static bool check_states(struct parser *p)
{
    struct flow *flow = p->flow;
    bool *reached = arena_array(p->arena, flow->states_count + 1, sizeof *reached);
    reached[flow->start - flow->states] = true;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < flow->transitions_count; i++) {
            const struct flow_transition *t = &flow->transitions[i];
            for (size_t j = 0; j < t->from_count; j++)
                if (reached[t->from[j] - flow->states] && !reached[t->to - flow->states])
                    more = reached[t->to - flow->states] = true;
        }
    }
    for (size_t i = 0; i < flow->states_count; i++) {
        const struct flow_state *state = &flow->states[i];
        bool left = state->final;
        for (size_t j = 0; j < flow->transitions_count; j++)
            if (flow_leads_from(&flow->transitions[j], state)) left = true;
        if (!reached[i])
            return error_set(p->err, ERROR_FLOW_UNREACHED, "sis", p->file, (int64_t)state->line,
                             state->name);
        if (!left)
            return error_set(p->err, ERROR_FLOW_STUCK, "sis", p->file, (int64_t)state->line,
                             state->name);
    }
    return true;
}

static bool is_on_path(const struct flow *flow, const struct flow_state *state)
{
    for (size_t i = 0; i < flow->path_count; i++)
        if (flow->path[i] == state) return true;
    return false;
}

/* The first transition that leads forward to a state that was not met yet. */
static const struct flow_state *find_next(const struct flow *flow, const struct flow_state *state)
{
    for (size_t i = 0; i < flow->transitions_count; i++) {
        const struct flow_transition *t = &flow->transitions[i];
        if (t->tone == FLOW_FORWARD && flow_leads_from(t, state) && !is_on_path(flow, t->to))
            return t->to;
    }
    return NULL;
}

/* The states marked path in their order; where none is, what the first transitions lead to. */
static void fill_path(struct parser *p)
{
    struct flow *flow = p->flow;
    flow->path = arena_array(p->arena, flow->states_count, sizeof *flow->path);
    for (size_t i = 0; i < flow->states_count; i++)
        if (flow->states[i].path) flow->path[flow->path_count++] = &flow->states[i];
    if (flow->path_count > 0) return;
    for (const struct flow_state *at = flow->start; at != NULL; at = find_next(flow, at))
        flow->path[flow->path_count++] = at;
}

static bool finish(struct parser *p)
{
    struct flow *flow = p->flow;
    p->at = p->count = 0;
    if (flow->name == NULL) return expected(p, "flow NAME VERSION");
    if (flow->title.en == NULL) return expected(p, "a line 'title' in the flow");
    if (flow->subject == NULL) return expected(p, "a line 'subject' in the flow");
    for (size_t i = 0; i < flow->states_count; i++) {
        if (!flow->states[i].start) continue;
        if (flow->start != NULL) return twice(p, flow->states[i].line, STR("start"));
        flow->start = &flow->states[i];
    }
    if (flow->start == NULL) return expected(p, "one state marked start");
    for (size_t i = 0; i < flow->transitions_count; i++)
        if (!resolve_transition(p, &flow->transitions[i], &p->pending[i])) return false;
    fill_path(p);
    return check_states(p);
}

const struct flow *flow_parse(struct arena *arena, const char *file, str text, struct error *err)
{
    struct parser p = {
        .arena = arena, .file = file, .err = err, .flow = ARENA_NEW(arena, struct flow)};
    str rest = text, line;
    p.flow->digest = digest_of(text);
    if (!utf8_valid(text)) {
        p.line = 1;
        (void)!expected(&p, "UTF-8");
        return NULL;
    }
    while (str_cut(&rest, '\n', &line)) {
        p.line++;
        if (str_ends(line, "\r")) line.len--;
        if (line.len > 0 && !read_line(&p, line)) return NULL;
    }
    return finish(&p) ? p.flow : NULL;
}
