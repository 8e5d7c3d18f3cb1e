/* The machine that runs flows/: files that say which states a case has and who may take it from one
 * to the next (doc/flow-language.md). It knows no flow, no organisation and no role of its own: the
 * room that opens a case says who acts and which of his roles count for it, and decides who may see
 * a case at all.
 *
 * Steps are append-only. Two people can't both act on what they saw: a step names the number of the
 * last step its author saw, and is refused when another came between. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "base/arena.h"
#include "base/date.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/id.h"
#include "store/store.h"

#define FLOW_NOTE_BYTES_MAX 8000
#define FLOW_FILE_BYTES_MAX ((size_t)256 << 10)

struct flow_label {
    const char *en, *zh;
};

enum flow_look { FLOW_PLAIN, FLOW_GOOD, FLOW_WARN, FLOW_BAD }; /* of a state, for pages */
enum flow_tone { FLOW_FORWARD, FLOW_BACK, FLOW_REFUSE };       /* of a transition */

struct flow_state {
    const char *name;
    struct flow_label label;
    bool start, final, path;
    enum flow_look look;
    const char *means; /* word that the room of the flow knows; "" when there is none */
    int line;
};

struct flow_transition {
    const char *name;
    struct flow_label label;
    const struct flow_state **from;
    size_t from_count;
    const struct flow_state *to;
    const char **roles;
    size_t roles_count;
    const struct flow_transition **different; /* whose last author may not take this one */
    size_t different_count;
    bool needs_note, needs_document, needs_letter;
    enum flow_tone tone;
    const char *means; /* as of a state */
    int deadline_days; /* working days in the state before; 0: none */
    int line;
};

struct flow {
    const char *name;
    int version;
    struct flow_label title;
    const char *subject; /* kind of thing that a case is about */
    const char **sources;
    size_t sources_count;
    struct flow_state *states;
    size_t states_count;
    struct flow_transition *transitions;
    size_t transitions_count;
    const struct flow_state *start;
    const struct flow_state **path; /* the way that a case takes when all goes well */
    size_t path_count;
    digest digest; /* of the file */
};

/* Reads and checks one flow. `file` is for messages. Errors FLOW_* with file and line. */
const struct flow *flow_parse(struct arena *arena, const char *file, str text,
                              struct error *err) NODISCARD;

struct flow_library;
struct flow_library *flow_library_new(struct arena *arena);
/* Adds all *.flow files of a folder. A file that can't be used (errors, or FLOW_VERSION: name and
 * version are there already) is left out and noted, so that one bad file stops nobody else. False
 * when the folder can't be read. */
bool flow_library_add_folder(struct flow_library *library, const char *path,
                             struct error *err) NODISCARD;
struct flow_problem {
    const char *file;
    struct error reason; /* names the file too */
};
/* The files that were left out, in the order in which they were met. */
size_t flow_library_problems(const struct flow_library *library, const struct flow_problem **list);
/* Error FLOW_VERSION when name and version are there already. */
bool flow_library_add(struct flow_library *library, const struct flow *flow,
                      struct error *err) NODISCARD;
/* The newest version, or the given one; NULL when there is none. */
const struct flow *flow_find(const struct flow_library *library, str name);
const struct flow *flow_find_version(const struct flow_library *library, str name, int version);
const struct flow_state *flow_find_state(const struct flow *flow, str name);
const struct flow_transition *flow_find_transition(const struct flow *flow, str name);

/* The first transition from a state with that meaning; NULL when there is none. */
const struct flow_transition *flow_find_meant(const struct flow *flow,
                                              const struct flow_state *from, const char *means);
bool flow_leads_from(const struct flow_transition *transition, const struct flow_state *state);

/* Who acts, with the roles that count for this case; the program itself is {0, {"system"}, 1}.
 * Whether a letter of authorisation covers the case is for the room to find out: one that does not
 * say so can't take a step that needs a letter. */
struct flow_actor {
    id64 person_id;
    const char *const *roles;
    size_t roles_count;
    bool has_letter;
};

struct flow_case {
    id64 org_id, case_id, subject_id;
    const struct flow *flow;
    const struct flow_state *state;
    int64_t step;                  /* number of the last step; 0 when it was just opened */
    int64_t opened_ms, entered_ms; /* entered: when it came into its state */
    id64 opened_by;
};

struct flow_step {
    int64_t number;
    const struct flow_transition *transition;
    const struct flow_state *from, *to;
    id64 person_id; /* 0: the program */
    int64_t at_ms;
    const char *note; /* "" when there is none */
};

/* Opens a case of the newest version in its start state. Error FLOW_UNKNOWN. */
bool flow_open_case(struct db *db, const struct flow_library *library, str flow_name, id64 org_id,
                    id64 subject_id, id64 person_id, id64 *case_id, struct error *err) NODISCARD;
/* Error FLOW_NO_CASE, or FLOW_UNKNOWN when its flow's version is not in the library. */
bool flow_read_case(struct db *db, struct arena *arena, const struct flow_library *library,
                    id64 org_id, id64 case_id, struct flow_case *out, struct error *err) NODISCARD;
/* Cases about a subject, the oldest first. */
bool flow_cases_of(struct db *db, struct arena *arena, const struct flow_library *library,
                   id64 org_id, str flow_name, id64 subject_id, struct flow_case **cases,
                   size_t *count, struct error *err) NODISCARD;
/* The organisations that have a case in a state that is not final, each once; cases of flows that
 * are not in the library are left out. */
bool flow_busy_orgs(struct db *db, struct arena *arena, const struct flow_library *library,
                    id64 **orgs, size_t *count, struct error *err) NODISCARD;
/* All its steps, the first first. */
bool flow_steps(struct db *db, struct arena *arena, const struct flow_case *the_case,
                struct flow_step **steps, size_t *count, struct error *err) NODISCARD;

/* The documents attached to a case, in the order in which they came. */
bool flow_documents(struct db *db, struct arena *arena, id64 org_id, id64 case_id, id64 **documents,
                    size_t *count, struct error *err) NODISCARD;

/* A transition that leads out of the case's state and that one of the actor's roles may take. */
struct flow_option {
    const struct flow_transition *transition;
    bool same_person; /* barred by four eyes; shown, but refused */
    bool no_letter;   /* barred as long as no letter of authorisation is in force; likewise */
    bool has_due;
    date due; /* last working day for it */
    bool overdue;
};
/* `now_ms` decides what is overdue. With actor NULL: of all roles, for deadlines and reminders. */
bool flow_options(struct db *db, struct arena *arena, const struct flow_case *the_case,
                  const struct flow_actor *actor, int64_t now_ms, struct flow_option **options,
                  size_t *count, struct error *err) NODISCARD;

struct flow_move {
    id64 org_id, case_id;
    str transition;
    int64_t step_seen; /* flow_case.step as the actor saw it; -1: whatever it is (system only) */
    str note;
    const id64 *documents; /* named with this step; they are attached to the case */
    size_t documents_count;
};
/* Takes the transition and notes the step. Errors FLOW_STALE (somebody acted in between),
 * FLOW_STATE, FLOW_ROLE, FLOW_SAME_PERSON, FLOW_LETTER, FLOW_NOTE, FLOW_DOCUMENT,
 * FLOW_NO_TRANSITION. *after may be NULL. */
bool flow_take(struct db *db, const struct flow_library *library, const struct flow_actor *actor,
               const struct flow_move *move, struct flow_case *after, struct error *err) NODISCARD;
/* Attaches a document without a step. Attaching twice is no error. */
bool flow_attach(struct db *db, id64 org_id, id64 case_id, id64 document_id, id64 person_id,
                 struct error *err) NODISCARD;

/* The last day of `working_days` after the day of `from_ms` (China's clock), Monday to Friday.
 * Public holidays are not known here: a deadline over them falls early, never late. */
date flow_due(int64_t from_ms, int working_days);

#endif
