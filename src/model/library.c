/* A library: the models and tables under its roots. It is filled once and then only read. */
#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "model/engine.h"

#define LIBRARY_BYTES_MAX ((size_t)2 << 30)
#define MODEL_FILES_MAX 5000
#define FOLDER_DEPTH_MAX 8

struct model_library *library_open_bare(const char *const *roots, size_t root_count,
                                        struct error *err)
{
    struct arena *arena = arena_open(LIBRARY_BYTES_MAX);
    struct model_library *library = ARENA_NEW(arena, struct model_library);
    library->arena = arena;
    library->roots = ARENA_NEW_ARRAY(arena, char *, root_count + 1);
    library->root_count = root_count;
    map_init(&library->file_cache, arena);
    intern_init(&library->texts, arena, NULL);
    intern_text(&library->texts, (str){"", 0});
    str atoms = {"", 0};
    bool found = false;
    struct buf *looked = buf_new(arena);
    for (size_t i = 0; i < root_count; i++) {
        library->roots[i] = arena_strdup(arena, roots[i]);
        buf_printf(looked, "%s%s", i == 0 ? "" : ", ", roots[i]);
        struct error ignored = {0};
        found = file_read(arena, arena_printf(arena, "%s/tables/units/atoms.csv", roots[i]),
                          MODEL_FILE_BYTES_MAX, &atoms, &ignored) ||
                found;
    }
    if (!found) {
        error_set(err, ERROR_MODEL_NO_ROOT, "s", buf_str(looked).ptr);
    } else if (unit_system_init(&library->units, arena, atoms, err)) {
        library->units_file = (struct model_table_file){"units/atoms.csv", atoms, digest_of(atoms)};
        return library;
    }
    arena_close(arena);
    return NULL;
}

void model_library_close(struct model_library *library)
{
    if (library != NULL) arena_close(library->arena);
}

struct model *library_parse_text(struct model_library *library, str path, str text, bool marked,
                                 struct model_diagnostics *diagnostics)
{
    struct model *model = ARENA_NEW(library->arena, struct model);
    model->library = library;
    model->arena = library->arena;
    model->units = &library->units;
    model->texts = &library->texts;
    model->path = str_copy(library->arena, path);
    model->text = str_copy(library->arena, text);
    model->diagnostics = diagnostics;
    model->info.valid_from.day = INT32_MIN;
    model->info.valid_to.day = INT32_MAX;
    map_init(&model->names, library->arena);
    map_init(&model->function_names, library->arena);
    map_init(&model->rests, library->arena);
    if (!utf8_valid(text)) {
        model_report(model, NULL, "encoding", "save the file as UTF-8", "The file is not UTF-8.");
        return NULL;
    }
    if (memchr(text.ptr, '\0', text.len) != NULL) {
        model_report(model, NULL, "encoding", NULL, "The file holds a zero byte.");
        return NULL;
    }
    model->tokens = text.len > MODEL_FILE_BYTES_MAX
                        ? NULL
                        : token_read(library->arena, model->text, &model->token_count);
    if (model->tokens == NULL) {
        model_report(model, NULL, "size", NULL, "The file is larger than a model may be.");
        return NULL;
    }
    if (marked) model->marks = arena_alloc(library->arena, model->token_count);
    model_parse(model);
    return model;
}

struct model *library_load_text(struct model_library *library, str path, str text,
                                struct model_diagnostics *diagnostics)
{
    struct model *model = library_parse_text(library, path, text, false, diagnostics);
    if (model == NULL) return NULL;
    model_check_names(model);
    if (model->errors == 0) model_compile(model);
    if (model->errors != 0) return NULL;
    model_fill_info(model);
    model->diagnostics = NULL;
    return model;
}

/* A later model of the same name and version takes the place of the earlier. */
static void add_model(struct model_library *library, struct model *model)
{
    for (size_t i = 0; i < library->count; i++)
        if (str_equal(library->models[i]->name, model->name) &&
            str_equal(library->models[i]->version, model->version)) {
            library->models[i] = model;
            return;
        }
    *ARENA_PUSH(library->arena, library->models, library->count, library->capacity) = model;
}

static bool read_model(struct model_library *library, const char *path, str *text,
                       struct model_diagnostics *diagnostics)
{
    struct error err = {0};
    if (file_read(library->arena, path, MODEL_FILE_BYTES_MAX, text, &err)) return true;
    struct model nobody = {.path = str_from(path), .diagnostics = diagnostics};
    model_report(&nobody, NULL, "file", NULL, "%s",
                 error_render(library->arena, &err, error_sentence(err.code)));
    return false;
}

bool model_library_add_file(struct model_library *library, const char *path,
                            const struct model **model, struct model_diagnostics *diagnostics)
{
    str text;
    *model = NULL;
    if (!read_model(library, path, &text, diagnostics)) return false;
    struct model *loaded = library_load_text(library, str_from(path), text, diagnostics);
    if (loaded == NULL) return false;
    add_model(library, loaded);
    *model = loaded;
    return true;
}

/* ---- folders: files are found first, then loaded, what is used before what uses it -------- */

struct pending {
    const char *path;
    str text, name, version;
    enum { PENDING_WAITING, PENDING_LOADING, PENDING_DONE } state;
    bool hidden; /* a later root has the same name and version */
};

/* The name and version of a file, from its first statement. */
static void read_head(struct pending *file)
{
    str rest = file->text, line, word;
    while (str_cut(&rest, '\n', &line)) {
        line = str_trim(line);
        if (str_starts(line, "\xEF\xBB\xBF")) line = str_slice(line, 3, line.len);
        if (line.len == 0 || line.ptr[0] == '#') continue;
        if (!str_starts(line, "model ")) return;
        line = str_trim(str_slice(line, 6, line.len));
        str_cut(&line, ' ', &file->name);
        line = str_trim(line);
        str_cut(&line, ' ', &word);
        file->version = word;
        return;
    }
}

static void find_files(struct model_library *library, const char *folder, int depth)
{
    char **names;
    size_t count;
    struct error err = {0};
    if (depth > FOLDER_DEPTH_MAX || !file_list(library->arena, folder, &names, &count, &err))
        return;
    for (size_t i = 0; i < count; i++) {
        char *path = arena_printf(library->arena, "%s/%s", folder, names[i]);
        struct stat status;
        if (lstat(path, &status) != 0) continue; /* links are not followed */
        if (S_ISDIR(status.st_mode)) find_files(library, path, depth + 1);
        if (!S_ISREG(status.st_mode) || !str_ends(str_from(names[i]), ".model") ||
            library->pending_count == MODEL_FILES_MAX)
            continue;
        struct pending file = {.path = path};
        if (!read_model(library, path, &file.text, library->diagnostics)) continue;
        read_head(&file);
        for (size_t k = 0; k < library->pending_count; k++) {
            struct pending *other = &library->pending[k];
            if (str_equal(other->name, file.name) && str_equal(other->version, file.version))
                other->hidden = true;
        }
        *ARENA_PUSH(library->arena, library->pending, library->pending_count,
                    library->pending_capacity) = file;
    }
}

static void load_pending(struct model_library *library, struct pending *file)
{
    file->state = PENDING_LOADING;
    struct model *model =
        library_load_text(library, str_from(file->path), file->text, library->diagnostics);
    file->state = PENDING_DONE;
    if (model == NULL) return;
    /* What a later root replaces serves only when the replacement is broken. */
    if (!file->hidden ||
        model_library_find_version(library, model->info.name, model->info.version) == NULL)
        add_model(library, model);
}

enum library_found library_find_used(struct model_library *library, str name, str version,
                                     bool on_day, int32_t day, const struct model **model)
{
    for (int hidden = 0; hidden <= 1; hidden++)
        for (size_t i = 0; i < library->pending_count; i++) {
            struct pending *file = &library->pending[i];
            if (file->hidden != (hidden == 1) || !str_equal(file->name, name) ||
                (!on_day && !str_equal(file->version, version)))
                continue;
            if (file->state == PENDING_LOADING) return LIBRARY_CYCLE;
            if (file->state == PENDING_WAITING) load_pending(library, file);
        }
    const char *asked = str_dup(library->arena, name);
    *model = on_day ? model_library_find(library, asked, (date){day})
                    : model_library_find_version(library, asked, str_dup(library->arena, version));
    return *model == NULL ? LIBRARY_ABSENT : LIBRARY_FOUND;
}

struct model_library *model_library_open(const char *const *roots, size_t root_count,
                                         struct model_diagnostics *diagnostics, struct error *err)
{
    struct model_library *library = library_open_bare(roots, root_count, err);
    if (library == NULL) return NULL;
    library->diagnostics = diagnostics;
    for (size_t i = 0; i < root_count; i++)
        find_files(library, arena_printf(library->arena, "%s/models", roots[i]), 0);
    for (int hidden = 0; hidden <= 1; hidden++)
        for (size_t i = 0; i < library->pending_count; i++)
            if (library->pending[i].state == PENDING_WAITING &&
                library->pending[i].hidden == (hidden == 1))
                load_pending(library, &library->pending[i]);
    library->pending_count = 0;
    library->diagnostics = NULL;
    return library;
}

size_t model_library_count(const struct model_library *library)
{
    return library->count;
}

const struct model *model_library_at(const struct model_library *library, size_t index)
{
    return index < library->count ? library->models[index] : NULL;
}

/* 2013.1 before 2013.10: runs of digits compare as numbers. */
static int compare_versions(str a, str b)
{
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        unsigned long long x = 0, y = 0;
        bool digits = a.ptr[i] >= '0' && a.ptr[i] <= '9' && b.ptr[j] >= '0' && b.ptr[j] <= '9';
        if (!digits) {
            if (a.ptr[i] != b.ptr[j]) return a.ptr[i] < b.ptr[j] ? -1 : 1;
            i++;
            j++;
            continue;
        }
        for (; i < a.len && a.ptr[i] >= '0' && a.ptr[i] <= '9'; i++)
            x = x * 10 + (unsigned)(a.ptr[i] - '0');
        for (; j < b.len && b.ptr[j] >= '0' && b.ptr[j] <= '9'; j++)
            y = y * 10 + (unsigned)(b.ptr[j] - '0');
        if (x != y) return x < y ? -1 : 1;
    }
    return (i < a.len) - (j < b.len);
}

const struct model *model_library_find(const struct model_library *library, const char *name,
                                       date on)
{
    const struct model *best = NULL;
    for (size_t i = 0; i < library->count; i++) {
        const struct model *model = library->models[i];
        if (!str_is(model->name, name) || on.day < model->info.valid_from.day ||
            on.day > model->info.valid_to.day)
            continue;
        bool newer = best == NULL || model->info.valid_from.day > best->info.valid_from.day ||
                     (model->info.valid_from.day == best->info.valid_from.day &&
                      compare_versions(model->version, best->version) > 0);
        if (newer) best = model;
    }
    return best;
}

const struct model *model_library_find_version(const struct model_library *library,
                                               const char *name, const char *version)
{
    for (size_t i = 0; i < library->count; i++)
        if (str_is(library->models[i]->name, name) && str_is(library->models[i]->version, version))
            return library->models[i];
    return NULL;
}

bool model_unit_convert(const struct model_library *library, double value, str from, str to,
                        double *result, struct error *err)
{
    struct unit_system *units = (struct unit_system *)&library->units; /* parsed without growing */
    SCOPED(arena_close_scoped) struct arena *arena = arena_open(1 << 20);
    struct unit a, b;
    bool known = unit_parse_text(units, arena, from, false, (str){"", 0}, &a);
    if (!known || !unit_parse_text(units, arena, to, false, (str){"", 0}, &b)) {
        str bad = known ? to : from;
        return error_set(err, ERROR_MODEL_UNIT_UNKNOWN, "SS", bad, unit_nearest(units, bad));
    }
    if (!unit_same_dimension(&a, &b))
        return error_set(err, ERROR_MODEL_UNIT_DIMENSION, "SsSs", from,
                         unit_describe(arena, units, &a), to, unit_describe(arena, units, &b));
    *result = value * unit_ratio(&a, &b);
    return true;
}
